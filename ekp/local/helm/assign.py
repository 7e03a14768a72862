"""`set` as Helm takes it: ``outer.inner[0].name=value,other={a,b}`` assigned into values."""

from typing import Any

from .failure import RefusedError

# https://github.com/helm/helm/blob/v3.18.4/pkg/strvals/parser.go
LONGEST_INDEX = 65536
DEEPEST_NAME = 30


def assign(values: dict[str, Any], line: str, *, text: bool) -> None:
    """Assign each ``name=value`` of a line; with ``text`` every value stays a string.

    Raises:
        RefusedError: the line cannot be read, or leads through what is no mapping and no list.
    """
    rest = _Rest(line, text=text)
    try:
        while not rest.ended:
            rest.assign_to(values, 0)
    except (TypeError, ValueError) as error:
        raise RefusedError("Failed parsing value", f"Failed parsing {line!r}: {error}") from error


def typed(word: str) -> Any:
    """Return what an unquoted value means: a truth value, null, a whole number, else text."""
    match word.lower():
        case "true":
            return True
        case "false":
            return False
        case "null":
            return None
        case "0":
            return 0
    # A leading zero keeps the word a text: "007" is nobody's number.
    if word[:1] != "0" and word.removeprefix("-").removeprefix("+").isascii():
        digits = word[1:] if word[:1] in {"-", "+"} else word
        if digits.isdigit() and abs(int(word)) < 2**63:
            return int(word)
    return word


class _Rest:
    """What of a line is still to be read."""

    def __init__(self, line: str, *, text: bool) -> None:
        self._line = line
        self._text = text
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._line)

    def assign_to(self, target: dict[str, Any], depth: int) -> None:
        name, last = self._until("=[,.")
        match last:
            case "":
                raise ValueError(f"key {name!r} has no value")
            case ",":
                raise ValueError(f"key {name!r} has no value (cannot end with ,)")
            case "=":
                value: Any = self._value()
            case "[":
                found = target.get(name, [])
                if not isinstance(found, list):
                    raise TypeError(f"{name!r} is no list")
                value = self._item(found, self._index(), depth)
            case _:
                if depth == DEEPEST_NAME:
                    raise ValueError(f"names nest deeper than {DEEPEST_NAME}")
                value = target.get(name, {})
                if not isinstance(value, dict):
                    raise TypeError(f"{name!r} is no mapping")
                self.assign_to(value, depth + 1)
                if not value:
                    raise ValueError(f"key map {name!r} has no value")
        if name:
            target[name] = value

    def _item(self, items: list[Any], index: int, depth: int) -> list[Any]:
        name, last = self._until("[.=")
        if name:
            raise ValueError(f"unexpected data at end of array index: {name!r}")
        found = items[index] if index < len(items) else None
        match last:
            case "=":
                value: Any = self._value()
            case "[":
                value = self._item(found if isinstance(found, list) else [], self._index(), depth)
            case ".":
                value = found if isinstance(found, dict) else {}
                self.assign_to(value, depth)
            case _:
                return items
        before = [*items[:index], *([None] * (index - len(items)))]
        return [*before, value, *items[index + 1 :]]

    def _index(self) -> int:
        text, last = self._until("]")
        if not last or not text.removeprefix("-").isdigit():
            raise ValueError(f"error parsing index: {text!r} is no number in [ ]")
        index = int(text)
        if not 0 <= index <= LONGEST_INDEX:
            raise ValueError(f"index {index} is not between 0 and {LONGEST_INDEX}")
        return index

    def _value(self) -> Any:
        if self._line[self._at : self._at + 1] != "{":
            return self._meaning(self._until(",")[0]) if not self.ended else ""
        self._at += 1
        found: list[Any] = []
        while True:
            word, last = self._until(",}")
            if not last:
                raise ValueError("list must terminate with '}'")
            found.append(self._meaning(word))
            if last == "}":
                self._at += self._line[self._at : self._at + 1] == ","
                return found

    def _meaning(self, word: str) -> Any:
        return word if self._text else typed(word)

    def _until(self, stops: str) -> tuple[str, str]:
        """Return the text before the first of the stops, and that one; a backslash hides one."""
        word = ""
        while not self.ended:
            letter = self._line[self._at]
            self._at += 1
            if letter in stops:
                return word, letter
            if letter == "\\":
                letter = self._line[self._at : self._at + 1]
                self._at += 1
            word += letter
        return word, ""
