"""Route 53's answer decides the region: by policy, by health, and never by neither."""

from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Verdict
from ekp.evaluate.request import Unsupported
from ekp.evaluate.stage import Stage
from ekp.trace.question import Client
from tests.support.configured import with_stack, without

from .asking import (
    APP,
    EDGE,
    IRELAND,
    ORIGIN,
    VIRGINIA,
    ask,
    at,
    each,
    missing,
    region,
)

BOTH = frozenset({"eu-west-1", "us-east-1"})


@pytest.mark.parametrize(
    "nearest", [("eu-west-1", "us-east-1"), ("us-east-1", "eu-west-1")], ids=lambda one: one[0]
)
def test_users_meet_the_nearest_region(prod: Configured, nearest: tuple[str, ...]) -> None:
    assert region(ask(prod, client=Client(nearest=nearest))) == nearest[0]


def test_nobody_said_from_where_and_the_trace_says_so(prod: Configured) -> None:
    found = ask(prod)

    assert region(found) == "eu-west-1"
    assert "nobody said from where it is asked" in at(found, Stage.ORIGIN)[-1].why


def test_a_region_whose_alarm_fires_is_left(prod: Configured) -> None:
    nearest = Client(nearest=("eu-west-1", "us-east-1"))
    found = ask(prod, client=nearest, out=frozenset({"eu-west-1"}))

    assert region(found) == "us-east-1"
    told = at(found, Stage.ORIGIN)[-1].why
    assert "alarm ekp-prod-euw1-gateway-healthy in eu-west-1 fires" in told


def test_where_no_region_is_healthy_route_53_answers_as_if_all_were(prod: Configured) -> None:
    found = ask(prod, client=Client(nearest=("us-east-1", "eu-west-1")), out=BOTH)

    assert region(found) == "us-east-1"
    assert "none is healthy, so Route 53 answers as if all were" in at(found, Stage.ORIGIN)[-1].why


def test_a_client_with_ipv6_gets_the_distribution_s_aaaa_record(prod: Configured) -> None:
    found = ask(prod, client=Client(address="2001:db8::7"))

    assert found.hops[0].name == "record *.prod.ekp.example AAAA"
    assert region(found) is not None


def test_the_exact_name_comes_before_the_wildcard(prod: Configured) -> None:
    assert ask(prod, host="prod.ekp.example").hops[0].name == "record prod.ekp.example A"
    assert ask(prod, host=APP).hops[0].name == "record *.prod.ekp.example A"


def test_a_wildcard_does_not_count_below_a_name_that_there_is(prod: Configured) -> None:
    last = ask(prod, host="a.origin.prod.ekp.example").hops[-1]

    assert last.verdict is Verdict.MISSING
    assert last.name == "record a.origin.prod.ekp.example"


@pytest.mark.parametrize(("inverted", "region_"), [(False, "eu-west-1"), (True, "us-east-1")])
def test_a_disabled_check_is_healthy_and_inverted_the_opposite(
    prod: Configured, region_: str, *, inverted: bool
) -> None:
    change = each(
        "aws_route53_health_check",
        lambda one: one.update(disabled=True, invert_healthcheck=inverted),
    )
    nearest = Client(nearest=("eu-west-1", "us-east-1"))
    found = ask(with_stack(prod, IRELAND, change), client=nearest)

    assert region(found) == region_


def test_a_host_of_nobody_is_missing_with_the_domain_that_there_is(prod: Configured) -> None:
    (hop,) = ask(prod, host="shop.example.com").hops

    assert hop.verdict is Verdict.MISSING
    assert "ask for prod.ekp.example or a name under it, or set edge.domain" in hop.remedy


def test_a_record_without_a_health_check_is_always_answered_and_named(prod: Configured) -> None:
    bare = without(prod, IRELAND, "aws_route53_health_check")
    found = ask(bare, out=frozenset({"eu-west-1"}))

    assert region(found) == "eu-west-1"
    (hop,) = missing(found)
    assert hop.name == f"health check of {ORIGIN} in eu-west-1"
    assert "always answered" in hop.why
    assert "regions[eu-west-1].ingress.health" in hop.remedy


def test_an_alarm_that_is_gone_is_named(prod: Configured) -> None:
    (hop,) = missing(ask(without(prod, IRELAND, "aws_cloudwatch_metric_alarm")))

    assert "no alarm behind its health check" in hop.why


def test_an_alias_that_judges_its_load_balancer_needs_no_check(prod: Configured) -> None:
    def judges(record: dict[str, Any]) -> None:
        del record["health_check_id"]
        record["alias"]["evaluate_target_health"] = True

    judging = with_stack(prod, IRELAND, each("aws_route53_record", judges))

    assert missing(ask(judging)) == []
    assert region(ask(judging)) == "eu-west-1"
    assert region(ask(judging, out=frozenset({"eu-west-1"}))) == "us-east-1"


def test_another_kind_of_health_check_is_not_guessed(prod: Configured) -> None:
    change = each("aws_route53_health_check", lambda check: check.update(type="HTTPS"))

    with pytest.raises(Unsupported, match="HTTPS is not judged"):
        ask(with_stack(prod, IRELAND, change))


@pytest.mark.parametrize(
    ("stack_id", "kind", "name"),
    [
        (EDGE, "aws_route53_record", f"record {APP}"),
        (EDGE, "aws_cloudfront_distribution", "distribution behind record *.prod.ekp.example A"),
        (IRELAND, "aws_lb", f"load balancer behind record {ORIGIN} A"),
    ],
)
def test_a_name_that_leads_nowhere_ends_the_way(
    prod: Configured, stack_id: str, kind: str, name: str
) -> None:
    found = ask(without(prod, stack_id, kind))

    assert found.entered is None
    assert (found.hops[-1].verdict, found.hops[-1].name) == (Verdict.MISSING, name)
    assert found.hops[-1].remedy


def test_a_region_without_records_is_met_by_nobody(prod: Configured) -> None:
    nearest = Client(nearest=("eu-west-1", "us-east-1"))
    one = without(prod, IRELAND, "aws_route53_record")

    assert region(ask(one, client=nearest)) == "us-east-1"


def test_without_any_region_the_wildcard_leads_cloudfront_back_to_itself(prod: Configured) -> None:
    bare = without(without(prod, IRELAND, "aws_route53_record"), VIRGINIA, "aws_route53_record")
    found = ask(bare)

    assert found.entered is None
    (hop,) = missing(found)
    assert hop.name == f"record {ORIGIN}"
    assert "back to itself" in hop.why
    assert "ingress.share.serving" in hop.remedy
