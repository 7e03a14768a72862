"""Paths as policies and routes of the mesh see them: what a proxy makes of a request's path.

Sources: Istio, "Authorization Policy Normalization"; Envoy's ``path_utility.cc`` and Chromium's
``url_canon_path.cc`` that it uses; Istio's ``listener_builder.go`` for the order.
"""

import re
import string
from enum import StrEnum

from .request import Unsupported

_PLAIN = frozenset(string.ascii_letters + string.digits + "-._~")
"""Characters that are decoded where they are percent-encoded."""
_ENCODED = frozenset('"<>^`{|}')
"""Printable characters that are sent on percent-encoded."""
_SLASHES = {"%2F": "/", "%2f": "/", "%5C": "\\", "%5c": "\\"}
_DOT = r"(?:\.|%2[Ee])"
_STEP = re.compile(rf"(?P<up>{_DOT}{_DOT})(?:/|\\|$)|{_DOT}(?:/|\\|$)")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


class Normalization(StrEnum):
    """How much the proxies of a mesh tidy up paths (``meshConfig.pathNormalization``)."""

    NONE = "NONE"
    BASE = "BASE"
    MERGE_SLASHES = "MERGE_SLASHES"
    DECODE_AND_MERGE_SLASHES = "DECODE_AND_MERGE_SLASHES"


class RefusedPathError(ValueError):
    """A path that the proxy answers with 400."""


def normalized(path: str, how: Normalization = Normalization.DECODE_AND_MERGE_SLASHES) -> str:
    """Return the path that policies and routes compare, without query and fragment.

    Encoded characters are decoded once. Where the percent signs themselves are malformed, as in
    ``%%32f``, an encoded slash can come out of that, as it does of the proxy.

    Args:
        path: The path of a request, with or without a query.
        how: What the mesh is set to.

    Raises:
        RefusedPathError: the proxy answers 400.
        Unsupported: it has characters that no HTTP client sends unencoded.
    """
    if not path.startswith("/") or not all("!" <= character <= "~" for character in path):
        raise Unsupported(
            f"request for {path!r}",
            "path",
            "is no path; start it with a slash and percent-encode what is not printable ASCII",
        )
    # Istio drops fragments: it sets http_reject_path_with_fragment to false.
    found = path.partition("#")[0].partition("?")[0]
    if how is Normalization.NONE:
        return found
    if how is Normalization.DECODE_AND_MERGE_SLASHES:
        found = re.sub(r"%(?:2[Ff]|5[Cc])", lambda match: _SLASHES[match[0]], found)
    found = _canonical(found)
    return found if how is Normalization.BASE else re.sub("/{2,}", "/", found)


def _canonical(path: str) -> str:
    done: list[str] = []
    at = 0
    while at < len(path):
        if done and done[-1] == "/" and (step := _STEP.match(path, at)):
            at = step.end()
            if step["up"]:
                _back_up(done)
        elif escape := _ESCAPE.match(path, at):
            done += _decoded(escape)
            at = escape.end()
        else:
            done += _sent_on(path[at])
            at += 1
    return "".join(done)


def _back_up(done: list[str]) -> None:
    """Drop the last segment; the first slash stays."""
    if len(done) > 1:
        done.pop()
        while done[-1] != "/":
            done.pop()


def _decoded(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    if character == "\0":
        raise RefusedPathError("a path with %00 is answered 400")
    return character if character in _PLAIN else escape[0]


def _sent_on(character: str) -> str:
    if character == "\\":
        return "/"
    return f"%{ord(character):02X}" if character in _ENCODED else character
