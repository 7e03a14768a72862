"""Config: the frozen, closed base of all settings, and errors that say how to mend them."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import UnionType
from typing import Any

from pydantic import BaseModel, ConfigDict, Tag, ValidationError

_deferred: ContextVar[bool] = ContextVar("deferred", default=False)


class Config(BaseModel):
    """Settings: an unknown name is an error, nothing changes after construction."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", revalidate_instances="always", use_attribute_docstrings=True
    )

    def __init__(self, /, **data: Any) -> None:
        if not _deferred.get():
            super().__init__(**data)
            return
        # The root of the tree is validated as a whole later, so that all errors come at once.
        object.__setattr__(self, "__dict__", data)
        object.__setattr__(self, "__pydantic_fields_set__", set(data))
        object.__setattr__(self, "__pydantic_extra__", None)
        object.__setattr__(self, "__pydantic_private__", None)


def named_once(setting: str, values: Sequence[str]) -> None:
    """Refuse a value that stands twice in a setting.

    Raises:
        ValueError: with the setting and the values.
    """
    if doubled := sorted({value for value in values if values.count(value) > 1}):
        raise ValueError(f"{setting} names {', '.join(doubled)} twice; remove one")


@contextmanager
def deferred_validation() -> Iterator[None]:
    """Let settings be written down without a check; the caller validates the root afterwards.

    Python builds nested values from the inside out, so the first bad leaf would hide every other
    error. ``Root.model_validate(value)`` outside this block reports them together, with full paths.
    """
    token = _deferred.set(True)
    try:
        yield
    finally:
        _deferred.reset(token)


@dataclass(frozen=True, slots=True)
class Problem:
    """One error: where it is, and what is wrong there."""

    loc: tuple[str | int, ...]
    kind: str
    """As pydantic calls it, such as ``string_type``."""
    value: Any
    """What stands there; of a setting that is missing, what it is missing in."""
    text: str
    """Follows the setting's path: its value, the limit and the remedy."""


def problems(error: ValidationError, root: type[Config], name: str) -> tuple[str, ...]:
    """Return one line for each error: the setting's path, its value, the limit and the remedy."""
    return tuple(
        f"{name}{''.join(map(step, one.loc))}{one.text}" for one in located_problems(error, root)
    )


def located_problems(error: ValidationError, root: type[Config]) -> tuple[Problem, ...]:
    """Return each error with the place it is at."""
    found = [dict(item) for item in error.errors(include_url=False)]
    return tuple(_problem(item, root) for item in found if not _follows(item, found))


def step(part: str | int) -> str:
    """Return what one part of a setting's place adds to its path."""
    text = str(part)
    # pydantic's mark for a key that is wrong itself; the key stands before it.
    if text == "[key]":
        return ""
    return f".{text}" if text.isidentifier() else f"[{text}]"


def _follows(item: dict[str, Any], found: Sequence[dict[str, Any]]) -> bool:
    """Tell whether a collection is only too short because its entries are wrong."""
    loc = item["loc"]
    inside = (other["loc"] for other in found if len(other["loc"]) > len(loc))
    return item["type"] == "too_short" and any(other[: len(loc)] == loc for other in inside)


def _problem(item: dict[str, Any], root: type[Config]) -> Problem:
    kind = str(item["type"])
    # A missing setting has no value; our own validators name the values they judge.
    value = "" if kind in {"missing", "value_error"} else f" = {_shown(item['input'])}"
    text = f"{value}: {_message(kind, item['msg'])}{_remedy(item, root)}"
    return Problem(loc=item["loc"], kind=kind, value=item["input"], text=text)


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a terminal's line


def _message(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "there is no such setting"
    if kind == "missing":
        return "this setting is required"
    return message.removeprefix("Value error, ")


REMEDIES: Mapping[str, str] = {
    "missing": "add it",
    "enum": "use one of the values listed",
    "ip_v4_network": "write it as a network address and prefix, such as 10.20.0.0/16",
    "ip_any_network": "write it as a network address and prefix, such as 198.51.100.0/24",
    "string_too_short": "write it down",
    "too_short": "add the missing entries",
    "too_long": "remove entries",
    "string_pattern_mismatch": "write it in that form",
    "greater_than_equal": "use a value in the range",
    "less_than_equal": "use a value in the range",
    "strategy_kind": "use canary, header-canary or blue-green",
}


def _remedy(item: dict[str, Any], root: type[Config]) -> str:
    kind = str(item["type"])
    if kind == "value_error":
        return ""  # our own validators end with their remedy
    if kind == "extra_forbidden":
        kinds = _kinds_at(root, item["loc"][:-1])
        allowed = [name for kind in kinds for name in kind.model_fields]
        close = difflib.get_close_matches(str(item["loc"][-1]), allowed, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        listed = " or ".join(
            ", ".join(sorted(kind.model_fields)) + (f" ({kind.__name__})" if len(kinds) > 1 else "")
            for kind in kinds
        )
        return f"; {hint}settings here are {listed}"
    return f"; {REMEDIES.get(kind, 'change it to a value of that kind')}"


def _kinds_at(root: type[Config], loc: tuple[str | int, ...]) -> tuple[type[Config], ...]:
    """Return the settings there may be at a path, through mappings and tuples of settings."""
    current: Any = root
    for part in loc:
        if _is_config(current):
            field = current.model_fields.get(str(part))
            current = _optional(field.annotation) if field else None
        else:
            # A tag of a union, a key of a mapping or an index of a tuple: on to what is inside.
            current = _tagged(current, str(part)) or _config_in(current)
    return tuple(_configs_in(current)) if isinstance(current, UnionType) else _one(current)


def _one(value: Any) -> tuple[type[Config], ...]:
    return (value,) if _is_config(value) else ()


def _tagged(annotation: Any, tag: str) -> Any:
    """Return the settings that a union marks with a tag."""
    for member in getattr(annotation, "__args__", ()):
        if any(isinstance(m, Tag) and m.tag == tag for m in getattr(member, "__metadata__", ())):
            return member.__origin__
    return None


def _optional(annotation: Any) -> Any:
    """Return the settings of an annotation such as ``Settings | None``, else the annotation."""
    if not isinstance(annotation, UnionType) or len(list(_configs_in(annotation))) > 1:
        return annotation
    return _config_in(annotation)


def _configs_in(union: UnionType) -> Iterator[type[Config]]:
    yield from (member for member in union.__args__ if _is_config(member))


def _config_in(annotation: Any) -> Any:
    if _is_config(annotation):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    return next((found for a in arguments if _is_config(found := _config_in(a))), None)


def _is_config(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Config)
