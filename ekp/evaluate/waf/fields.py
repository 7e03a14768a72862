"""What a statement looks at in a request, and how it compares texts.

Source: AWS WAF developer guide, "Request components", "String match rule statement",
"Size constraint rule statement" and "Regex match rule statement".
"""

import re
from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne

from ..blocks import Block, block, only
from ..request import Unsupported
from .inspected import Inspected
from .opaque import choices, opaque
from .transformations import names, transformed

_SIZES: Mapping[str, Callable[[int, int], bool]] = {
    "EQ": eq,
    "NE": ne,
    "LE": le,
    "LT": lt,
    "GE": ge,
    "GT": gt,
}
# The least that AWS WAF looks into whatever a web ACL stands before; past it, it depends.
# Source: AWS WAF developer guide, "Oversize web request components".
_BODY = 8192
# Where PCRE and Python read a pattern alike: plain classes, groups without names or conditions.
_ALIKE = re.compile(r"(?:[^\\(\[+*?}]|\\[dDwWsSbB\W]|\((?:\?[:=!]|(?!\?))|\[(?!\[)|[+*?}](?!\+))*")


def named(statement: Block, where: str) -> str:
    """Return what a statement looks at, in words."""
    kind, body = only(block(statement, "field_to_match") or {}, where, "field_to_match")
    return f"header {body['name']}" if kind == "single_header" else kind.replace("_", " ")


def text_of(statement: Block, request: Inspected, where: str) -> str | None:
    """Return the part of a request that a statement looks at; None: it does not have it."""
    kind, body = only(block(statement, "field_to_match") or {}, where, "field_to_match")
    path, _, query = request.path.partition("?")
    if kind == "single_header":
        return request.header(str(body["name"]))
    if kind in (found := {"uri_path": path, "query_string": query, "method": request.method}):
        return found[kind]
    raise Unsupported(where, f"field_to_match.{kind}", "it is not evaluated")


def size_fits(statement: Block, request: Inspected, where: str) -> bool:
    """Return whether a part of the request has the size that is looked for."""
    compare = _SIZES.get(statement["comparison_operator"])
    if compare is None:
        raise Unsupported(where, "comparison_operator", "it is not evaluated")
    wanted = int(statement["size"])
    if block(block(statement, "field_to_match") or {}, "body") is not None:
        if request.body_bytes > _BODY or names(statement) - {"NONE"}:
            raise Unsupported(where, "field_to_match.body", f"past {_BODY} bytes, or transformed")
        return compare(request.body_bytes, wanted)
    text = text_of(statement, request, where)
    if text is None:
        return False
    if opaque(text):
        # Its length is not known, save that there is something.
        if wanted or compare in (le, lt, ge):
            raise Unsupported(where, "size", "the length of what Terraform fills in is not known")
        return compare(1, wanted)
    return compare(len(transformed(text.encode(), statement, where)), wanted)


def bytes_match(statement: Block, request: Inspected, where: str) -> bool:
    """Return whether a part of the request holds the text that is looked for, where it must."""
    text = text_of(statement, request, where)
    wanted, position = str(statement["search_string"]), statement["positional_constraint"]
    if text is None:
        return False
    if opaque(text) or opaque(wanted):
        return _same_secret(text, wanted, exactly=position == "EXACTLY", where=where)

    def found(written: str) -> bool:
        return _holds(
            transformed(written.encode(), statement, where), wanted.encode(), position, where
        )

    return _either_way(text, statement, where, found)


def pattern_matches(statement: Block, request: Inspected, where: str) -> bool:
    """Return whether a pattern is found in a part of the request."""
    text = text_of(statement, request, where)
    pattern = str(statement["regex_string"])
    if text is None:
        return False
    if opaque(text) or opaque(pattern):
        taken = choices(pattern)
        if taken is None or names(statement) - {"NONE"}:
            raise Unsupported(where, "regex_string", "it compares more than whole secrets")
        return text in taken
    if not _ALIKE.fullmatch(pattern):
        raise Unsupported(where, "regex_string", f"{pattern!r} may mean something else in PCRE")
    compiled = re.compile(pattern.encode())

    def found(written: str) -> bool:
        return compiled.search(transformed(written.encode(), statement, where)) is not None

    return _either_way(text, statement, where, found)


def _same_secret(text: str, wanted: str, *, exactly: bool, where: str) -> bool:
    if opaque(text) and not exactly:
        raise Unsupported(where, "search_string", "a part of what Terraform fills in is not known")
    return text == wanted


def _either_way(text: str, statement: Block, where: str, found: Callable[[str], bool]) -> bool:
    """Ask with a plus as it stands and as the space it is in forms: AWS does not say which."""
    answer = found(text)
    if "+" in text and "URL_DECODE" in names(statement) and found(text.replace("+", " ")) != answer:
        raise Unsupported(where, "text_transformation", "URL_DECODE of a plus is not documented")
    return answer


def _holds(text: bytes, wanted: bytes, position: str, where: str) -> bool:
    match position:
        case "EXACTLY":
            return text == wanted
        case "STARTS_WITH":
            return text.startswith(wanted)
        case "ENDS_WITH":
            return text.endswith(wanted)
        case "CONTAINS":
            return wanted in text
        case "CONTAINS_WORD":
            # A word has no letter, digit or underscore beside it.
            edge = rb"[A-Za-z0-9_]"
            return (
                re.search(rb"(?<!%b)%b(?!%b)" % (edge, re.escape(wanted), edge), text) is not None
            )
    raise Unsupported(where, "positional_constraint", f"{position} is not evaluated")
