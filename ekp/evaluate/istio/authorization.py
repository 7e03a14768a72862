"""AuthorizationPolicies: whether a workload's proxy lets a request through.

Source: Istio, "Authorization Policy" and "Authorization Policy Conditions" references.
"""

from collections.abc import Iterable

from ..request import Decision, Identity, Object, Request, Unsupported, Workload, named
from .asked import lacking, of_rule
from .conditions import Attributes
from .matching import check_keys, refused_path, selecting, spec_of
from .rules import matches_rule

_SPEC = {"action", "rules", "selector"}
_DRY_RUN = "istio.io/dry-run"
FORBIDDEN = 403


def authorize(
    objects: Iterable[Object],
    workload: Workload,
    peer: Workload | None,
    request: Request,
    identity: Identity | None,
    *,
    trust_domain: str | None = None,
) -> Decision:
    """Return what the AuthorizationPolicies of a workload say of a request.

    DENY comes first; then, where any ALLOW policy selects the workload, one of them has to match.
    AUDIT decides nothing. Every policy that selects the workload is checked for what is not
    understood, whether it would match or not.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy decides.
        peer: Who the proxy at the other end proves to be; None: nobody, there is no mutual TLS.
        request: As it reaches the proxy, the headers as authentication leaves them. Its ``port`` is
            the one that the workload's own proxy listens for: the container's.
        identity: What authentication made of the request's token.
        trust_domain: The mesh's, needed where a policy names principals or trust domains.

    Raises:
        Unsupported: a policy has the action CUSTOM or a part that is not understood.
    """
    if not workload.in_mesh:
        return Decision(
            allowed=True,
            by=f"{workload.namespace}/{workload.name}",
            why="has no sidecar, so no AuthorizationPolicy holds for it",
        )
    if refused := refused_path(request):
        return refused
    attributes = Attributes(
        peer=peer if peer is not None and peer.in_mesh else None,
        request=request,
        identity=identity,
        trust_domain=trust_domain,
    )
    deciding: dict[str, list[tuple[Object, int | None]]] = {"ALLOW": [], "DENY": [], "AUDIT": []}
    for policy in selecting(objects, "AuthorizationPolicy", workload):
        action = _action(policy)
        deciding[action].append((policy, _first_match(policy, attributes)))
    for policy, rule in deciding["DENY"]:
        if rule is not None:
            return Decision(
                allowed=False,
                by=f"{named(policy)} rules[{rule}]",
                why=f"denies {of_rule(policy, rule)}",
                status=FORBIDDEN,
            )
    return _allowed(deciding["ALLOW"], attributes)


def _allowed(policies: list[tuple[Object, int | None]], attributes: Attributes) -> Decision:
    for policy, rule in policies:
        if rule is not None:
            return Decision(
                allowed=True,
                by=f"{named(policy)} rules[{rule}]",
                why=f"allows {of_rule(policy, rule)}",
            )
    if policies:
        return Decision(
            allowed=False,
            by=", ".join(named(policy) for policy, _ in policies),
            why=lacking((policy for policy, _ in policies), attributes),
            status=FORBIDDEN,
        )
    return Decision(
        allowed=True,
        by="no AuthorizationPolicy",
        why="no policy with the action ALLOW selects the workload, so all is allowed",
    )


def _action(policy: Object) -> str:
    spec = policy.get("spec") or {}
    action = spec.get("action", "ALLOW")
    if action not in ("ALLOW", "DENY", "AUDIT"):
        raise Unsupported(policy, "spec.action", f"{action!r} is not understood")
    if _DRY_RUN in policy.get("metadata", {}).get("annotations", {}):
        raise Unsupported(policy, f"metadata.annotations.{_DRY_RUN}", "is not understood")
    return str(action)


def _first_match(policy: Object, attributes: Attributes) -> int | None:
    """Return the place of the first rule that matches, having read all of them."""
    rules = spec_of(policy, _SPEC).get("rules") or []
    if not isinstance(rules, list | tuple):
        raise Unsupported(policy, "spec.rules", f"is {rules!r}, not a list")
    matching: list[int] = []
    for index, rule in enumerate(rules):
        where = f"spec.rules[{index}]"
        check_keys(policy, where, rule, {"from", "to", "when"})
        if matches_rule(policy, where, rule, attributes):
            matching.append(index)
    return matching[0] if matching else None
