"""Whether the conditions of a policy's statement hold, as far as the local AWS can tell."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

# The keys that the local AWS knows of a request, in small letters, with their values.
Known = Mapping[str, str]
Compare = Callable[[str, str], bool]


def like(pattern: str, text: str) -> bool:
    """Compare with a pattern: `*` and `?` alone mean something there."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _arn_like(pattern: str, text: str) -> bool:
    # A star reaches to the next colon and no further, save in the last of the six parts.
    parts, patterns = text.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(map(like, patterns, parts))


def _same(wanted: str, text: str) -> bool:
    return wanted == text


def _same_letters(wanted: str, text: str) -> bool:
    return wanted.lower() == text.lower()


OPERATORS: dict[str, Compare] = {
    "Bool": _same_letters,
    "StringEquals": _same,
    "StringLike": like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
}
NEGATED: dict[str, Compare] = {
    "StringNotEquals": _same,
    "StringNotLike": like,
    "ArnNotEquals": _arn_like,
    "ArnNotLike": _arn_like,
}


def hold(conditions: Mapping[str, Mapping[str, Any]], known: Known) -> bool:
    """Tell whether all conditions of a statement are sure to hold.

    A condition on a key that is not known, or with another operator, is none that is sure to hold:
    its statement counts neither for a refusal nor for a permission.
    """
    return all(
        _holds(operator.removesuffix("IfExists"), known.get(key.lower()), _texts(wanted))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, text: str | None, wanted: Iterable[str]) -> bool:
    if text is None:
        return False
    if operator in NEGATED:
        return not any(NEGATED[operator](item, text) for item in wanted)
    return operator in OPERATORS and any(OPERATORS[operator](item, text) for item in wanted)


def _texts(wanted: Any) -> list[str]:
    # JSON has a `true` of its own, which policies write as a text or without quotes.
    values = wanted if isinstance(wanted, list) else [wanted]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
