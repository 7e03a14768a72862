"""Patterns of policies: ``*`` stands for any characters, ``?`` for one."""

import re
from collections.abc import Callable, Iterable

from ..request import Unsupported

Matches = Callable[[str], bool]
# Every other character of a pattern means itself.
_WILD = {"*": ".*", "?": "."}
# arn, partition, service, region, account, resource: colons may stand in the last.
_ARN_PARTS = 6


def matcher(patterns: Iterable[str], source: str, where: str, *, fold: bool = False) -> Matches:
    """Return what tells whether a text is matched by any of the patterns.

    In the resource of a statement a ``*`` also stands for colons and slashes, wherever it is.

    Args:
        patterns: as they stand in a policy.
        source: what the policy is called.
        where: the element that they stand in.
        fold: whether capitals and small letters are one.

    Raises:
        Unsupported: a pattern holds a policy variable.
    """
    exact: set[str] = set()
    wild: list[str] = []
    for pattern in patterns:
        if "${" in pattern:
            raise Unsupported(source, where, f"{pattern!r} holds a policy variable")
        written = pattern.lower() if fold else pattern
        if any(sign in written for sign in _WILD):
            wild.append("".join(_WILD.get(sign) or re.escape(sign) for sign in written))
        else:
            exact.add(written)
    expression = re.compile("|".join(wild), re.DOTALL) if wild else None

    def matches(text: str) -> bool:
        asked = text.lower() if fold else text
        return asked in exact or (expression is not None and bool(expression.fullmatch(asked)))

    return matches


def arn_matcher(patterns: Iterable[str], source: str, where: str) -> Matches:
    """Return what tells whether an ARN is matched by any, each of its six parts by itself.

    Raises:
        Unsupported: a pattern is no ARN, or holds a policy variable.
    """
    wanted: list[list[Matches]] = []
    for pattern in patterns:
        parts = pattern.split(":", _ARN_PARTS - 1)
        if len(parts) != _ARN_PARTS:
            raise Unsupported(source, where, f"{pattern!r} is not an ARN")
        wanted.append([matcher([part], source, where) for part in parts])

    def matches(text: str) -> bool:
        parts = text.split(":", _ARN_PARTS - 1)
        return len(parts) == _ARN_PARTS and any(
            all(match(part) for match, part in zip(one, parts, strict=True)) for one in wanted
        )

    return matches
