"""What the checks of the mesh agree on: who is in it, and how far an object of Istio reaches."""

from policies.checks import Entity, Everything

ROOT = "istio-system"
"""Objects without a selector in this namespace hold for the whole mesh."""


def in_mesh(namespace: Entity) -> bool:
    """Tell whether pods of a namespace get a proxy.

    Source: Istio documentation, "Installing the Sidecar" and "Add workloads to an ambient mesh".
    """
    labels = namespace.labels
    injection = labels.get("istio-injection")
    return (
        injection == "enabled"
        # With both labels, it is this one that decides.
        or (injection is None and bool(labels.get("istio.io/rev")))
        or labels.get("istio.io/dataplane-mode") == "ambient"
    )


def unselected(everything: Everything, kind: str, namespace: str) -> list[Entity]:
    """Return the objects of a kind that hold for all of a namespace; in the root, for the mesh."""
    return [one for one in everything.of(kind) if one.namespace == namespace and not selects(one)]


def selects(one: Entity) -> bool:
    """Tell whether an object holds for some workloads alone."""
    spec = one.body.get("spec") or {}
    selected = spec.get("selector") or {}
    return bool(selected.get("matchLabels") or spec.get("targetRef") or spec.get("targetRefs"))
