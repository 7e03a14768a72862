"""What policies there are, whom each selects and in which order Calico asks them.

Source: projectcalico/calico, felix/calc/policy_sorter.go (order),
libcalico-go/lib/backend/syncersv1/updateprocessors (what a policy selects),
api/pkg/defaults/networkpolicy.go (types).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..request import Object, Unsupported, of_kind
from .endpoints import NAMESPACE, OF_NAMESPACE, OF_SERVICE_ACCOUNT
from .kubernetes import as_calico
from .rules import selector

GROUP = "projectcalico.org"
_DEFAULT_TIER = "default"
# Source: api/pkg/apis/projectcalico/v3/tier.go; Calico makes it itself.
_DEFAULT_TIER_ORDER = 1_000_000
_NO_ORDER = float("inf")
_SPEC = {
    "tier",
    "order",
    "selector",
    "serviceAccountSelector",
    "types",
    "ingress",
    "egress",
    "performanceHints",
}
_NOT_EVALUATED = {
    (GROUP, "GlobalNetworkSet"),
    (GROUP, "NetworkSet"),
    (GROUP, "HostEndpoint"),
    (GROUP, "Profile"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", "NetworkPolicy"),
    ("crd.projectcalico.org", "Tier"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of either kind, its ``spec`` in Calico's form."""

    source: Object
    spec: Mapping[str, Any]
    kind: str

    @property
    def tier(self) -> str:
        """Its tier's name."""
        return self.spec.get("tier") or _DEFAULT_TIER

    @property
    def types(self) -> list[str]:
        """The directions that it governs; without any said, those that it has rules for."""
        if found := self.spec.get("types"):
            return list(found)
        if not self.spec.get("egress"):
            return ["Ingress"]
        return ["Ingress", "Egress"] if self.spec.get("ingress") else ["Egress"]

    @property
    def rank(self) -> tuple[float, str]:
        """What policies of a tier are sorted by."""
        metadata, order = self.source["metadata"], self.spec.get("order")
        path = (metadata["name"], metadata.get("namespace", ""), self.kind)
        return (_NO_ORDER if order is None else order, "/".join(path))

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Tell whether it governs the pod with these labels, inherited ones included."""
        own = self.source["metadata"].get("namespace")
        if own and labels.get(NAMESPACE) != own:
            return False
        return all(
            selector(self.source, f"spec.{field}", self.spec.get(field) or "").matches(labels, pre)
            for field, pre in (
                ("selector", ""),
                ("namespaceSelector", OF_NAMESPACE),
                ("serviceAccountSelector", OF_SERVICE_ACCOUNT),
            )
        )


@dataclass(frozen=True, slots=True)
class Tier:
    """A group of policies; one that selects a pod decides, or passes on to the next tier."""

    name: str
    order: float
    passes: bool = False
    """Whether what no rule decides goes on to the next tier."""
    policies: tuple[Policy, ...] = ()


def read(objects: Iterable[Object]) -> tuple[Tier, ...]:
    """Return the tiers with their policies, in the order in which they are asked.

    Raises:
        Unsupported: an object would change what is let through and is not evaluated.
    """
    found = list(objects)
    for each in found:
        group = str(each.get("apiVersion", "")).rpartition("/")[0]
        if (group, each.get("kind")) in _NOT_EVALUATED:
            raise Unsupported(each, "kind", f"{each['kind']} of {group} is not evaluated")
        if each.get("kind") == "NetworkPolicy" and "namespace" not in each["metadata"]:
            raise Unsupported(each, "metadata.namespace", "it is missing; name the namespace")
    policies = sorted(_policies(found), key=lambda policy: policy.rank)
    tiers = {_DEFAULT_TIER: Tier(_DEFAULT_TIER, _DEFAULT_TIER_ORDER)}
    tiers |= {each["metadata"]["name"]: _tier(each) for each in of_kind(found, GROUP, "Tier")}
    for policy in policies:
        if policy.tier not in tiers:
            raise Unsupported(policy.source, "spec.tier", f"there is no Tier {policy.tier}")
    return tuple(
        replace(tier, policies=tuple(each for each in policies if each.tier == tier.name))
        for tier in sorted(tiers.values(), key=lambda tier: (tier.order, tier.name))
    )


def _policies(objects: list[Object]) -> Iterable[Policy]:
    for each in of_kind(objects, GROUP, "GlobalNetworkPolicy"):
        yield Policy(each, _spec(each, {*_SPEC, "namespaceSelector"}), "GlobalNetworkPolicy")
    for each in of_kind(objects, GROUP, "NetworkPolicy"):
        yield Policy(each, _spec(each, _SPEC), "NetworkPolicy")
    for each in of_kind(objects, "networking.k8s.io", "NetworkPolicy"):
        yield Policy(each, as_calico(each), "KubernetesNetworkPolicy")


def _spec(policy: Object, known: set[str]) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = policy.get("spec") or {}
    for key in sorted(set(spec) - known):
        if spec[key]:
            raise Unsupported(policy, f"spec.{key}", "it is not evaluated; leave it out")
    if wrong := sorted(set(spec.get("types") or ()) - {"Ingress", "Egress"}):
        raise Unsupported(policy, "spec.types", f"there is no {wrong[0]}; write Ingress or Egress")
    return spec


def _tier(source: Object) -> Tier:
    spec = source.get("spec") or {}
    order = spec.get("order")
    return Tier(
        source["metadata"]["name"],
        _NO_ORDER if order is None else order,
        passes=spec.get("defaultAction", "Deny") == "Pass",
    )
