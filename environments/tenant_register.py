"""The register: every tenant that was given a place, so that none goes, or is renamed, by accident.

Names of namespaces, roles and paths of secrets are made of a tenant's, and what is called so holds
data. Files of tenants come and go with a commit; the register says what was meant to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from modules.core.config import Config, located_problems
from modules.core.service_words import NamespaceName
from modules.core.tenants import Tenant, TenantName

from pydantic import Field, ValidationError

from .known_tenants import Knows
from .settings_document import Document, UnreadableError
from .tenant_files import TenantFile
from .tenant_yaml import LARGEST, read

FILE = Path(__file__).parent / "register.yaml"
_HEAD = """\
# Every tenant that was given a place, with its namespaces. `ekp tenants new`, `register` and
# `delete` write it; a tenant that goes or changes its name without them is refused.
"""

Given = Mapping[str, tuple[str, ...]]
"""Namespaces by the tenant's name."""


class Register(Config):
    """What the register says."""

    tenants: Mapping[TenantName, Annotated[tuple[NamespaceName, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """The register's file, as far as it could be read."""

    shown: str
    document: Document | None
    given: Given | None
    """None: it is wrong."""
    problems: tuple[str, ...]


def read_register(file: Path) -> RegisterFile:
    """Return what the register says, or what is wrong with it."""
    shown = f"{file.parent.name}/{file.name}"
    try:
        with file.open("rb") as opened:
            # A thousand tenants have room.
            document = read(opened.read(LARGEST + 1))
    except OSError as error:
        text = f"{shown}: cannot be read: {error.strerror}; bring it back from Git"
        return RegisterFile(shown, None, None, (text,))
    except UnreadableError as error:
        return RegisterFile(shown, None, None, (f"{shown}:{error.line}: {error.message}",))
    found = list(document.mistakes)
    given: Given | None = None
    try:
        given = dict(Register.model_validate(document.value).tenants)
    except ValidationError as error:
        found += [(one.loc, one.text) for one in located_problems(error, Register)]
    problems = tuple(
        f"{shown}:{document.line(loc)}: register{document.path(loc)}{text}" for loc, text in found
    )
    return RegisterFile(shown, document, None if found else given, problems)


def register_text(given: Given) -> str:
    """Return the register's file, tenants and namespaces in the order of their names."""
    lines = [f"  {name}: [{', '.join(sorted(given[name]))}]\n" for name in sorted(given)]
    return f"{_HEAD}tenants:{' {}' if not lines else ''}\n{''.join(lines)}"


def check_register(
    register: RegisterFile, files: Sequence[TenantFile], known: Knows
) -> Iterator[str]:
    """Yield what differs between the register and the tenants' files."""
    if register.given is None or register.document is None:
        return
    given, document = register.given, register.document
    there = {file.name for file in files}
    gone = [name for name in given if name not in there]
    read_files = [(file, known(file.written).tenant) for file in files if file.written is not None]
    fresh = [tenant for file, tenant in read_files if file.name not in given]
    heirs = {name: _heirs(given[name], fresh) for name in gone}
    for name, names in heirs.items():
        place = f"{register.shown}:{document.line(('tenants', name))}: tenants.{name}"
        if names:
            yield (
                f"{place}: has no file any more, and {' and '.join(names)} is new: a tenant is "
                "never renamed, since namespaces, roles and paths of secrets are called by its "
                f"name; call file and tenant {name} again, or give the new one namespaces of its "
                f"own, move the services there, and then run `ekp tenants delete {name}`"
            )
        else:
            yield (
                f"{place}: has no file any more; bring {name}.yaml back from Git, or run `ekp "
                f"tenants delete {name}`"
            )
    heirs_of_all = {name for names in heirs.values() for name in names}
    for file, tenant in read_files:
        if file.name in given:
            yield from _namespaces(file, tenant, given)
        elif file.name not in heirs_of_all:
            yield file.message(
                ("name",),
                f" = {file.name!r}: is not in {register.shown}; run `ekp tenants register "
                f"{file.name}`",
            )


def _heirs(spaces: Sequence[str], fresh: Sequence[Tenant]) -> tuple[str, ...]:
    """Return the new tenants that may be an old one: those with its namespaces, else any."""
    sharing = [tenant.name for tenant in fresh if set(tenant.spaces) & set(spaces)]
    return tuple(sharing or [tenant.name for tenant in fresh])


def _namespaces(file: TenantFile, tenant: Tenant, given: Given) -> Iterator[str]:
    had = given[file.name]
    for space in tenant.spaces:
        owner = next((name for name, spaces in given.items() if space in spaces), None)
        if owner is None:
            yield file.message(
                ("namespaces",),
                f": {space!r} is not in the register; run `ekp tenants register {file.name}`",
            )
        elif owner != file.name:
            yield file.message(
                ("namespaces",), f": {space!r} was given to {owner}; use one of the tenant's own"
            )
    for space in had:
        if space not in tenant.spaces:
            yield file.message(
                ("namespaces",),
                f" lacks {space!r}, which the tenant was given: clusters would keep it, and all in "
                "it, without an owner; put it back, or, once it holds nothing that is needed, run "
                f"`ekp tenants register {file.name} --without {space}`",
            )
