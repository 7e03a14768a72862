"""Objects that a stack applies through releases of the local chart."""

from collections.abc import Mapping
from typing import Any

import yaml

# libyaml reads the same, several times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def objects_of(stack: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of all bundles in a stack's Terraform JSON, in the order of its text.

    Args:
        stack: The stack's ``cdk.tf.json``, parsed.

    Raises:
        ValueError: the values of a bundle are no YAML with ``objects``.
    """
    return [one for objects in bundles_of(stack).values() for one in objects]


def bundles_of(stack: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the objects of each bundle in a stack's Terraform JSON, by its release's name there.

    A bundle is a ``helm_release`` of the local chart that prints ``objects`` of its values; other
    charts' releases are passed over. Terraform's expressions stay as text.

    Raises:
        ValueError: the values of a bundle are no YAML with ``objects``.
    """
    releases: Mapping[str, Any] = stack.get("resource", {}).get("helm_release", {})
    found: dict[str, list[dict[str, Any]]] = {}
    for address, release in releases.items():
        if "repository" in release or not _is_local(release):
            continue
        objects_here = found.setdefault(address, [])
        for text in release.get("values") or ():
            values = yaml.load(text, _LOADER)  # noqa: S506 - plain data alone
            objects = values.get("objects") if isinstance(values, dict) else None
            if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
                raise ValueError(f"helm_release.{address}: values have no list of objects")
            objects_here.extend(objects)
    return found


def _is_local(release: Mapping[str, Any]) -> bool:
    """Tell whether a release's chart is a folder that goes with the stack."""
    return str(release.get("chart", "")).startswith("./")
