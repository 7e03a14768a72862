"""Kubernetes' own NetworkPolicy, put as Calico puts it: a policy of the default tier.

Source: projectcalico/calico, libcalico-go/lib/backend/k8s/conversion/conversion.go
(K8sNetworkPolicyToCalico).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..request import Object, Unsupported

ORDER = 1000
_ANY_POD = "projectcalico.org/orchestrator == 'k8s'"
_SPEC = {"podSelector", "policyTypes", "ingress", "egress"}
_PEER = {"podSelector", "namespaceSelector", "ipBlock"}


def as_calico(policy: Object) -> dict[str, Any]:
    """Return the ``spec`` of a Calico policy that says the same.

    Each rule carries its place in the policy as ``place``.

    Raises:
        Unsupported: the policy has a field that Kubernetes does not know.
    """
    spec: Mapping[str, Any] = policy.get("spec") or {}
    _refuse_unknown(policy, "spec", spec, _SPEC)
    return {
        "order": ORDER,
        "selector": _pods(policy, spec.get("podSelector")),
        # Kubernetes' API server fills in what is missing: Egress where there are such rules.
        "types": spec.get("policyTypes")
        or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]),
        "ingress": list(_rules(policy, "ingress", "from", "source", spec)),
        "egress": list(_rules(policy, "egress", "to", "destination", spec)),
    }


def _rules(
    policy: Object, direction: str, peers: str, side: str, spec: Mapping[str, Any]
) -> Iterable[dict[str, Any]]:
    for number, rule in enumerate(spec.get(direction) or ()):
        place = f"{direction}[{number}]"
        _refuse_unknown(policy, place, rule, {peers, "ports"})
        for port in rule.get("ports") or [None]:
            for peer in rule.get(peers) or [None]:
                found: dict[str, Any] = {"place": place, "action": "Allow"}
                entities: dict[str, dict[str, Any]] = {"source": {}, "destination": {}}
                entities[side] |= _peer(policy, f"{place}.{peers}", peer)
                if port is not None:
                    found["protocol"] = port.get("protocol", "TCP")
                    entities["destination"] |= _port(port)
                yield found | entities


def _port(port: Mapping[str, Any]) -> dict[str, Any]:
    if "port" not in port:
        return {}
    if "endPort" in port:
        return {"ports": [f"{port['port']}:{port['endPort']}"]}
    return {"ports": [port["port"]]}


def _peer(policy: Object, where: str, peer: Mapping[str, Any] | None) -> dict[str, Any]:
    if peer is None:
        return {}
    _refuse_unknown(policy, where, peer, _PEER)
    if block := peer.get("ipBlock"):
        if len(peer) > 1:
            raise Unsupported(policy, where, "ipBlock stands beside a selector; split the entry")
        return {"nets": [block["cidr"]], "notNets": list(block.get("except") or ())}
    if not peer:
        raise Unsupported(policy, where, "the entry is empty; name pods, namespaces or an ipBlock")
    found = {"selector": _pods(policy, peer.get("podSelector"))}
    if "namespaceSelector" in peer:
        terms = _terms(policy, peer["namespaceSelector"])
        found["namespaceSelector"] = " && ".join(terms) or "all()"
    return found


def _pods(policy: Object, found: Mapping[str, Any] | None) -> str:
    return " && ".join([_ANY_POD, *_terms(policy, found)])


def _terms(policy: Object, found: Mapping[str, Any] | None) -> list[str]:
    """Return the terms of a label selector in Calico's language."""
    found = found or {}
    labels = sorted((found.get("matchLabels") or {}).items())
    terms = [f"{key} == '{value}'" for key, value in labels]
    for each in found.get("matchExpressions") or ():
        key, values = each["key"], "', '".join(each.get("values") or ())
        match each["operator"]:
            case "In":
                terms.append(f"{key} in {{ '{values}' }}")
            case "NotIn":
                terms.append(f"{key} not in {{ '{values}' }}")
            case "Exists":
                terms.append(f"has({key})")
            case "DoesNotExist":
                terms.append(f"! has({key})")
            case operator:
                raise Unsupported(policy, "matchExpressions", f"no such operator: {operator}")
    return terms


def _refuse_unknown(policy: Object, where: str, part: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(part) - known):
        raise Unsupported(policy, f"{where}.{unknown[0]}", "Kubernetes has no such field")
