"""The tenants' files: one YAML file each, read and validated by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.core.config import Problem, located_problems
from modules.core.tenants import Tenant

from pydantic import ValidationError

from .settings_document import Document, Loc, UnreadableError
from .tenant_yaml import LARGEST, read

FOLDER = Path(__file__).parent / "tenants"
SUFFIX = ".yaml"
# A file that is wrong all over is not read to its end by anybody.
_MOST = 50


@dataclass(frozen=True, slots=True)
class TenantFile:
    """A tenant's file, as far as it could be read."""

    shown: str
    """Its path as messages have it."""
    name: str
    """The tenant's, by the name of the file."""
    document: Document | None
    """None: it is no YAML that could be judged."""
    tenant: Tenant | None
    """None: its settings are wrong."""
    problems: tuple[str, ...]

    @property
    def written(self) -> Tenant | None:
        """The tenant as it is written down, right or wrong; None: nothing could be read."""
        if self.tenant is not None or self.document is None:
            return self.tenant
        said = {key: one for key, one in self.document.value.items() if key in Tenant.model_fields}
        return Tenant.model_construct(**{**said, "name": self.name})

    def message(self, loc: Loc, text: str) -> str:
        """Return a message about a setting: file, line and path before what is wrong."""
        if self.document is None:
            return f"{self.shown}:1: tenants.{self.name}{text}"
        path = self.document.path(loc)
        return f"{self.shown}:{self.document.line(loc)}: tenants.{self.name}{path}{text}"


def read_tenants(folder: Path) -> tuple[TenantFile, ...]:
    """Return the tenants of a folder, in the order of their names."""
    # Editors keep files of their own, with a dot before their names, beside those they show.
    files = sorted(file for file in folder.glob("*.y*ml") if not file.name.startswith("."))
    project = folder.parent.parent
    return tuple(_read(file, str(file.relative_to(project)), file.stem) for file in files)


def _read(file: Path, shown: str, name: str) -> TenantFile:
    if file.suffix != SUFFIX:
        text = f"{shown}:1: is not read; call it {file.stem}{SUFFIX}"
        return TenantFile(shown, name, None, None, (text,))
    try:
        document = read(_content(file))
    except OSError as error:
        text = f"{shown}: cannot be read: {error.strerror}; make it a file that this user may read"
        return TenantFile(shown, name, None, None, (text,))
    except UnreadableError as error:
        text = f"{shown}:{error.line}: tenants.{name} {error.message}"
        return TenantFile(shown, name, None, None, (text,))
    return _validated(shown, name, document)


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)


def _validated(shown: str, name: str, document: Document) -> TenantFile:
    document = _with_namespaces(document)
    tenant: Tenant | None = None
    found = list(document.mistakes)
    try:
        tenant = Tenant.model_validate(document.value)
    except ValidationError as error:
        said = {loc for loc, _ in found}
        located = located_problems(error, Tenant)
        found += [_worded(one, document) for one in located if one.loc not in said]
    called = document.value.get("name")
    if isinstance(called, str) and called != name:
        found.append(
            (
                ("name",),
                (
                    f" = {called!r}: the file is called {name}{SUFFIX}; call both the same (a "
                    "tenant is never renamed: make a new one beside it)"
                ),
            )
        )
    file = TenantFile(shown, name, document, None if found else tenant, ())
    messages = [file.message(loc, text) for loc, text in _in_order(found, document)]
    if len(messages) > _MOST:
        messages[_MOST:] = [f"{shown}: {len(messages) - _MOST} more errors; correct these first"]
    return TenantFile(shown, name, document, file.tenant, tuple(messages))


def _with_namespaces(document: Document) -> Document:
    """Fill in a service's namespace where the tenant has just one."""
    said, services = document.value.get("namespaces"), document.value.get("services")
    spaces = said or [document.value.get("name")]
    if not isinstance(services, list) or not isinstance(spaces, list) or len(spaces) != 1:
        return document
    filled: list[Any] = [
        {"namespace": spaces[0], **service} if isinstance(service, Mapping) else service
        for service in services
    ]
    return Document(
        {**document.value, "services": filled}, document.lines, document.words, document.mistakes
    )


def _worded(problem: Problem, document: Document) -> tuple[Loc, str]:
    """Return a problem as it is for somebody who wrote YAML."""
    word = document.word(problem.loc)
    if word is None or problem.kind in ("missing", "extra_forbidden"):
        return problem.loc, problem.text
    if problem.value is None:
        return problem.loc, ": nothing stands here; write a value, or {} for what is usual"
    if problem.kind == "string_type":
        taken = "a yes or no" if isinstance(problem.value, bool) else "a number"
        text = f" = {word}: YAML takes this for {taken}, it is text; write it in quotes"
        return problem.loc, f'{text}: "{word}"'
    return problem.loc, problem.text


def _in_order(found: list[tuple[Loc, str]], document: Document) -> list[tuple[Loc, str]]:
    return sorted(found, key=lambda one: document.line(one[0]))
