"""A load balancer takes requests of its own distribution, and names who it refuses and why."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Verdict
from ekp.evaluate.stage import Stage
from ekp.trace.question import Client, Entry
from tests.support.configured import with_stack, without

from .asking import API, APP, EDGE, IRELAND, ask, at, each, missing, region

SECRET = "${var.origin_header_current}"


@pytest.fixture(scope="module")
def hub(synthesized_outdir: Path) -> Configured:
    """Management: users meet its load balancer directly, from listed networks."""
    return Configured.load(synthesized_outdir, "management")


@pytest.mark.requirement("R01")
@pytest.mark.requirement("R21")
def test_a_user_s_request_passes_every_stage_to_the_gateway_of_both_regions(
    prod: Configured,
) -> None:
    reached = {}
    for nearest in (("eu-west-1", "us-east-1"), ("us-east-1", "eu-west-1")):
        found = ask(prod, client=Client(nearest=nearest))
        assert missing(found) == []
        assert list(dict.fromkeys(hop.stage for hop in found.hops)) == [
            Stage.DNS,
            Stage.CDN,
            Stage.GLOBAL_WAF,
            Stage.ORIGIN,
            Stage.BALANCER,
            Stage.REGIONAL_WAF,
        ]
        assert found.entered is not None
        reached[found.entered.region] = found.entered.target_group.body["name"]

    assert reached == {
        "eu-west-1": "ekp-prod-euw1-gateway-tls",
        "us-east-1": "ekp-prod-use1-gateway-tls",
    }


def test_the_domain_itself_is_served_like_its_hosts(prod: Configured) -> None:
    assert region(ask(prod, host="prod.ekp.example")) == "eu-west-1"


@pytest.mark.parametrize("environment", ["dev", "qa"])
def test_the_smaller_environments_are_met_the_same_way(
    synthesized_outdir: Path, environment: str
) -> None:
    smaller = Configured.load(synthesized_outdir, environment)
    found = ask(smaller, host=f"app.{environment}.ekp.example").entered

    assert found is not None
    assert found.target_group.body["name"] == f"ekp-{environment}-euw1-gateway-tls"


def test_a_shard_s_host_reaches_the_shard(prod: Configured) -> None:
    found = ask(prod, host=API).entered

    assert found is not None
    assert found.target_group.body["name"] == "ekp-prod-euw1-api"
    assert found.request.port == 80


def test_what_the_load_balancer_sends_is_its_own_request(prod: Configured) -> None:
    found = ask(prod, headers={"x_admin": "1", "X-Forwarded-Proto": "http"}).entered

    assert found is not None
    assert found.request.port == 443
    assert found.request.header("x-forwarded-proto") == "https"
    assert found.request.header("x-forwarded-port") == "443"
    assert found.request.header("x_admin") is None
    assert found.source == "10.40.32.4"


def test_an_address_of_the_internet_gets_no_answer_from_the_load_balancer(
    prod: Configured,
) -> None:
    (hop,) = ask(prod, entry=Entry.BALANCER).hops

    assert (hop.verdict, hop.status) == (Verdict.REFUSES, None)
    assert "pl-4fa04526 on 443 in and drops all else" in hop.why
    (other,) = ask(prod, entry=Entry.BALANCER, region="us-east-1").hops
    assert other.region == "us-east-1"
    assert "pl-3b927c52" in other.why


@pytest.mark.parametrize("headers", [{}, {"x-origin-verify": "guess"}, {"x-origin-verify": SECRET}])
def test_somebody_else_s_distribution_is_blocked_for_want_of_the_secret(
    prod: Configured, headers: Mapping[str, str]
) -> None:
    found = ask(prod, entry=Entry.FOREIGN_CDN, headers={"true-client-ip": "192.0.2.1", **headers})

    last = found.hops[-1]
    assert (last.stage, last.verdict, last.status) == (Stage.REGIONAL_WAF, Verdict.REFUSES, 403)
    assert last.by == "prod-eu-west-1-ingress/web-acl/Resource rule origin-header"
    assert found.hops[0].verdict is Verdict.PASSES


def test_the_listener_refuses_it_too_where_the_web_acl_is_gone(prod: Configured) -> None:
    bare = without(prod, IRELAND, "aws_wafv2_web_acl_association")
    found = ask(bare, entry=Entry.FOREIGN_CDN, headers={"x-origin-verify": "guess"})

    assert [hop.stage for hop in missing(found)] == [Stage.REGIONAL_WAF]
    last = found.hops[-1]
    assert (last.stage, last.verdict, last.status) == (Stage.BALANCER, Verdict.REFUSES, 403)
    assert "is for the host, not without header x-origin-verify" in last.why


@pytest.mark.requirement("R01")
@pytest.mark.parametrize(
    ("kind", "name", "setting"),
    [
        ("aws_wafv2_web_acl_association", "web ACL in eu-west-1", "ingress.web_acl"),
        ("aws_wafv2_web_acl", "web ACL in eu-west-1", "ingress.web_acl"),
        ("aws_lb_listener", "listener on 443 in eu-west-1", "ingress.alb"),
        ("aws_acm_certificate_validation", "certificate in eu-west-1", "edge.domain"),
        ("aws_lb_listener_rule", "listener rules in eu-west-1", "edge.shards"),
        ("aws_lb_target_group", "target group in eu-west-1", "edge.shards"),
    ],
)
def test_what_a_region_lacks_is_named_with_its_setting(
    prod: Configured, kind: str, name: str, setting: str
) -> None:
    found = ask(without(prod, IRELAND, kind))

    (hop,) = missing(found)
    assert (hop.name, hop.region) == (name, "eu-west-1")
    assert setting in hop.remedy
    assert (found.entered is not None) is (hop.stage is Stage.REGIONAL_WAF)


def test_a_certificate_that_does_not_hold_makes_cloudfront_answer_502(prod: Configured) -> None:
    change = each("aws_acm_certificate", lambda one: one["subject_alternative_names"].clear())
    (hop,) = missing(ask(with_stack(prod, IRELAND, change)))

    assert hop.status == 502
    assert f"origin.prod.ekp.example or {APP}" in hop.why


def test_the_secret_of_another_variable_opens_nothing(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        body["origin"][0]["custom_header"][0]["value"] = "${var.origin_header_old}"

    other = with_stack(prod, EDGE, each("aws_cloudfront_distribution", change))
    assert ask(other).hops[-1].stage is Stage.REGIONAL_WAF
    bare = without(other, IRELAND, "aws_wafv2_web_acl_association")
    assert ask(bare).hops[-1].status == 403


def test_the_hub_is_met_without_cloudfront_from_listed_networks_alone(hub: Configured) -> None:
    host = "rancher.management.ekp.example"
    found = ask(hub, host=host)

    assert region(found) == "eu-west-1"
    assert [hop.stage for hop in missing(found)] == [Stage.CDN, Stage.GLOBAL_WAF]
    assert all("edge.front" in hop.remedy for hop in missing(found))
    assert "198.51.100.7 is in 198.51.100.0/24" in at(found, Stage.BALANCER)[0].why
    outside = ask(hub, host=host, client=Client(address="192.0.2.9")).hops[-1]
    assert (outside.verdict, outside.status) == (Verdict.REFUSES, None)
    assert ask(hub, host=host, scheme="http").hops[-1].verdict is Verdict.REFUSES


def test_the_hub_has_no_address_for_ipv6(hub: Configured) -> None:
    found = ask(hub, host="rancher.management.ekp.example", client=Client(address="2001:db8::7"))

    assert (found.entered, found.hops[-1].verdict) == (None, Verdict.MISSING)
    assert "it has no AAAA record" in found.hops[-1].why


def test_a_region_without_a_load_balancer_is_named(prod: Configured) -> None:
    (hop,) = ask(prod, entry=Entry.BALANCER, region="eu-central-1").hops

    assert hop.verdict is Verdict.MISSING
    assert "eu-west-1, us-east-1 of prod has one" in hop.why
