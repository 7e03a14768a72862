"""Path and host patterns of CloudFront and of load balancers: ``*`` is any text, ``?`` one sign.

Sources: CloudFront developer guide, "Cache behavior settings", "Path pattern" (case-sensitive, a
leading slash may be left out, queries do not count; CloudFront normalizes a path by RFC 3986, and
takes out repeated slashes, before it compares, and sends on what came); Elastic Load Balancing API
reference, ``PathPatternConditionConfig`` and ``HostHeaderConditionConfig``.
"""

import re

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def matches(pattern: str, text: str) -> bool:
    """Return whether a text as a whole fits a pattern."""
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def behavior_matches(pattern: str, path: str) -> bool:
    """Return whether a path of a request, with or without a query, falls under a behaviour."""
    return matches(f"/{pattern.removeprefix('/')}", tidy(path.partition("?")[0]))


def tidy(path: str) -> str:
    """Return a path with plain signs decoded (RFC 3986, 6.2.2), without dots and empty steps."""
    plain = re.sub("/+", "/", _ESCAPE.sub(_decoded, path))
    done: list[str] = []
    steps = plain.split("/")[1:]
    for number, step in enumerate(steps, start=1):
        last = number == len(steps)
        if step == "..":
            done[-1:] = []
        elif step != ".":
            done.append(step)
            continue
        if last:
            done.append("")
    return "/" + "/".join(done)


def _decoded(found: re.Match[str]) -> str:
    sign = chr(int(found[1], 16))
    return sign if _UNRESERVED.fullmatch(sign) else found[0].upper()
