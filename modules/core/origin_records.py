"""How DNS shares an environment's traffic out to its regions: records as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from .config import Config
from .context import Region


class Policy(StrEnum):
    """How users are led to regions; a record set knows one policy, so the environment has one."""

    LATENCY = "latency"
    """The nearest healthy region."""
    WEIGHTED = "weighted"
    """By weight, among the healthy regions."""
    FAILOVER = "failover"
    """One region serves; the standby takes over while it is unhealthy."""
    TREE = "tree"
    """The nearest region, which shares its part with canary regions by weight."""


class Share(Config):
    """A region's part of the traffic."""

    serving: bool = True
    """False takes the region out: its records go, all else stays."""
    weight: int = Field(default=100, ge=0, le=255)
    """Its part among the others under weighted, or among those of one branch under tree."""
    standby: bool = False
    """Under failover: the region that waits."""
    canary_of: Region | None = None
    """Under tree: the region whose users this one takes a part of."""


@dataclass(frozen=True, slots=True)
class OriginRecord:
    """One record of a region. ``target`` is a name in the zone; None is its load balancer."""

    id: str
    name: str
    latency_region: str | None = None
    weight: int | None = None
    failover: str | None = None
    target: str | None = None


def records(policy: Policy, region: str, share: Share, name: str) -> tuple[OriginRecord, ...]:
    """Return a region's records for a name; what other regions do changes none of them."""
    if not share.serving:
        return ()
    match policy:
        case Policy.LATENCY:
            return (OriginRecord("latency", name, latency_region=region),)
        case Policy.WEIGHTED:
            return (OriginRecord("weighted", name, weight=share.weight),)
        case Policy.FAILOVER:
            role = "SECONDARY" if share.standby else "PRIMARY"
            return (OriginRecord("failover", name, failover=role),)
        case Policy.TREE:
            home = share.canary_of or region
            branch = f"{home}.{name}"
            leaf = OriginRecord("branch", branch, weight=share.weight)
            if share.canary_of:
                return (leaf,)
            return (OriginRecord("latency", name, latency_region=region, target=branch), leaf)


def faults(policy: Policy, shares: Mapping[str, Share]) -> Sequence[tuple[str, str]]:
    """Return what is wrong with an environment's shares: the setting's place and the message."""
    serving = {region: share for region, share in shares.items() if share.serving}
    if not serving:
        return [("", "no region is serving: nothing would answer; let one serve")]
    wrong = [
        (region, f"{setting} belongs to policy {owner}, the environment's is {policy}; remove it")
        for region, share in shares.items()
        for setting, owner, is_set in (
            ("standby", Policy.FAILOVER, share.standby),
            ("canary_of", Policy.TREE, share.canary_of is not None),
        )
        if is_set and policy is not owner
    ]
    match policy:
        case Policy.WEIGHTED:
            wrong += _without_weight("", serving)
        case Policy.FAILOVER:
            wrong += _roles(serving)
        case Policy.TREE:
            wrong += _branches(serving)
        case Policy.LATENCY:
            pass
    return wrong


def _without_weight(place: str, shares: Mapping[str, Share]) -> list[tuple[str, str]]:
    # Route53 answers with all of them alike when every weight is zero: the opposite of a drain.
    if any(share.weight for share in shares.values()):
        return []
    message = (
        f"{', '.join(shares)} all have weight 0, which Route53 takes as equal weights; "
        "give one a weight, or take a region out with serving = False"
    )
    return [(place, message)]


def _roles(serving: Mapping[str, Share]) -> list[tuple[str, str]]:
    primaries = [region for region, share in serving.items() if not share.standby]
    standbys = [region for region, share in serving.items() if share.standby]
    if len(primaries) <= 1 and len(standbys) <= 1:
        return []
    message = (
        "failover takes one region that serves and one standby, found "
        f"{', '.join(primaries) or 'none'} and {', '.join(standbys) or 'none'}; set standby"
    )
    return [("", message)]


def _branches(serving: Mapping[str, Share]) -> list[tuple[str, str]]:
    wrong = []
    homes = {r: {r: share} for r, share in serving.items() if share.canary_of is None}
    for region, share in serving.items():
        if share.canary_of is None:
            continue
        if share.canary_of in homes:
            homes[share.canary_of][region] = share
        else:
            message = (
                f"canary_of names {share.canary_of}, which is no serving region of its own; "
                f"name one of {', '.join(homes) or 'the regions that serve'}"
            )
            wrong.append((region, message))
    for home, branch in homes.items():
        wrong += _without_weight(home, branch)
    return wrong
