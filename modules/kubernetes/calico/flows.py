"""Network policies of flows: each is allowed on both sides, and goes with its flow."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.flows import Flow, Place, RegionNetworks
from ..manifest import Manifest
from .ends import ALLOW_ORDER, API, entity, pods_of

REASON = "ekp/reason"
# Where calls come from that no pod makes.
CALLERS = (Place.BALANCERS, Place.CONTROL_PLANE)


def network_policies(flows: Sequence[Flow], networks: RegionNetworks) -> list[Manifest]:
    """Return the policies of flows, in their order: at the target, then at the source.

    They are of the cluster, not of namespaces, so that one may be named which is not there yet, and
    who may write policies in a namespace changes none of them. An end in a namespace of the system
    has none: one policy would refuse all else to pods that none selects now.

    A flow without ports says what its source may try; which of it the target takes is in the
    target's own policies, so there is none at the target.

    Args:
        flows: told apart by their names.
        networks: of the region that the cluster is in.

    Raises:
        ValueError: two flows of one name, or one that comes from a place where pods are called,
            not from where they are.
    """
    found: dict[str, Manifest] = {}
    for flow in flows:
        for policy in _sides(flow, networks):
            if policy.name in found:
                raise ValueError(f"flow {flow.name} stands twice; rename one")
            found[policy.name] = policy
    return list(found.values())


def _sides(flow: Flow, networks: RegionNetworks) -> list[Manifest]:
    if Place.OWN_NODE in (flow.source, flow.target):
        return []
    # Without networks the rule would say "any".
    if flow.target is Place.PEERED and not networks.peered:
        return []
    at_target, at_source = pods_of(flow.target), pods_of(flow.source)
    if isinstance(flow.source, Place) and at_source is None and flow.source not in CALLERS:
        raise ValueError(
            f"flow {flow.name} comes from {flow.source}, whose addresses pods have or anyone has; "
            "name the pods that call"
        )
    ports = {"ports": list(flow.ports)} if flow.ports else {}
    sides = []
    if at_target is not None and ports:
        rule = _rule(flow, source=entity(flow.source, networks), destination=ports)
        sides.append(_policy(flow, "ingress", at_target, rule))
    if at_source is not None:
        rule = _rule(flow, destination={**entity(flow.target, networks), **ports})
        sides.append(_policy(flow, "egress", at_source, rule))
    return sides


def _rule(flow: Flow, **ends: Mapping[str, Any]) -> dict[str, Any]:
    return {"action": "Allow", "protocol": flow.transport.value, **ends}


def _policy(
    flow: Flow, side: str, selected: Mapping[str, Any], rule: Mapping[str, Any]
) -> Manifest:
    return Manifest(
        api_version=API,
        kind="GlobalNetworkPolicy",
        name=f"platform-{flow.name}-{side}",
        labels={"app.kubernetes.io/part-of": "ekp"},
        annotations={REASON: flow.reason},
        fields={
            "spec": {
                "order": ALLOW_ORDER,
                **selected,
                "types": [side.capitalize()],
                side: [dict(rule)],
            }
        },
    )
