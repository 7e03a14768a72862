"""A request finds its way through production as synthesized, and a lost hop is named."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.request_path import MissingHopError, follow
from tests.support.synth import Synth

REGIONS = ("eu-west-1", "us-east-1")
EDGE, IRELAND = "prod-edge", "prod-eu-west-1-ingress"
Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.requirement("R01")
@pytest.mark.requirement("R21")
def test_a_user_s_request_reaches_the_gateway_of_both_regions(stacks: Mapping[str, Synth]) -> None:
    path = follow(stacks, "prod", "app.prod.ekp.example")

    assert path.target_groups == {
        "eu-west-1": "ekp-prod-euw1-gateway-tls",
        "us-east-1": "ekp-prod-use1-gateway-tls",
    }
    assert path.hops == [
        *("records *.prod.ekp.example", "web ACL CLOUDFRONT", "distribution"),
        "origin origin.prod.ekp.example",
        *(
            f"{hop} {region}"
            for region in REGIONS
            for hop in ("record", "load balancer", "target group")
        ),
    ]


def test_the_domain_itself_is_served_like_its_hosts(stacks: Mapping[str, Synth]) -> None:
    path = follow(stacks, "prod", "prod.ekp.example")

    assert set(path.target_groups) == set(REGIONS)


def test_a_shard_s_host_reaches_the_shard_of_both_regions(stacks: Mapping[str, Synth]) -> None:
    path = follow(stacks, "prod", "api.prod.ekp.example")

    assert set(path.target_groups.values()) == {"ekp-prod-euw1-api", "ekp-prod-use1-api"}


@pytest.mark.parametrize("environment", ["dev", "qa"])
def test_the_smaller_environments_are_met_the_same_way(
    stacks: Mapping[str, Synth], environment: str
) -> None:
    path = follow(stacks, environment, f"app.{environment}.ekp.example")

    assert path.target_groups == {"eu-west-1": f"ekp-{environment}-euw1-gateway-tls"}


def test_the_origin_s_value_and_the_load_balancers_are_the_same_variable(
    stacks: Mapping[str, Synth],
) -> None:
    (origin,) = [
        o
        for o in stacks[EDGE].one("aws_cloudfront_distribution")["origin"]
        if o["origin_id"] == "regions"
    ]
    (header,) = origin["custom_header"]
    rules = stacks[IRELAND].all("aws_lb_listener_rule").values()
    proofs = [c["http_header"] for r in rules for c in r["condition"] if "http_header" in c]

    assert len(proofs) == 2
    assert all(proof["http_header_name"] == header["name"] for proof in proofs)
    assert all(header["value"] in proof["values"] for proof in proofs)


def without(kind: str) -> Spoil:
    """Return what removes every resource of a kind."""
    return lambda json: json["resource"].pop(kind)


def each(kind: str, change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Return what changes every resource of a kind."""
    return lambda json: [change(found) for found in json["resource"][kind].values()]


@pytest.mark.requirement("R01")
@pytest.mark.parametrize(
    ("stack_id", "spoil", "hop"),
    [
        (EDGE, without("aws_route53_record"), "A alias record for app.prod.ekp.example"),
        (EDGE, without("aws_cloudfront_distribution"), "distribution behind the A record of app"),
        (
            EDGE,
            each("aws_cloudfront_distribution", lambda d: d["aliases"].pop()),
            "alias for app.prod.ekp.example",
        ),
        (EDGE, without("aws_wafv2_web_acl"), "web ACL of the distribution"),
        (
            EDGE,
            each("aws_acm_certificate", lambda c: c["subject_alternative_names"].clear()),
            "certificate of the distribution for app.prod.ekp.example",
        ),
        (
            EDGE,
            each("aws_cloudfront_distribution", lambda d: d["origin"][0].pop("custom_header")),
            "secret header of the origin",
        ),
        (IRELAND, without("aws_route53_record"), "record of origin.prod.ekp.example in eu-west-1"),
        (IRELAND, without("aws_route53_health_check"), "health check of origin.prod.ekp.example"),
        (IRELAND, without("aws_cloudwatch_metric_alarm"), "alarm behind the health check"),
        (IRELAND, without("aws_lb"), "load balancer behind the record"),
        (IRELAND, without("aws_wafv2_web_acl_association"), "web ACL in eu-west-1"),
        (IRELAND, without("aws_lb_listener"), "listener on 443 in eu-west-1"),
        (IRELAND, without("aws_acm_certificate_validation"), "certificate in eu-west-1, issued"),
        (IRELAND, without("aws_lb_listener_rule"), "listener rule for app.prod.ekp.example in eu"),
        (IRELAND, without("aws_lb_target_group"), "target group of app.prod.ekp.example in eu"),
    ],
)
def test_a_missing_hop_is_named(
    stacks: Mapping[str, Synth], stack_id: str, spoil: Spoil, hop: str
) -> None:
    spoilt = copy.deepcopy(dict(stacks[stack_id].json))
    spoil(spoilt)

    with pytest.raises(MissingHopError, match=f"there is no {hop}"):
        follow({**stacks, stack_id: Synth(spoilt)}, "prod", "app.prod.ekp.example")
