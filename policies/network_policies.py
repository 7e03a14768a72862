"""Whether a namespace denies by default, by Calico's policies and Kubernetes' own.

Asked is what becomes of traffic that no rule is about: the policies for all pods of the namespace
are gone through in Calico's order, up to the first that decides. Denials count where they are
certain, allowances where they may be: of everybody is what names some only by whom it leaves out.

Source: projectcalico/calico, felix/calc/policy_sorter.go (order), felix/rules/endpoints.go (tiers
and their ends), libcalico-go/lib/backend/k8s/conversion (Kubernetes' policies).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.calico_selectors import everyone, may_be_met, met, names_pods, names_some
from policies.checks import Entity, Everything, listed
from policies.reach import most_addresses, most_ports

CALICO = "projectcalico.org/"
DEFAULT_TIER = "default"
KUBERNETES_ORDER = 1000
ICMP = frozenset(("icmp", "icmpv6", "1", "58"))

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class _Policy:
    """A policy of a namespace; ``certain``: it surely selects all pods, so its denials count."""

    one: Entity
    certain: bool

    @property
    def spec(self) -> Mapping[str, Any]:
        return self.one.body.get("spec") or {}

    @property
    def calico(self) -> bool:
        return str(self.one.body.get("apiVersion")).startswith(CALICO)

    @property
    def default_tier(self) -> bool:
        return str(self.spec.get("tier") or DEFAULT_TIER) == DEFAULT_TIER

    @property
    def rank(self) -> tuple[bool, float, str]:
        order = self.spec.get("order") if self.calico else KUBERNETES_ORDER
        # Tiers of somebody's making come before the default one.
        return self.default_tier, float("inf" if order is None else order), self.one.name

    @property
    def types(self) -> Sequence[str]:
        if said := listed(self.spec.get("types" if self.calico else "policyTypes")):
            return said
        if not self.spec.get("egress"):
            return ["Ingress"]
        calico_out = self.calico and not self.spec.get("ingress")
        return ["Egress"] if calico_out else ["Ingress", "Egress"]


def denies_by_default(namespace: Entity, everything: Everything) -> bool:
    """Tell whether what no rule names neither enters nor leaves the pods of a namespace."""
    found = (_of(one, namespace) for one in everything.of("NetworkPolicy", "GlobalNetworkPolicy"))
    policies = sorted((one for one in found if one), key=lambda policy: policy.rank)
    return all(_denied(direction, policies) for direction in ("Ingress", "Egress"))


def _of(one: Entity, namespace: Entity) -> _Policy | None:
    """Return a policy if it selects, or may select, all pods of a namespace."""
    if one.kind == "NetworkPolicy" and one.namespace != namespace.name:
        return None
    policy = _Policy(one, certain=True)
    spec = policy.spec
    if not policy.calico:
        pods = spec.get("podSelector") or {}
        return None if _names(pods, "In") else _Policy(one, certain=not any(pods.values()))
    # These are of hosts.
    if spec.get("doNotTrack") or spec.get("preDNAT"):
        return None
    labels = {
        **namespace.labels,
        "projectcalico.org/name": namespace.name,
        "kubernetes.io/metadata.name": namespace.name,
    }
    pods, accounts, spaces = (
        spec.get(field) for field in ("selector", "serviceAccountSelector", "namespaceSelector")
    )
    if names_pods(pods) or names_pods(accounts) or not may_be_met(spaces, labels):
        return None
    return _Policy(one, everyone(pods) and everyone(accounts) and met(spaces, labels))


def _denied(direction: str, policies: Sequence[_Policy]) -> bool:
    asked = [one for one in policies if direction in one.types]
    decided = (verdict for one in asked for verdict in _verdicts(one, direction))
    # At its end the tier denies to whom it selects; that is meant by a policy without rules alone,
    # and would go with the rules of any other.
    return next(decided, any(_without_rules(one, direction) for one in asked))


def _without_rules(policy: _Policy, direction: str) -> bool:
    return policy.certain and policy.default_tier and not policy.spec.get(direction.lower())


def _verdicts(policy: _Policy, direction: str) -> Iterator[bool]:
    """Yield whether traffic that nothing names is denied, for each rule that decides on it."""
    for rule in (one or {} for one in listed(policy.spec.get(direction.lower()))):
        if not policy.calico:
            if _kubernetes_opens(rule, direction):
                yield False
        elif rule.get("action") == "Deny":
            if policy.certain and not any(
                rule[field] for field in rule if field not in ("action", "metadata")
            ):
                yield True
        elif _lets_through(rule, policy) and _opens(rule):
            yield False


def _lets_through(rule: Rule, policy: _Policy) -> bool:
    # What the default tier passes on, nothing asks any more.
    return rule.get("action") == "Allow" or (rule.get("action") == "Pass" and policy.default_tier)


def _opens(rule: Rule) -> bool:
    """Tell whether a rule that allows names neither end."""
    if str(rule.get("protocol")).lower() in ICMP:
        return False
    return all(_anyone(rule.get(end) or {}) for end in ("source", "destination"))


def _anyone(end: Mapping[str, Any]) -> bool:
    """Tell whether an end is everybody; whom it leaves out (``notNets``) makes it nobody else."""
    nets, ports = listed(end.get("nets")), listed(end.get("ports"))
    accounts = end.get("serviceAccounts") or {}
    named = (
        names_some(end.get("selector")),
        names_some(end.get("namespaceSelector")),
        bool(accounts.get("names")) or names_some(accounts.get("selector")),
        bool(end.get("services")),
        bool(end.get("domains")) and "*" not in end["domains"],
        bool(nets) and not most_addresses(nets),
        bool(ports) and not most_ports(ports),
    )
    return not any(named)


def _kubernetes_opens(rule: Rule, direction: str) -> bool:
    """Tell whether a rule of Kubernetes, which always allows, names no peer and no port."""
    peers = listed(rule.get("from" if direction == "Ingress" else "to"))
    ports = listed(rule.get("ports"))
    blocks = [peer["ipBlock"]["cidr"] for peer in peers if peer.get("ipBlock")]
    every_peer = not peers or most_addresses(blocks) or any(_every_pod(peer) for peer in peers)
    # A protocol alone is one with all of its ports.
    ranges = [f"{one['port']}:{one.get('endPort', one['port'])}" for one in ports if "port" in one]
    return every_peer and (len(ranges) < len(ports) or not ports or most_ports(ranges))


def _every_pod(peer: Mapping[str, Any]) -> bool:
    spaces = peer.get("namespaceSelector")
    return spaces is not None and not (
        _names(spaces, "In", "Exists") or _names(peer.get("podSelector") or {}, "In", "Exists")
    )


def _names(selector: Mapping[str, Any], *operators: str) -> bool:
    """Tell whether a selector of Kubernetes says by a label whom it means."""
    return bool(selector.get("matchLabels")) or any(
        one.get("operator") in operators for one in listed(selector.get("matchExpressions"))
    )
