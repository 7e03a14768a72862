"""What a person wrote of a request, and how mistakes in it are gathered."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from .question import Entry

_Found = TypeVar("_Found")
_Other = TypeVar("_Other")


class BadQuestionError(Exception):
    """Words that make no question; ``problems`` has every mistake with its remedy."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a person wrote; the names are those of the options."""

    url: str
    place: str | None = None
    """``--from``: a country or an AWS region."""
    address: str | None = None
    method: str = "GET"
    headers: Sequence[str] = ()
    jwt: Path | None = None
    claims: str | None = None
    rate: str | None = None
    body_size: int = 0
    entry: Entry = Entry.NAME
    region: str | None = None
    out_of_service: Sequence[str] = ()


@dataclass
class Mistakes:
    """Reads one word after the other, and keeps what is wrong with each."""

    found: list[str] = field(default_factory=list)

    def read(self, what: str, make: Callable[[], _Found], otherwise: _Other) -> _Found | _Other:
        """Return what a word says; where it says nothing, something else in its place."""
        try:
            return make()
        except ValueError as error:
            self.found.append(f"{what} {error}")
            return otherwise
