"""Helm releases of a stack's Terraform JSON, with their values as data."""

from collections.abc import Mapping
from typing import Any

import yaml

from ekp.local.helm.values import merge

from .synth import Synth


def documents(release: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the values documents of a release as they stand, expressions left as text."""
    texts = release.get("values", [])
    return [yaml.load(text, yaml.CSafeLoader) or {} for text in texts]


def values(release: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a release as Helm merges them."""
    merged: dict[str, Any] = {}
    for document in documents(release):
        merged = merge(merged, document)
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
    resources = plan.resources()
    (address,) = (
        one
        for one, body in resources.items()
        if one.startswith("helm_release.") and body["name"] == name
    )
    earlier = before(resources, address)
    return {resources[one]["name"] for one in earlier if one.startswith("helm_release.")}


def before(resources: Mapping[str, Mapping[str, Any]], address: str) -> set[str]:
    """Return the addresses of all that stands before a resource, however indirectly."""
    seen: set[str] = set()
    waiting = [address]
    while waiting:
        for other in resources.get(waiting.pop(), {}).get("depends_on", ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen
