"""Patterns of AppProjects, as far as they are stars and question marks."""

import re

from .request import Object, Unsupported

# Classes, alternatives and escapes of the two libraries differ from each other.
_OTHER = re.compile(r"[\[\]{}\\]")


def glob(project: Object, pattern: str, value: str, *, separator: str) -> bool:
    """Return whether a value matches as gobwas/glob has it: one star stops at a separator.

    Raises:
        Unsupported: the pattern has more in it than ``*``, ``**`` and ``?``.
    """
    if pattern == "*":
        return True
    return _fits(project, pattern, value, separator)


def kind_glob(project: Object, pattern: str, value: str) -> bool:
    """Return whether a group or kind matches as Go's ``filepath.Match`` has it.

    Raises:
        Unsupported: the pattern has more in it than ``*`` and ``?``.
    """
    return _fits(project, pattern, value, "/")


def _fits(project: Object, pattern: str, value: str, separator: str) -> bool:
    if found := _OTHER.search(pattern):
        raise Unsupported(project, "spec", f"{found[0]!r} of the pattern {pattern!r} is unknown")
    one = f"[^{separator}]" if separator else "."
    wanted = {"**": ".*", "*": f"{one}*", "?": one}
    parts = (wanted.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*|\?)", pattern))
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None
