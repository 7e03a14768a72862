"""The values of a release: documents merged in their order, then what `set` and its kin assign."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import documents
from .assign import assign
from .failure import RefusedError

SENSITIVE = "(sensitive value)"
Values = dict[str, Any]


def of(model: Mapping[str, Any]) -> Values:
    """Return the values of a release's arguments, all of them known.

    Raises:
        RefusedError: a document is no mapping or a `set` cannot be read.
    """
    name = model["name"]
    merged: Values = {}
    for index, text in enumerate(model["values"] or ()):
        if text:
            document = documents.mapping(text, f"values[{index}] of the release {name!r}")
            merged = merge(merged, document)
    merged = _own(merged)
    for entry in model["set"] or ():
        _set(merged, entry)
    for entry in model["set_list"] or ():
        items = ",".join(item for item in entry["value"] if item is not None)
        assign(merged, f"{entry['name']}={{{items}}}", text=False)
    for entry in model["set_sensitive"] or ():
        _set(merged, entry)
    return merged


def write_only(entries: Sequence[Mapping[str, Any]] | None) -> Values:
    """Return what `set_wo` assigns.

    Raises:
        RefusedError: an entry cannot be read.
    """
    found: Values = {}
    for entry in entries or ():
        _set(found, entry)
    return found


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> Values:
    """Return ``over`` laid over ``under``: mappings go deep, all else is replaced."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def coalesce(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Values:
    """Return values with a chart's defaults under them; null takes a default away."""
    merged = dict(values)
    for key, default in defaults.items():
        value = merged.get(key)
        if key not in merged:
            merged[key] = default
        elif value is None:
            del merged[key]
        elif isinstance(value, dict) and isinstance(default, dict):
            merged[key] = coalesce(value, default)
    return merged


def cloak(values: Mapping[str, Any], sensitive: Sequence[Mapping[str, Any]] | None) -> Values:
    """Return values without what `set_sensitive` assigned."""
    cloaked = _own(values)
    for entry in sensitive or ():
        *path, last = entry["name"].split(".")
        place: Any = cloaked
        for key in path:
            place = place.get(key) if isinstance(place, dict) else None
        if isinstance(place, dict):
            place[last] = SENSITIVE
    return cloaked


def _set(values: Values, entry: Mapping[str, Any]) -> None:
    name, value = entry["name"], entry["value"] or ""
    match entry.get("type") or "auto":
        case "auto":
            assign(values, f"{name}={value}", text=False)
        case "string":
            assign(values, f"{name}={value}", text=True)
        case "literal":
            found = documents.mapping(f"{name}: {value}", f"set {name!r}")
            values[name] = found.get(name)
        case other:
            raise RefusedError("Unexpected type", f"Unexpected type: {other}", "set")


def _own(values: Mapping[str, Any]) -> Values:
    """Return a copy that may be changed: documents are read once and shared."""
    copy: Values = json.loads(json.dumps(values))
    return copy
