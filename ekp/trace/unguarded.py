"""Decisions that let a request through because nothing guards it: what is missing there."""

from collections.abc import Mapping
from dataclasses import replace

from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Token
from ekp.evaluate.stage import Stage

_TENANTS = "Deploy {environment}-{region}-tenants, which makes "
# Who decided where nothing is there, as the evaluators call it -> what would be there.
_REMEDIES: Mapping[Stage, tuple[str, str]] = {
    Stage.NETWORK: ("Profile kns.", f"{_TENANTS}the network policies that deny what none allows."),
    Stage.MUTUAL_TLS: (
        "no PeerAuthentication",
        f"{_TENANTS}PeerAuthentication istio-system/default: mutual TLS for the whole mesh.",
    ),
    Stage.AUTHORIZATION: (
        "no AuthorizationPolicy",
        f"{_TENANTS}AuthorizationPolicy istio-system/allow-nothing and those of `access`.",
    ),
    Stage.TOKEN: (
        "no RequestAuthentication",
        f"{_TENANTS}RequestAuthentication istio-ingress/tokens of `identity.issuers`.",
    ),
    Stage.SCOPE: ("no Sidecar", f"{_TENANTS}the Sidecars, which bound what a proxy sees."),
}


def marked(hop: Hop, *, environment: str, token: Token | None) -> Hop:
    """Return a hop, as missing where it lets a request through for want of a guard.

    Without a token, that nobody looks at any is no loss.
    """
    if hop.verdict is not Verdict.PASSES or hop.stage not in _REMEDIES:
        return hop
    nothing, remedy = _REMEDIES[hop.stage]
    if not hop.by.startswith(nothing) or (hop.stage is Stage.TOKEN and token is None):
        return hop
    return replace(
        hop,
        verdict=Verdict.MISSING,
        remedy=remedy.format(environment=environment, region=hop.region),
    )
