"""What differs between a resource as it is and as it will be, attribute by attribute."""

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

LONGEST = 300
"""Characters of a value that are shown; of a longer one its length is told."""
MOST_LINES = 60
"""Lines of a text's differences that are shown."""
HIDDEN = "(sensitive)"
LATER = "(known after apply)"
ABSENT = "(not set)"

_EMPTY = {"", "[]", "{}"}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute that differs. ``lines`` tell a long text's differences instead of both."""

    path: Path
    before: str
    after: str
    lines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path as Terraform writes it, such as ``scaling_config[0].max_size``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.removeprefix(".")


class _Side(NamedTuple):
    """A value with the marks that Terraform keeps beside it, each of the value's own shape."""

    value: Any
    sensitive: Any = False
    unknown: Any = False

    def at(self, key: str | int) -> "_Side":
        return _Side(*(_part(one, key) for one in self))

    @property
    def plain(self) -> bool:
        return not (_marked(self.sensitive) or _marked(self.unknown))


def differences(change: dict[str, Any]) -> list[Attribute]:
    """Return what differs, from a ``change`` of a plan's JSON.

    No value that Terraform marks as sensitive, at whatever depth, is in what is returned.
    """
    before = _Side(change.get("before"), change.get("before_sensitive") or False)
    after = _Side(
        change.get("after"),
        change.get("after_sensitive") or False,
        change.get("after_unknown") or False,
    )
    keys = sorted({**(before.value or {}), **(after.value or {}), **_keys(after.unknown)})
    return [each for key in keys for each in _compare((key,), before.at(key), after.at(key))]


def contents(change: dict[str, Any], side: str) -> list[Attribute]:
    """Return what is set on one side (``before`` or ``after``) of a change; empty parts are not."""
    own = {name: part for name, part in change.items() if name.startswith(side)}
    return [one for one in differences(own) if not {one.before, one.after} & _EMPTY]


def _compare(path: Path, before: _Side, after: _Side) -> Iterator[Attribute]:
    # What is a secret on one side may have been the same one without a mark on the other.
    mark = _either(before.sensitive, after.sensitive)
    before, after = before._replace(sensitive=mark), after._replace(sensitive=mark)
    if mark is True:
        if before.value != after.value or after.unknown is True:
            yield Attribute(path, _shown(before), _shown(after))
        return
    if after.unknown is True:
        yield Attribute(path, _shown(before), LATER)
        return
    one, other = before.value, after.value
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({**one, **other, **_keys(after.unknown)}):
            yield from _compare((*path, key), before.at(key), after.at(key))
    elif isinstance(one, list) and isinstance(other, list):
        yield from _lists(path, before, after)
    elif one != other or _marked(after.unknown):
        yield from _whole(path, before, after)


def _lists(path: Path, before: _Side, after: _Side) -> Iterator[Attribute]:
    """Yield what differs between lists; Terraform writes sets as lists, so equal items cancel."""
    olds, news = list(range(len(before.value))), list(range(len(after.value)))
    for old in list(olds):
        for new in news:
            one, other = before.at(old), after.at(new)
            if other.plain and one.plain and one.value == other.value:
                olds.remove(old)
                news.remove(new)
                break
    if all(map(_short, (*before.value, *after.value))) and before.plain and after.plain:
        gone = ", ".join(str(before.value[old]) for old in olds)
        come = ", ".join(str(after.value[new]) for new in news)
        if gone or come:
            yield Attribute(path, _cut(gone or "nothing goes"), _cut(come or "nothing comes"))
        return
    for place in range(max(len(olds), len(news))):
        one = before.at(olds[place]) if place < len(olds) else _Side(None)
        other = after.at(news[place]) if place < len(news) else _Side(None)
        index = news[place] if place < len(news) else olds[place]
        yield from _compare((*path, index), one, other)


def _short(value: Any) -> bool:
    """Tell whether a list's item is best told whole."""
    if isinstance(value, str):
        return "\n" not in value and _parsed(value) is None
    return not isinstance(value, dict | list)


def _whole(path: Path, before: _Side, after: _Side) -> Iterator[Attribute]:
    one, other = before.value, after.value
    if isinstance(one, str) and isinstance(other, str):
        parsed = _parsed(one), _parsed(other)
        if None not in parsed:
            yield from _compare(path, _Side(parsed[0]), _Side(parsed[1]))
            return
        if "\n" in one or "\n" in other:
            yield Attribute(path, _shown(before), _shown(after), _lines(one, other))
            return
    yield Attribute(path, _shown(before), _shown(after))


def _parsed(text: str) -> Any:
    """Return the JSON document that a text is, such as a policy; None for any other text."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _lines(before: str, after: str) -> tuple[str, ...]:
    found = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[
        2:
    ]
    more = len(found) - MOST_LINES
    shown = tuple(_cut(line) for line in found[:MOST_LINES])
    return (*shown, f"({more} lines more)") if more > 0 else shown


def _shown(side: _Side) -> str:
    value = _redacted(side)
    if value is None:
        return ABSENT
    return _cut(value if isinstance(value, str) else json.dumps(value, sort_keys=True))


def _redacted(side: _Side) -> Any:
    """Return a value in which nothing sensitive is left."""
    if side.unknown is True:
        return LATER
    if side.sensitive is True:
        return None if side.value is None else HIDDEN
    if isinstance(side.value, dict):
        keys = {**side.value, **_keys(side.unknown)}
        return {key: _redacted(side.at(key)) for key in keys}
    if isinstance(side.value, list):
        return [_redacted(side.at(place)) for place in range(len(side.value))]
    return side.value


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS} ({len(text):,} characters)"


def _part(of: Any, key: str | int) -> Any:
    if isinstance(of, bool):
        # A mark on the whole is one on each part.
        return of
    if isinstance(of, dict):
        return of.get(key)
    if isinstance(of, Sequence) and not isinstance(of, str) and isinstance(key, int):
        return of[key] if key < len(of) else None
    return None


def _keys(mark: Any) -> dict[str, Any]:
    """Return what a mark says of parts that the value has not yet."""
    return (
        {key: part for key, part in mark.items() if part is True} if isinstance(mark, dict) else {}
    )


def _marked(mark: Any) -> bool:
    if isinstance(mark, dict):
        return any(map(_marked, mark.values()))
    if isinstance(mark, list):
        return any(map(_marked, mark))
    return bool(mark)


def _either(one: Any, other: Any) -> Any:
    """Return the marks of two sides in one: what one of them marks is marked."""
    if one is True or other is True:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _either(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        longest = max(len(one), len(other))
        return [_either(_part(one, place), _part(other, place)) for place in range(longest)]
    if one and other:
        # Marks of two shapes cannot be laid over each other: one secret hides the whole.
        return _marked(one) or _marked(other)
    return one or other or False
