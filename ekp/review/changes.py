"""The changes of a plan as a reviewer reads them: what takes something away comes first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ekp.runner.errors import RunnerError
from ekp.runner.results import RunResult, StackResult
from ekp.runner.stacks import Stack
from ekp.runner.summary import ORDER, WORDS

from .reasons import reasons
from .values import LATER, Attribute, contents, differences


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes of one resource. ``word`` is one of ``ekp.runner.summary.ORDER``."""

    stack: str
    layer: str
    region: str
    word: str
    path: str
    """The construct's; empty where the settings have it no more."""
    address: str
    why: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    later: tuple[str, ...] = ()
    """Attributes that are known only once it is applied."""
    forcing: frozenset[str] = field(default=frozenset())
    """Names of the attributes that force a replacement."""


def items(result: RunResult, stacks: Mapping[str, Stack]) -> list[Item]:
    """Return what every planned stack would do: destroys and replaces, then changes, then adds.

    Raises:
        RunnerError: a plan that a stack's result names cannot be read.
    """
    found = [item for one in result.stacks for item in _of(one, stacks[one.stack])]
    # Sorting keeps the order of stacks and paths within each word.
    return sorted(found, key=lambda item: _rank(item.word))


def _of(one: StackResult, stack: Stack) -> Iterator[Item]:
    if one.plan_json is None or not one.changes:
        return
    entries = _entries(one.plan_json)
    for change in sorted(one.changes, key=lambda each: (each.construct_path, each.address)):
        found = entries[change.address]
        word = WORDS.get(change.actions, " then ".join(change.actions))
        attributes = _attributes(word, found["change"])
        forcing = found["change"].get("replace_paths") or ()
        yield Item(
            stack=stack.id,
            layer=stack.layer,
            region=stack.region,
            word=word,
            path=change.construct_path.removeprefix(f"{stack.id}/"),
            address=change.address,
            why=(*reasons(found), *_moved(found)),
            attributes=tuple(each for each in attributes if each.after != LATER),
            later=tuple(each.name for each in attributes if each.after == LATER),
            forcing=frozenset(Attribute(tuple(path), "", "").name for path in forcing),
        )


def _attributes(word: str, change: dict[str, Any]) -> list[Attribute]:
    if word == "add":
        return contents(change, "after")
    if word in {"destroy", "forget"}:
        return contents(change, "before")
    return differences(change)


def _moved(found: Mapping[str, Any]) -> tuple[str, ...]:
    before = found.get("previous_address")
    return (f"was `{before}`",) if before and before != found["address"] else ()


def _entries(file: Path) -> Mapping[str, Any]:
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
        return {one["address"]: one for one in plan["resource_changes"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunnerError(
            f"The plan in {file} cannot be read: {error}.", remedy="Plan again."
        ) from error


def _rank(word: str) -> int:
    return ORDER.index(word) if word in ORDER else len(ORDER)
