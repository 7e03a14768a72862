"""A copy of the tenants in which a change is judged before it is made."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modules.core.tenants import Tenant

import main
from ekp.runner import files
from ekp.runner.errors import NotWritableError
from ekp.synth import InvalidSettingsError
from environments import SettingsError, load, tenant_files, tenant_register
from environments.known_tenants import known
from environments.schema import Environment
from environments.tenant_files import read_tenants
from environments.tenant_register import Given, read_register, register_text


@dataclass(frozen=True, slots=True)
class Trial:
    """The files of all tenants, and the register, in a folder that goes again."""

    folder: Path
    register: Path

    def file(self, name: str) -> Path:
        """Return where a tenant's file is in the copy."""
        return self.folder / f"{name}{tenant_files.SUFFIX}"

    def given(self) -> Given:
        """Return what the register of the copy says.

        Raises:
            InvalidSettingsError: it is wrong.
        """
        found = read_register(self.register)
        if found.given is None:
            raise InvalidSettingsError(found.problems)
        return found.given

    def give(self, given: Given) -> None:
        """Write the register of the copy."""
        self.register.write_text(register_text(given), encoding="utf-8")

    def known(self, name: str) -> Tenant | None:
        """Return a tenant as far as its file is right; None: it has none that could be read."""
        file = next((one for one in read_tenants(self.folder) if one.name == name), None)
        return known(file.written).tenant if file and file.written is not None else None

    def take_up(self, name: str, *, without: tuple[str, ...] = ()) -> None:
        """Write a tenant's namespaces, as its file has them, into the copy's register.

        Namespaces of the register stay, but for those ``without``.
        """
        tenant = self.known(name)
        spaces = tenant.spaces if tenant is not None else (name,)
        given = self.given()
        kept = (space for space in given.get(name, ()) if space not in without)
        self.give({**given, name: tuple(dict.fromkeys((*kept, *spaces)))})

    def load(self) -> tuple[Mapping[str, Environment], tuple[str, ...]]:
        """Return the environments as they would be, and warnings.

        Raises:
            InvalidSettingsError: something would be wrong.
        """
        return _load(self.folder, self.register)

    def keep(self, name: str) -> None:
        """Make the change: the tenant's file, or that it has none, and the register.

        Raises:
            NotWritableError: nothing has changed.
        """
        there = tenant_files.FOLDER / self.file(name).name
        before = there.read_bytes() if there.is_file() else None
        after = self.file(name).read_bytes() if self.file(name).is_file() else None
        _put(there, after)
        try:
            _put(tenant_register.FILE, self.register.read_bytes())
        except NotWritableError:
            _put(there, before)
            raise


@contextmanager
def trial() -> Iterator[Trial]:
    """Yield a copy of the tenants as they are."""
    with tempfile.TemporaryDirectory(prefix="ekp-tenants-") as fresh:
        # Called as in the project, since messages name files by these paths.
        folder = Path(fresh, "environments", "tenants")
        folder.mkdir(parents=True)
        for file in tenant_files.FOLDER.glob("*.y*ml"):
            if file.is_file() and not file.name.startswith("."):
                shutil.copyfile(file, folder / file.name)
        register = folder.parent / "register.yaml"
        if tenant_register.FILE.is_file():
            shutil.copyfile(tenant_register.FILE, register)
        yield Trial(folder, register)


def load_environments() -> tuple[Mapping[str, Environment], tuple[str, ...]]:
    """Return the environments as they are, and warnings.

    Raises:
        InvalidSettingsError: something is wrong.
    """
    return _load(tenant_files.FOLDER, tenant_register.FILE)


def _load(folder: Path, register: Path) -> tuple[Mapping[str, Environment], tuple[str, ...]]:
    try:
        return load(main.today(), folder=folder, register=register)
    except SettingsError as error:
        raise InvalidSettingsError(error.problems) from error


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise NotWritableError(
                f"{path} cannot be removed: {error.strerror or error}.",
                remedy="Make its folder writable for this user.",
            ) from error
    elif not path.is_file() or path.read_bytes() != content:
        files.write(path, content)
        # It is committed, and read by whoever works here.
        path.chmod(0o644)
