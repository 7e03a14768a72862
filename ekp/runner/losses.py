"""Losses: what a killed run made, or may have made, that its state does not hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import imports, journal
from .results import Doubt
from .stacks import Stack
from .state import State

NAMES = ("name", "bucket", "repository_name", "function_name", "identifier", "description")


@dataclass(frozen=True)
class Losses:
    """Addresses that a state should hold and does not.

    ``created`` maps an address to the id that came back; ``begun`` never answered; ``replaced``
    maps an address to the id of the old object that the state still holds in its place.
    """

    created: Mapping[str, str]
    begun: tuple[str, ...]
    replaced: Mapping[str, str]
    known: imports.Known

    def __bool__(self) -> bool:
        return bool(self.created or self.begun)

    def wanted(self) -> dict[str, str]:
        """Address -> import id, for all whose import id is known."""
        found: dict[str, str] = {}
        for address in [*self.created, *self.begun]:
            kind = imports.kind_of(address)
            if kind in imports.REPEATABLE:
                continue
            id_ = self.import_id(address, kind)
            if id_ is not None:
                found[address] = id_
        return found

    def with_found(self, ids: Mapping[str, str]) -> "Losses":
        """The same losses, with begun creations whose id was found counted as made."""
        created = {**self.created, **ids}
        return replace(
            self,
            created=created,
            begun=tuple(one for one in self.begun if one not in ids),
            known=replace(self.known, created={**self.known.created, **ids}),
        )

    def import_id(self, address: str, kind: str) -> str | None:
        """The import id of one address, if it is known."""

        def lookup(name: str) -> str | None:
            return self.known.attribute(address, name)

        if address in self.created:
            return imports.finished(kind, self.created[address], lookup)
        return imports.begun(kind, lookup)

    def doubt(self, stack: Stack, address: str, reason: str) -> Doubt:
        """What to look for by hand."""
        kind = imports.kind_of(address)
        values = self.known.planned(address)
        name = next((str(values[key]) for key in NAMES if values.get(key)), "")
        tags = values.get("tags_all") or values.get("tags") or {}
        traits = [f"called {name!r}"] if name else []
        traits += [f"with id {self.created[address]}"] if address in self.created else []
        traits += [f"tagged {key}={value}" for key, value in sorted(tags.items()) if value][:3]
        what = f"{kind} {', '.join(traits)}".strip()
        return Doubt(address, stack.construct_path(address), f"{reason}; look for {what}")


def find(entries: Sequence[journal.Entry], state: State | None) -> Losses:
    """Compare the logs of killed runs with the state, oldest run first."""
    recorded = state.resources if state else {}
    created: dict[str, str] = {}
    deleted: set[str] = set()
    begun: dict[str, None] = {}
    for entry in entries:
        for kind, address, id_ in _creations(journal.events(entry)):
            if kind == "delete_complete":
                deleted.add(address)
                created.pop(address, None)
            elif kind == "apply_complete":
                created[address] = id_
                begun.pop(address, None)
            else:
                # One that ended in an error may exist all the same, half made.
                begun[address] = None
    lost = {
        address: id_
        for address, id_ in created.items()
        if recorded.get(address, {}).get("id") != id_
    }
    return Losses(
        created=lost,
        begun=tuple(one for one in begun if one not in recorded or one in deleted),
        replaced={one: str(recorded[one].get("id")) for one in lost if one in recorded},
        known=imports.Known(_plans(entries), created, recorded),
    )


def _creations(events: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str]]:
    for event in events:
        hook, kind = event.get("hook", {}), event.get("type", "")
        address = hook.get("resource", {}).get("addr", "")
        if hook.get("action") == "create" and kind in {"apply_start", "apply_complete"}:
            yield kind, address, str(hook.get("id_value", ""))
        elif hook.get("action") == "delete" and kind == "apply_complete":
            yield "delete_complete", address, ""


def _plans(entries: Sequence[journal.Entry]) -> Mapping[str, Any]:
    """The plans of the killed runs as one: a later plan's word on an address counts."""
    changes: dict[str, Any] = {}
    configuration: Mapping[str, Any] = {}
    for entry in entries:
        try:
            body = json.loads(Path(entry.plan).read_text()) if entry.plan else {}
        except (OSError, ValueError):
            continue
        changes.update({one["address"]: one for one in body.get("resource_changes", ())})
        configuration = body.get("configuration", configuration)
    return {"resource_changes": [*changes.values()], "configuration": configuration}
