"""DNS shares traffic out by one policy, and refuses shares that would do the opposite."""

from collections.abc import Mapping

from modules.core.origin_records import OriginRecord, Policy, Share, faults, records

import pytest

NAME = "origin.prod.ekp.example"
IRELAND, VIRGINIA, PARIS = "eu-west-1", "us-east-1", "eu-west-3"


@pytest.mark.parametrize(
    ("policy", "share", "expected"),
    [
        (Policy.LATENCY, Share(), [OriginRecord("latency", NAME, latency_region=IRELAND)]),
        (Policy.WEIGHTED, Share(weight=7), [OriginRecord("weighted", NAME, weight=7)]),
        (Policy.FAILOVER, Share(), [OriginRecord("failover", NAME, failover="PRIMARY")]),
        (
            Policy.FAILOVER,
            Share(standby=True),
            [OriginRecord("failover", NAME, failover="SECONDARY")],
        ),
        (
            Policy.TREE,
            Share(weight=95),
            [
                OriginRecord("latency", NAME, latency_region=IRELAND, target=f"{IRELAND}.{NAME}"),
                OriginRecord("branch", f"{IRELAND}.{NAME}", weight=95),
            ],
        ),
        (
            Policy.TREE,
            Share(weight=5, canary_of=VIRGINIA),
            [OriginRecord("branch", f"{VIRGINIA}.{NAME}", weight=5)],
        ),
    ],
)
def test_a_region_publishes_what_the_policy_asks(
    policy: Policy, share: Share, expected: list[OriginRecord]
) -> None:
    assert list(records(policy, IRELAND, share, NAME)) == expected


@pytest.mark.parametrize("policy", Policy)
def test_a_region_that_does_not_serve_has_no_record(policy: Policy) -> None:
    assert records(policy, IRELAND, Share(serving=False), NAME) == ()


@pytest.mark.parametrize(
    ("policy", "shares"),
    [
        (Policy.LATENCY, {IRELAND: Share(), VIRGINIA: Share(serving=False)}),
        (Policy.WEIGHTED, {IRELAND: Share(), VIRGINIA: Share(weight=0)}),
        (Policy.FAILOVER, {IRELAND: Share(), VIRGINIA: Share(standby=True)}),
        (Policy.FAILOVER, {IRELAND: Share(serving=False), VIRGINIA: Share(standby=True)}),
        (Policy.TREE, {IRELAND: Share(), PARIS: Share(canary_of=IRELAND, weight=0)}),
    ],
)
def test_a_drain_and_a_region_taken_out_are_accepted(
    policy: Policy, shares: Mapping[str, Share]
) -> None:
    assert faults(policy, shares) == []


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(
    ("policy", "shares", "place", "message"),
    [
        (
            Policy.WEIGHTED,
            {IRELAND: Share(weight=0), VIRGINIA: Share(weight=0)},
            "",
            "eu-west-1, us-east-1 all have weight 0, which Route53 takes as equal weights; give",
        ),
        (
            Policy.WEIGHTED,
            {IRELAND: Share(weight=0), VIRGINIA: Share(serving=False)},
            "",
            "eu-west-1 all have weight 0",
        ),
        (Policy.LATENCY, {IRELAND: Share(serving=False)}, "", "no region is serving"),
        (
            Policy.LATENCY,
            {IRELAND: Share(standby=True)},
            IRELAND,
            "standby belongs to policy failover, the environment's is latency; remove it",
        ),
        (
            Policy.FAILOVER,
            {IRELAND: Share(), VIRGINIA: Share()},
            "",
            "failover takes one region that serves and one standby, found eu-west-1, us-east-1 and",
        ),
        (
            Policy.TREE,
            {IRELAND: Share(), PARIS: Share(canary_of=VIRGINIA)},
            PARIS,
            "canary_of names us-east-1, which is no serving region of its own; name one of eu-west",
        ),
        (
            Policy.TREE,
            {IRELAND: Share(weight=0), PARIS: Share(canary_of=IRELAND, weight=0)},
            IRELAND,
            "eu-west-1, eu-west-3 all have weight 0",
        ),
    ],
)
def test_shares_that_lead_users_nowhere_or_everywhere_are_refused(
    policy: Policy, shares: Mapping[str, Share], place: str, message: str
) -> None:
    ((where, said),) = faults(policy, shares)

    assert where == place
    assert said.startswith(message)
