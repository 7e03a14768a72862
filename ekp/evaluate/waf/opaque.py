"""Texts that Terraform fills in: opaque words, each the same as itself and as nothing else."""

import re

_EXPRESSION = re.compile(r"\$\{[^{}]*\}")
_CHOICES = re.compile(r"\^(?:\((?P<several>[^()]*)\)|(?P<one>[^()|]*))\$")
_META = re.compile(r"[.*+?\[\]\\^$]|\{\d")


def opaque(text: str) -> bool:
    """Return whether a text holds an expression of Terraform's, whose value nobody knows here."""
    return _EXPRESSION.search(text) is not None


def choices(pattern: str) -> tuple[str, ...] | None:
    """Return the whole texts that a pattern such as ``^(${var.a}|${var.b})$`` takes.

    None: it is of another form, and what it takes hangs on the values.
    """
    found = _CHOICES.fullmatch(pattern)
    if found is None:
        return None
    texts = tuple((found["several"] or found["one"] or "").split("|"))
    plain = [_EXPRESSION.sub("", text) for text in texts]
    return None if any(_META.search(text) for text in plain) else texts
