"""Words of a condition, and the parts that it is made of."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from ekp.evaluate.request import Unsupported

Result = Sequence[float] | float
"""What a provider measured: a vector's values, or one number."""
Value = Sequence[float] | float | bool

_TOKENS = re.compile(
    r"(?P<number>\d+(?:\.\d*)?)(?![\w.])|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>&&|\|\||[<>=!]=|[<>!()\[\],-])"
)
_WORDS = {"and": "&&", "or": "||", "not": "!"}
ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
EQUAL = ("==", "!=")


class ConditionError(ValueError):
    """What Argo Rollouts cannot evaluate: the measurement is an error, neither good nor bad."""


class Kind(Enum):
    """What a part is, in the words of messages."""

    NUMBER = "a number"
    BOOL = "true or false"
    VECTOR = "a vector"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a condition. Kinds are checked before anything is evaluated, as there."""

    kind: Kind
    value: Callable[[], Value]

    def number(self, where: str) -> float:
        """Return its value where that is a number.

        Raises:
            ConditionError: it is none.
        """
        found = self.value()
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise ConditionError(f"{where} takes a number")
        return found


def tokens(condition: str) -> list[str]:
    """Return a condition's words and signs; ``and`` is ``&&``.

    Raises:
        Unsupported: something in it is none.
    """
    found, place = [], 0
    while place < len(condition):
        if condition[place].isspace():
            place += 1
            continue
        match = _TOKENS.match(condition, place)
        if match is None:
            raise Unsupported(f"condition {condition!r}", condition[place:], "is not understood")
        found.append(_WORDS.get(match[0], match[0]))
        place = match.end()
    return found
