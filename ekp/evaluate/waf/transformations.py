"""Text transformations of AWS WAF: how a part of a request is rewritten before it is compared.

Source: AWS WAF developer guide, "Using text transformations". Its words for ``NORMALIZE_PATH`` are
those of ModSecurity's ``normalizePath``, whose source settles what a path does above its root
(``src/actions/transformations/normalise_path.cc``).
"""

from collections.abc import Callable, Mapping
from urllib.parse import unquote_to_bytes

from ..blocks import Block, blocks
from ..request import Unsupported


def transformed(text: bytes, statement: Block, where: str) -> bytes:
    """Return a text after a statement's transformations, in the order of their priorities.

    Raises:
        Unsupported: one of them is not known here.
    """
    for each in sorted(blocks(statement, "text_transformation"), key=_priority):
        kind = each["type"]
        if kind not in _KINDS:
            raise Unsupported(where, "text_transformation", f"{kind} is not evaluated")
        text = _KINDS[kind](text)
    return text


def names(statement: Block) -> set[str]:
    """Return the kinds of a statement's transformations."""
    return {each["type"] for each in blocks(statement, "text_transformation")}


def _priority(transformation: Block) -> int:
    return int(transformation["priority"])


def _normalized(path: bytes) -> bytes:
    """Take out repeated slashes and references to the folder itself and the one above.

    Nothing is above the root; a path that is not rooted keeps what leads above its beginning.
    """
    rooted = path.startswith(b"/")
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment in (b"", b"."):
            continue
        if segment != b"..":
            kept.append(segment)
        elif kept and kept[-1] != b"..":
            kept.pop()
        elif not rooted:
            kept.append(segment)
    trailing = b"/" if path.endswith(b"/") and kept else b""
    return (b"/" if rooted else b"") + b"/".join(kept) + trailing


_KINDS: Mapping[str, Callable[[bytes], bytes]] = {
    "NONE": lambda text: text,
    "LOWERCASE": bytes.lower,
    # Once: what was encoded twice still is once. What is no escape stays as it is.
    "URL_DECODE": unquote_to_bytes,
    "NORMALIZE_PATH": _normalized,
}
