"""Conditions of statements, by the operators that are understood.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Set operators for
multi-valued context keys".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..request import Unsupported
from .matching import Matches, arn_matcher, matcher

Values = str | tuple[str, ...]
"""Of a key of the request; a tuple where it has several at once."""
Context = Mapping[str, Values]
"""What is known of a request beside action and resource, by the condition key."""

_IF_EXISTS = "IfExists"
_EACH, _SOME = "ForAllValues:", "ForAnyValue:"


def _exact(values: Sequence[str], _source: str, _where: str) -> Matches:
    return frozenset(values).__contains__


def _without_case(values: Sequence[str], _source: str, _where: str) -> Matches:
    found = {value.lower() for value in values}
    return lambda text: text.lower() in found


_Maker = Callable[[Sequence[str], str, str], Matches]
_POSITIVE: Mapping[str, _Maker] = {
    "StringEquals": _exact,
    "StringEqualsIgnoreCase": _without_case,
    "StringLike": matcher,
    "ArnEquals": arn_matcher,
    "ArnLike": arn_matcher,
    "Bool": _without_case,
}
_NEGATIVE: Mapping[str, _Maker] = {
    "StringNotEquals": _exact,
    "StringNotEqualsIgnoreCase": _without_case,
    "StringNotLike": matcher,
    "ArnNotEquals": arn_matcher,
    "ArnNotLike": arn_matcher,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator on one key."""

    source: str
    operator: str
    key: str
    """In small letters: names of keys are not told apart by case."""
    matches: Matches
    negative: bool
    prefix: str
    if_exists: bool

    def holds(self, context: Context) -> bool:
        """Return whether the request meets it; ``context`` has its keys in small letters.

        Raises:
            Unsupported: the key has several values, which the operator is not made for.
        """
        found = context.get(self.key, ())
        values = (found,) if isinstance(found, str) else found
        if not values:
            return self.if_exists or self.prefix == _EACH or (self.negative and not self.prefix)
        if len(values) > 1 and not self.prefix:
            why = f"{self.key} has {len(values)} values; only {_EACH} and {_SOME} compare them"
            raise Unsupported(self.source, self.operator, why)
        met = (self.matches(value) is not self.negative for value in values)
        return any(met) if self.prefix == _SOME else all(met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The operator ``Null`` on one key."""

    key: str
    absent: bool

    def holds(self, context: Context) -> bool:
        """Return whether the key is missing, or is there, as it should."""
        return (not context.get(self.key)) is self.absent


def conditions(written: Mapping[str, Any], source: str) -> tuple[Condition | Absent, ...]:
    """Return the conditions of a statement; all have to hold.

    Raises:
        Unsupported: an operator or a value is not understood.
    """
    return tuple(
        _condition(operator, key, _texts(value), source)
        for operator, keys in written.items()
        for key, value in keys.items()
    )


def _condition(operator: str, key: str, values: Sequence[str], source: str) -> Condition | Absent:
    where = f"Condition.{operator}.{key}"
    if operator == "Null":
        if len(values) != 1 or values[0] not in ("true", "false"):
            raise Unsupported(source, where, f"{values!r} is neither true nor false")
        return Absent(key=key.lower(), absent=values[0] == "true")
    prefix = next((one for one in (_EACH, _SOME) if operator.startswith(one)), "")
    name = operator.removeprefix(prefix).removesuffix(_IF_EXISTS)
    make = _POSITIVE.get(name) or _NEGATIVE.get(name)
    if make is None:
        raise Unsupported(source, where, "the operator is not understood")
    if any("${" in value for value in values):
        raise Unsupported(source, where, f"{values!r} holds a policy variable")
    return Condition(
        source=source,
        operator=where,
        key=key.lower(),
        matches=make(values, source, where),
        negative=name in _NEGATIVE,
        prefix=prefix,
        if_exists=operator.endswith(_IF_EXISTS),
    )


def _texts(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in entries]
