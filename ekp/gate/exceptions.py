"""Exceptions as code: read, matched with findings, and judged themselves."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from modules.core.config import Config, located_problems

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from .errors import GateError
from .findings import Exemption, Finding, Use

LONGEST = timedelta(days=366)
"""How far ahead an exception may end: what nobody looked at for a year is not known any more."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _day(value: Any) -> Any:
    # A number is a moment to pydantic, which nobody means.
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is no day; write it as YYYY-MM-DD") from None


def _names(value: Any) -> Any:
    if value == "all":
        return ()
    if isinstance(value, list) and value:
        return value
    raise ValueError(f"{value!r} names no environments; write `all`, or their names as a list")


WILD = {"**": ".*", "*": "[^/]*"}


class Entry(Config):
    """One exception as the file has it.

    Attributes:
        check: Id of a check, checkov's or ours.
        path: Construct paths: ``*`` is a part of a segment, ``**`` any number of segments,
            ``{a,b}`` one of these texts.
        environments: Names of environments; ``all`` in the file, empty here.
        reason: Why it is right as it is, for somebody who reviews it.
        owner: Who answers for it.
        expires: The last day on which it holds, a year ahead at most.
        plan_only: Plans alone show the finding, such as a value that is known after it is made.
    """

    check: Annotated[str, Field(pattern=r"^(CKV2?_[A-Z0-9]+|EKP_[A-Z0-9]+)_\d+$")]
    path: Annotated[Text, Field(pattern=r"^[^{}]*(\{[^{}]+\}[^{}]*)*$")]
    environments: Annotated[tuple[Text, ...], BeforeValidator(_names)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]
    owner: Text
    expires: Annotated[date, BeforeValidator(_day)]
    plan_only: bool = False


class _File(Config):
    exceptions: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run of the gate looked at: environments, and those of them planned as a whole."""

    environments: frozenset[str]
    planned: frozenset[str]
    known: frozenset[str]
    """Every environment that there is."""


def load(file: Path) -> tuple[Exemption, ...]:
    """Return the exceptions of a file; there may be none.

    Raises:
        GateError: the file cannot be read, or an entry is wrong; with all errors at once.
    """
    # The package of the settings loads the bindings, which most commands do without.
    from environments.settings_document import UnreadableError  # noqa: PLC0415 - as said above
    from environments.tenant_yaml import read  # noqa: PLC0415 - as said above

    if not file.exists():
        return ()
    try:
        document = read(file.read_bytes())
    except OSError as error:
        raise _wrong([f"{file.name}: cannot be read: {error.strerror}"]) from error
    except UnreadableError as error:
        raise _wrong([f"{file.name}:{error.line}: {error.message}"]) from error
    problems = [(loc, text) for loc, text in document.mistakes]
    try:
        entries = _File.model_validate(document.value).exceptions
    except ValidationError as error:
        problems += [(one.loc, one.text) for one in located_problems(error, _File)]
        entries = ()
    if problems:
        raise _wrong(
            f"{file.name}:{document.line(loc)}: {document.path(loc).removeprefix('.')}{text}"
            for loc, text in sorted(problems, key=lambda one: document.line(one[0]))
        )
    return tuple(
        Exemption(
            check=entry.check,
            path=entry.path,
            environments=entry.environments,
            reason=" ".join(entry.reason.split()),
            owner=entry.owner,
            expires=entry.expires,
            plan_only=entry.plan_only,
            line=document.line(("exceptions", number)),
        )
        for number, entry in enumerate(entries)
    )


def explain(
    findings: Iterable[Finding], exemptions: Sequence[Exemption], day: date
) -> tuple[Finding, ...]:
    """Return the findings, each with the first exception that holds for it on a day."""
    valid = [one for one in exemptions if one.expires >= day]
    return tuple(
        replace(found, exemption=next((one for one in valid if _covers(one, found)), None))
        for found in findings
    )


def uses(findings: Collection[Finding], exemptions: Sequence[Exemption]) -> tuple[Use, ...]:
    """Return each exception with the number of findings that it explains."""
    return tuple(Use(one, sum(found.exemption is one for found in findings)) for one in exemptions)


def problems(
    findings: Collection[Finding],
    exemptions: Sequence[Exemption],
    *,
    scope: Scope,
    day: date,
) -> tuple[str, ...]:
    """Return what is wrong with the exceptions that concern a run, one line each."""
    found: list[str] = []
    for one in exemptions:
        where = _where(one)
        unknown = sorted(set(one.environments) - scope.known)
        if unknown:
            found.append(
                f"{where}: there is no environment {', '.join(unknown)}; "
                f"known: {', '.join(sorted(scope.known))}"
            )
        if not _concerns(one, scope):
            continue
        if one.expires < day:
            found.append(
                f"{where}: expired on {one.expires}; correct what it explains, or have its reason "
                "reviewed and give it a new date"
            )
            continue
        if one.expires > day + LONGEST:
            found.append(
                f"{where}: expires = {one.expires}: more than {LONGEST.days} days ahead; give it "
                "a date on which somebody looks at it again"
            )
        found += _unused(one, findings, scope)
    return tuple(found)


def unused(
    findings: Collection[Finding],
    exemptions: Sequence[Exemption],
    *,
    scope: Scope,
    day: date,
) -> tuple[str, ...]:
    """Return the problems of those alone that are valid and explain nothing."""
    return tuple(
        line
        for one in exemptions
        if one.expires >= day and _concerns(one, scope)
        for line in _unused(one, findings, scope)
    )


def _unused(one: Exemption, findings: Collection[Finding], scope: Scope) -> Iterable[str]:
    where = _where(one)
    judged = scope.planned if one.plan_only else scope.environments
    met = {found.subject.environment for found in findings if found.exemption is one}
    if not one.environments:
        if not met and judged == scope.known:
            yield f"{where}: explains nothing; remove it"
        return
    empty = sorted((set(one.environments) & judged) - met)
    if empty and not met and judged >= set(one.environments):
        yield f"{where}: explains nothing; remove it"
    elif empty:
        yield f"{where}: explains nothing in {', '.join(empty)}; take that out of environments"


def _where(one: Exemption) -> str:
    return f"exceptions.yaml:{one.line}: {one.check} at {one.path}"


def _concerns(one: Exemption, scope: Scope) -> bool:
    return not one.environments or bool(scope.environments.intersection(one.environments))


def _covers(one: Exemption, found: Finding) -> bool:
    return (
        one.check == found.check
        and (not one.environments or found.subject.environment in one.environments)
        and _pattern(one.path).fullmatch(found.subject.path) is not None
    )


@lru_cache(maxsize=1000)
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("".join(map(_expression, re.split(r"(\*\*|\*|\{[^{}]*\})", path))))


def _expression(part: str) -> str:
    if part in WILD:
        return WILD[part]
    if part.startswith("{"):
        return f"(?:{'|'.join(map(re.escape, part[1:-1].split(',')))})"
    return re.escape(part)


def _wrong(lines: Iterable[str]) -> GateError:
    return GateError(
        "\n".join(lines),
        remedy="docs/policies.md shows what an exception must say; nothing was judged.",
    )
