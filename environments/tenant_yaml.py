"""YAML as people write it by hand: small, plain, one document; every value keeps its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .settings_document import Document, Loc, UnreadableError

LARGEST = 262_144
"""Bytes of a file; a tenant with a hundred services has about a third of it."""
DEEPEST = 24
"""Mappings and lists inside each other; settings have ten."""

# libyaml reads ten times faster; not every machine's package has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_TAG = "tag:yaml.org,2002:"
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_BROKEN = re.compile(r"-?\d+\.\d+([eE][-+]?\d+)?", re.ASCII)


def read(content: bytes) -> Document:
    """Return what a file says.

    Raises:
        UnreadableError: it is too large, no text, no YAML, or no mapping of plain values.
    """
    if len(content) > LARGEST:
        raise UnreadableError(1, f"has more than {LARGEST} bytes; say it shorter")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(line, "is not UTF-8; save it as UTF-8") from error
    try:
        return _Reader().document(yaml.parse(text, Loader=_LOADER))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise UnreadableError(
            line,
            f"holds a character that YAML does not allow ({_shown(error.character)}); remove it",
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise UnreadableError(
            mark.line + 1 if mark else 1,
            f"is not YAML ({said}); correct this line, or the one before it (indent with spaces)",
        ) from error


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    loc: Loc
    value: dict[str, Any] | list[Any]
    key: str | None = None
    """Of a mapping, the key whose value comes next."""


@dataclass(slots=True)
class _Reader:
    """Puts values together without recursion, so that depth is no danger."""

    lines: dict[Loc, int] = field(default_factory=dict)
    words: dict[Loc, str] = field(default_factory=dict)
    mistakes: list[tuple[Loc, str]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    root: Any = None

    def document(self, events: Iterator[Any]) -> Document:
        documents = 0
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise UnreadableError(line, "begins a second document; remove it and its ---")
            elif isinstance(event, yaml.NodeEvent):
                self._node(event, line)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
        if not isinstance(self.root, dict):
            raise UnreadableError(1, "is no mapping of settings; write them as name: value")
        return Document(self.root, self.lines, self.words, tuple(self.mistakes))

    def _node(self, event: Any, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise UnreadableError(
                line, f"has the anchor or alias {event.anchor!r}; write values out in full"
            )
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise UnreadableError(line, f"has the tag {tag!r}; write plain values without tags")
        here = self.stack[-1] if self.stack else None
        if here is not None and isinstance(here.value, dict) and here.key is None:
            self._key(here, event, line)
            return
        loc = (*here.loc, _next(here)) if here is not None else ()
        self.lines.setdefault(loc, line)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, loc)
        else:
            if len(self.stack) == DEEPEST:
                raise UnreadableError(
                    line, f"is more than {DEEPEST} mappings and lists deep; settings are not"
                )
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.stack.append(_Open(loc, value))
        if here is None:
            self.root = value
        elif isinstance(here.value, list):
            here.value.append(value)
        elif here.key is not None:
            here.value[here.key] = value
            here.key = None

    def _key(self, here: _Open, event: Any, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise UnreadableError(
                line, "has a mapping or list for a name; put text with braces or brackets in quotes"
            )
        # As it is written: `on` and 1.10 are names like any other.
        here.key = event.value
        loc = (*here.loc, event.value)
        if event.value in here.value:
            self.mistakes.append(
                (loc, f": stands in line {self.lines[loc]} and in line {line}; remove one")
            )
        self.lines[loc] = line

    def _scalar(self, event: Any, loc: Loc) -> Any:
        text = str(event.value)
        tag = _RESOLVER.resolve(yaml.ScalarNode, text, event.implicit).removeprefix(_TAG)
        if tag not in ("int", "float", "bool", "null"):
            # Days too: nothing here is one, and a version may look so.
            return text
        self.words[loc] = text
        if tag == "null":
            return None
        if tag == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if tag == "int" and _WHOLE.fullmatch(text):
            return int(text)
        if tag == "float" and _BROKEN.fullmatch(text):
            return float(text)
        meant = "true or false" if tag == "bool" else "a plain decimal number"
        self.mistakes.append(
            (
                loc,
                (
                    f" = {text}: YAML takes this for {_reading(tag, text)}; if it is text, write "
                    f'it in quotes: "{text}", else write {meant}'
                ),
            )
        )
        return text


def _shown(character: Any) -> str:
    # libyaml gives its number.
    return f"U+{character:04X}" if isinstance(character, int) else repr(character)


def _reading(tag: str, text: str) -> str:
    node = yaml.ScalarNode(f"{_TAG}{tag}", text)
    if tag == "bool":
        return str(_CONSTRUCTOR.construct_yaml_bool(node)).lower()
    digits = 40
    if len(text) > digits:
        return "a number"
    read_as = _CONSTRUCTOR.construct_yaml_int if tag == "int" else _CONSTRUCTOR.construct_yaml_float
    return f"the number {read_as(node)}"


def _next(here: _Open) -> str | int:
    return len(here.value) if here.key is None else here.key
