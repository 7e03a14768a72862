"""Calico's selectors: expressions over labels, read as Felix reads them.

Source: projectcalico/calico, libcalico-go/lib/selector, tokenizer/tokenizer.go, parser/parser.go.
"""

import re
from dataclasses import dataclass

from .expressions import And, Comparison, Everything, Not, Or, OutsideNamespaces, Selector

_LONGEST_LABEL = 512

# Blanks and tabs alone are space: a line break in a selector is an error for Calico too.
_SPACE = re.compile(r"[ \t]*")
_QUOTED = re.compile(r"\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'")
_MARK = re.compile(r"==|!=|&&|\|\||[(){},!]")
_CALL = re.compile(r"(?P<name>has|all|global)\([ \t]*(?P<label>[A-Za-z0-9_./-]*)[ \t]*\)")
_LABEL = re.compile(r"[A-Za-z0-9_./-]+")
# Only right after a label are these words operators; "notin" and "startswith" are read as well.
_OPERATOR = re.compile(
    r"(?:(?P<contains>contains)|(?P<starts>starts[ \t]*with)|(?P<ends>ends[ \t]*with)"
    r"|(?P<notin>not[ \t]*in)|(?P<in>in))(?![ \t]*[A-Za-z0-9_./-])"
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """A mark as it is written, or ``label``, ``text``, ``has``, ``all``, ``global``, ``end``."""
    text: str
    at: int


def parse(text: str) -> Selector:
    """Read a selector; an empty one is ``all()``.

    Raises:
        ValueError: Calico would refuse it; the message says at which character.
    """
    tokens = _tokens(text)
    if len(tokens) == 1:
        return Everything()
    parser = _Parser(text, tokens)
    found = parser.any_of()
    parser.take("end", "an operator or the end")
    return found


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = _skip(text, 0)
    while at < len(text):
        token, end = _token(text, at, after_label=bool(tokens) and tokens[-1].kind == "label")
        tokens.append(token)
        at = _skip(text, end)
    return [*tokens, _Token("end", "", at)]


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _token(text: str, at: int, *, after_label: bool) -> tuple[_Token, int]:
    if text[at] in "\"'":
        if not (quoted := _QUOTED.match(text, at)):
            raise _error(text, at, "the string has no closing quote")
        return _Token("text", quoted[0][1:-1], at), quoted.end()
    if mark := _MARK.match(text, at):
        return _Token(mark[0], mark[0], at), mark.end()
    if after_label:
        if not (word := _OPERATOR.match(text, at)):
            raise _error(text, at, "an operator is expected after a label")
        return _Token(_WORDS[str(word.lastgroup)], word[0], at), word.end()
    if (call := _CALL.match(text, at)) and (call["name"] == "has") == bool(call["label"]):
        _check_length(text, at, call["label"])
        return _Token(call["name"], call["label"], at), call.end()
    if text.startswith(("has(", "all(", "global("), at):
        raise _error(text, at, "has(label), all() or global() is expected")
    if label := _LABEL.match(text, at):
        _check_length(text, at, label[0])
        return _Token("label", label[0], at), label.end()
    raise _error(text, at, f"{text[at]!r} is unexpected")


_WORDS = {
    "contains": "contains",
    "starts": "starts with",
    "ends": "ends with",
    "notin": "not in",
    "in": "in",
}


def _check_length(text: str, at: int, label: str) -> None:
    if len(label) > _LONGEST_LABEL:
        raise _error(text, at, f"the label has over {_LONGEST_LABEL} characters")


def _error(text: str, at: int, why: str) -> ValueError:
    return ValueError(f"selector {text!r}, character {at + 1}: {why}")


class _Parser:
    """Reads tokens by falling precedence: ``||``, ``&&``, ``!``."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._next = 0

    def take(self, kind: str, expected: str) -> _Token:
        """Return the next token, which must be of a kind."""
        token = self._tokens[self._next]
        if token.kind != kind:
            raise _error(self._text, token.at, f"{expected} is expected")
        self._next += 1
        return token

    def any_of(self) -> Selector:
        """Read terms between ``||``."""
        terms = [self._all_of()]
        while self._accept("||"):
            terms.append(self._all_of())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _all_of(self) -> Selector:
        terms = [self._operation()]
        while self._accept("&&"):
            terms.append(self._operation())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _accept(self, kind: str) -> bool:
        found = self._tokens[self._next].kind == kind
        self._next += found
        return found

    def _operation(self) -> Selector:
        negated = False
        while self._accept("!"):
            negated = not negated
        found = self._plain()
        return Not(found) if negated else found

    def _plain(self) -> Selector:
        if self._accept("all"):
            return Everything()
        if self._accept("global"):
            return OutsideNamespaces()
        if self._accept("("):
            found = self.any_of()
            self.take(")", ")")
            return found
        if self._tokens[self._next].kind == "has":
            return Comparison(self.take("has", "").text, "has")
        return self._comparison(self.take("label", "a label, has(), all() or (").text)

    def _comparison(self, label: str) -> Selector:
        operator = self._tokens[self._next]
        self._next += 1
        if operator.kind in ("in", "not in"):
            return Comparison(label, operator.kind, self._set())
        if operator.kind in ("==", "!=", "contains", "starts with", "ends with"):
            return Comparison(label, operator.kind, (self.take("text", "a string in quotes").text,))
        raise _error(self._text, operator.at, "an operator is expected after a label")

    def _set(self) -> tuple[str, ...]:
        self.take("{", "{")
        values: list[str] = []
        while self._tokens[self._next].kind == "text":
            values.append(self.take("text", "").text)
            if not self._accept(","):
                break
        self.take("}", "}")
        return tuple(values)
