"""EKP_NETPOL_1: what no policy names neither reaches the pods of a tenant nor leaves them.

Asked is what becomes of traffic that no rule is about: the policies for all pods of the namespace
are gone through in Calico's order, Kubernetes' own among them, up to the first that decides. A
selector beyond plain terms (``||``, brackets) counts for nothing: write two policies.

Source: projectcalico/calico, felix/calc/policy_sorter.go (order), felix/rules/endpoints.go (tiers
and their ends), libcalico-go/lib/backend/k8s/conversion (Kubernetes' policies).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policies.checks import Entity, Everything, Verdict, cluster_check, listed

TENANT = "ekp/tenant"
CALICO = "projectcalico.org/"
DEFAULT_TIER = "default"
KUBERNETES_ORDER = 1000
ANYWHERE = "0.0.0.0/0"
TERM = re.compile(
    r"""(?P<all>all\(\))
    |(?P<not>!\s*)?has\((?P<has>[\w./-]+)\)
    |(?P<key>[\w./-]+)\s*(?P<operator>==|!=|in|not\s+in)\s*(?P<values>'[^']*'|"[^"]*"|\{[^{}]*\})""",
    re.VERBOSE,
)
TEXT = re.compile(r"""["']([^"']*)["']""")

Rule = Mapping[str, Any]


@cluster_check(
    "EKP_NETPOL_1",
    "Ensure a tenant's namespace denies by default what enters and what leaves it",
    "Namespace",
)
def tenant_namespace_denies_by_default(namespace: Entity, everything: Everything) -> Verdict:
    """Fail a tenant's namespace where traffic that no rule names gets in or out."""
    if TENANT not in namespace.labels:
        return None
    policies = sorted(
        (
            one
            for one in everything.of("NetworkPolicy", "GlobalNetworkPolicy")
            if _selects_all_of(one, namespace)
        ),
        key=_rank,
    )
    return all(_denied(direction, policies) for direction in ("Ingress", "Egress"))


def _denied(direction: str, policies: Sequence[Entity]) -> bool:
    asked = [one for one in policies if direction in _types(one)]
    decided = (verdict for one in asked for verdict in _verdicts(one, direction))
    # At its end the tier denies to whom it selects; that is meant by a policy without rules alone,
    # and would go with the rules of any other.
    return next(decided, any(_without_rules(one, direction) for one in asked))


def _without_rules(policy: Entity, direction: str) -> bool:
    return _tier(policy) == DEFAULT_TIER and not _spec(policy).get(direction.lower())


def _verdicts(policy: Entity, direction: str) -> Iterator[bool]:
    """Yield whether traffic that nothing names is denied, for each rule that decides on it."""
    for rule in (one or {} for one in listed(_spec(policy).get(direction.lower()))):
        if not _calico(policy):
            if _names_nothing(rule, direction):
                yield False
        elif rule.get("action") == "Deny":
            if not any(rule[field] for field in rule if field not in ("action", "metadata")):
                yield True
        elif _lets_through(rule, policy) and _open(rule):
            yield False


def _lets_through(rule: Rule, policy: Entity) -> bool:
    # What the default tier passes on, nothing asks any more.
    passed = rule.get("action") == "Pass" and _tier(policy) == DEFAULT_TIER
    return passed or rule.get("action") == "Allow"


def _open(rule: Rule) -> bool:
    """Tell whether a rule that allows names no end at all."""
    if rule.get("http") or str(rule.get("protocol")).startswith("ICMP"):
        return False
    return all(_anyone(rule.get(end) or {}) for end in ("source", "destination"))


def _anyone(end: Mapping[str, Any]) -> bool:
    said = {field for field, value in end.items() if value}
    return not said or (said == {"nets"} and ANYWHERE in end["nets"])


def _names_nothing(rule: Rule, direction: str) -> bool:
    """Tell whether a rule of Kubernetes, which always allows, names no peer and no port."""
    peers = listed(rule.get("from" if direction == "Ingress" else "to"))
    return not rule.get("ports") and (not peers or any(_anywhere(peer) for peer in peers))


def _anywhere(peer: Mapping[str, Any]) -> bool:
    block = peer.get("ipBlock") or {}
    every_pod = peer.get("namespaceSelector") == {} and not peer.get("podSelector")
    return every_pod or (block.get("cidr") == ANYWHERE and not block.get("except"))


def _types(policy: Entity) -> Sequence[str]:
    spec = _spec(policy)
    if said := listed(spec.get("types" if _calico(policy) else "policyTypes")):
        return said
    if not spec.get("egress"):
        return ["Ingress"]
    return ["Egress"] if _calico(policy) and not spec.get("ingress") else ["Ingress", "Egress"]


def _rank(policy: Entity) -> tuple[bool, float, str]:
    order = _spec(policy).get("order") if _calico(policy) else KUBERNETES_ORDER
    # Tiers of somebody's making come before the default one.
    return _tier(policy) == DEFAULT_TIER, float("inf" if order is None else order), policy.name


def _selects_all_of(policy: Entity, namespace: Entity) -> bool:
    spec = _spec(policy)
    if policy.kind == "NetworkPolicy" and policy.namespace != namespace.name:
        return False
    if not _calico(policy):
        return not any((spec.get("podSelector") or {}).values())
    # These are of hosts, or of some pods alone.
    if any(spec.get(field) for field in ("doNotTrack", "preDNAT", "serviceAccountSelector")):
        return False
    name = {"projectcalico.org/name": namespace.name, "kubernetes.io/metadata.name": namespace.name}
    return _every(spec.get("selector")) and _met(
        spec.get("namespaceSelector"), {**namespace.labels, **name}
    )


def _every(selector: Any) -> bool:
    return str(selector or "all()").strip() == "all()"


def _met(selector: Any, labels: Mapping[str, str]) -> bool:
    return _every(selector) or all(_holds(term, labels) for term in str(selector).split("&&"))


def _holds(term: str, labels: Mapping[str, str]) -> bool:
    found = TERM.fullmatch(term.strip())
    if found is None:
        return False
    if found["all"]:
        return True
    if found["has"]:
        return (found["has"] in labels) != bool(found["not"])
    among = labels.get(found["key"]) in TEXT.findall(found["values"])
    return among == (found["operator"] in ("==", "in"))


def _calico(policy: Entity) -> bool:
    return str(policy.body.get("apiVersion")).startswith(CALICO)


def _tier(policy: Entity) -> str:
    return str(_spec(policy).get("tier") or DEFAULT_TIER)


def _spec(policy: Entity) -> Mapping[str, Any]:
    return policy.body.get("spec") or {}
