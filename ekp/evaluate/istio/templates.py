"""Path templates of an AuthorizationPolicy: ``/shops/{*}/orders/{**}``."""

import re

from ..request import Object, Unsupported

ONE, ANY = "{*}", "{**}"

# Source: Envoy, uri_template_internal.cc; RFC 3986, appendix A, without the asterisk.
_CHARACTERS = r"a-zA-Z0-9\-._~%!$&'()+,;:@="
_LITERAL = re.compile(f"[{_CHARACTERS}]+")


def is_template(path: str) -> bool:
    """Return whether a path of a policy is read as a template."""
    return ONE in path or ANY in path


def matches_template(source: Object, where: str, template: str, path: str) -> bool:
    """Return whether a path is one that a template describes.

    ``{*}`` stands for one segment with at least one character, ``{**}`` for anything, slashes and
    nothing at all included.

    Raises:
        Unsupported: Istio refuses the template, or it ends in ``{**}/``, where Istio's
            documentation and Envoy's expression say different things.
    """
    segments = template.split("/")
    if segments[0] or not template.startswith("/"):
        raise Unsupported(source, where, f"{template!r} does not start with a slash")
    if template.endswith(f"{ANY}/"):
        raise Unsupported(source, where, f"{template!r} is read differently; leave its end off")
    parts = []
    for at, segment in enumerate(segments[1:], 1):
        if segment in (ONE, ANY) and ANY in segments[1:at]:
            raise Unsupported(source, where, f"{template!r} has an operator after {ANY}")
        if segment == ONE:
            parts.append(f"[{_CHARACTERS}]+")
        elif segment == ANY:
            parts.append(f"[{_CHARACTERS}/]*")
        elif _LITERAL.fullmatch(segment) or (not segment and at == len(segments) - 1):
            parts.append(re.escape(segment))
        else:
            raise Unsupported(source, where, f"{template!r} has the segment {segment!r}")
    return re.fullmatch("/" + "/".join(parts), path) is not None
