"""EKP_MESH_1: pods of the mesh take mutual TLS alone, and their callers send nothing else.

A namespace is asked for what holds for all of it; whatever makes an exception for some pods or
ports of them is named itself. Rules that turn TLS off for hosts outside the mesh are none of it:
no proxy stands there that could take it, such as before Argo CD or Grafana.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.checks import Entity, Everything, Verdict, cluster_check, listed
from policies.mesh import ROOT, in_mesh, unselected

STRICT = "STRICT"
UNSET = "UNSET"
# Neither shows the caller's certificate. Source: Istio API, ClientTLSSettings.TLSmode.
ONE_SIDED = frozenset(("DISABLE", "SIMPLE"))


@cluster_check(
    "EKP_MESH_1",
    "Ensure traffic within the mesh is mutual TLS",
    "Namespace",
    "PeerAuthentication",
    "DestinationRule",
)
def mesh_traffic_is_mutual_tls(one: Entity, everything: Everything) -> Verdict:
    """Fail a namespace of the mesh without STRICT, and what lets any traffic be less."""
    if one.kind == "Namespace":
        return _strict(one.name, everything) if in_mesh(one) else None
    if one.kind == "PeerAuthentication":
        return set(_asked(one)) <= {STRICT, UNSET}
    return not (ONE_SIDED.intersection(_sent(one)) and _within_mesh(one, everything))


def _strict(namespace: str, everything: Everything) -> bool:
    # The narrower one decides; one that says nothing leaves it to the wider one.
    # Source: Istio API, PeerAuthentication, "mtls".
    for place in (namespace, ROOT):
        modes = {_mode(one) for one in unselected(everything, "PeerAuthentication", place)}
        if said := modes - {UNSET}:
            return said == {STRICT}
    return False


def _mode(one: Entity) -> str:
    return next(_asked(one))


def _asked(one: Entity) -> Iterator[str]:
    """Yield the modes of a PeerAuthentication: its own, then those of ports."""
    spec = one.body.get("spec") or {}
    for part in (spec.get("mtls"), *(spec.get("portLevelMtls") or {}).values()):
        yield str((part or {}).get("mode") or UNSET)


def _sent(rule: Entity) -> Iterator[str]:
    """Yield the modes of TLS that a DestinationRule sets: in all, for ports, for subsets."""
    spec = rule.body.get("spec") or {}
    policies = [spec, *listed(spec.get("subsets"))]
    for policy in (part.get("trafficPolicy") or {} for part in policies):
        for part in (policy, *listed(policy.get("portLevelSettings"))):
            tls: Mapping[str, Any] = part.get("tls") or {}
            yield str(tls.get("mode") or "")


def _within_mesh(rule: Entity, everything: Everything) -> bool:
    host = str((rule.body.get("spec") or {}).get("host") or "")
    if "." not in host and host != "*":
        host = f"{host}.{rule.namespace}.svc.cluster.local"
    domains = [
        f".{one.name}.svc.cluster.local" for one in everything.of("Namespace") if in_mesh(one)
    ]
    return any(
        host.endswith(domain) or (host.startswith("*") and domain.endswith(host[1:]))
        for domain in domains
    )
