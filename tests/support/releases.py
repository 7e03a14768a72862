"""Helm releases of a stack's Terraform JSON, with their values as data."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from .synth import Synth


def documents(release: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the values documents of a release as they stand, expressions left as text."""
    return [yaml.safe_load(text) or {} for text in release.get("values", [])]


def values(release: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a release as Helm merges them."""
    merged: dict[str, Any] = {}
    for document in documents(release):
        merged = _over(merged, document)
    return merged


def objects(release: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of a bundle."""
    found: list[dict[str, Any]] = values(release)["objects"]
    return found


def named(plan: Synth, name: str) -> Mapping[str, Any]:
    """Return the one release of that name."""
    (found,) = (r for r in plan.all("helm_release").values() if r["name"] == name)
    return found


def after(plan: Synth, name: str) -> set[str]:
    """Return the names of all releases that stand before this one, however indirectly."""
    by_address = {
        address: body
        for address, body in plan.resources().items()
        if address.startswith("helm_release.")
    }
    start = next(address for address, body in by_address.items() if body["name"] == name)
    seen: set[str] = set()
    waiting: list[str] = list(_depends_on(by_address[start]))
    resources = plan.resources()
    while waiting:
        address = waiting.pop()
        if address not in seen:
            seen.add(address)
            waiting += _depends_on(resources.get(address, {}))
    return {by_address[address]["name"] for address in seen if address in by_address}


def _depends_on(resource: Mapping[str, Any]) -> Sequence[str]:
    found: Sequence[str] = resource.get("depends_on", ())
    return found


def _over(under: Any, over: Any) -> Any:
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    merged = {key: value for key, value in under.items() if key not in over}
    for key, value in over.items():
        # Helm takes null as "this key is not there".
        if value is not None:
            merged[key] = _over(under.get(key), value) if key in under else value
    return merged
