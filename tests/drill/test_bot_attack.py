"""The drill of a bot attack: it passes as configured, and fails where a protection is gone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from modules.core.rates import Rate
from modules.core.waf_groups import ManagedGroup
from modules.core.waf_rules import Group, Mode, PathRate, WebAclConfig

import pytest

from ekp.configured.environment import Configured
from ekp.drill.bot_attack.drill import run
from ekp.drill.bot_attack.users import GUESSING
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, Outcome, Table
from tests.evaluate.web_acls import made, path_match
from tests.support.configured import with_stack, without

EDGE, IRELAND, VIRGINIA = "prod-edge", "prod-eu-west-1-ingress", "prod-us-east-1-ingress"
GROUP = "AWSManagedRulesBotControlRuleSet"
Body = dict[str, Any]


@pytest.fixture(scope="module")
def drilled(prod: Configured) -> Drill:
    return run(prod, Place())


def only_acl(body: Body) -> Body:
    (found,) = body["resource"]["aws_wafv2_web_acl"].values()
    acl: Body = found
    return acl


def rule_of(body: Body, name: str) -> Body:
    (found,) = [each for each in only_acl(body)["rule"] if each["name"] == name]
    rule: Body = found
    return rule


def drop(name: str) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        acl = only_acl(body)
        acl["rule"] = [each for each in acl["rule"] if each["name"] != name]

    return change


def limit(requests: int) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        rule_of(body, "rate")["statement"]["rate_based_statement"]["limit"] = requests

    return change


def fails(found: Configured) -> tuple[Check, ...]:
    drill = run(found, Place())
    assert drill.outcome is Outcome.FAILED
    return tuple(each for each in drill.checks if each.outcome is Outcome.FAILED)


def the_one(checks: Iterable[Check], words: str) -> Check:
    (found,) = [each for each in checks if words in each.must]
    assert found.remedy
    return found


def row(drill: Drill, crowd: str, place: str) -> Mapping[str, str]:
    (table,) = [each for each in drill.tables if "web ACL" in each.title]
    rows = [dict(zip(table.columns, each, strict=True)) for each in table.rows]
    (found,) = [each for each in rows if (each["client"], each["web ACL"]) == (crowd, place)]
    return found


@pytest.mark.requirement("R29")
def test_production_stops_a_flood_and_loses_no_good_client(drilled: Drill) -> None:
    assert drilled.outcome is Outcome.PASSED
    assert [each for each in drilled.checks if each.outcome is Outcome.FAILED] == []
    assert row(drilled, "flood", "CloudFront") == {
        "client": "flood",
        "web ACL": "CloudFront",
        "came": "90,000",
        "passed": "28,000",
        "blocked": "62,000",
        "by": "rate",
        "AWS may stop": "AmazonIpReputationList, AnonymousIpList",
    }
    for crowd in ("office of 100 people", "partner's server"):
        for place in ("CloudFront", "eu-west-1", "us-east-1"):
            assert row(drilled, crowd, place)["blocked"] == "0"


def test_each_region_stops_the_flood_by_itself_and_everything_around_cloudfront(
    drilled: Drill,
) -> None:
    for region in ("eu-west-1", "us-east-1"):
        assert row(drilled, "flood that the edge does not count", region)["by"] == "rate"
        for way in ("straight to the load balancer", "through a foreign CDN"):
            around = row(drilled, f"flood {way}", region)
            assert (around["passed"], around["by"]) == ("0", "origin-header")


def test_what_aws_alone_decides_is_said_and_not_counted_as_proved(drilled: Drill) -> None:
    quiet = next(each for each in drilled.checks if "below every limit" in each.must)

    assert quiet.outcome is Outcome.SKIPPED
    assert "botnet (200 addresses with 25 requests a second each)" in quiet.observed
    assert "900,000 of 900,000 requests pass" in quiet.observed
    assert "BotControlRuleSet" in quiet.observed


def test_guessing_passwords_slowly_is_a_weak_spot_while_no_path_has_a_rate_of_its_own(
    drilled: Drill,
) -> None:
    (guessing,) = [each for each in drilled.checks if each.must == GUESSING]

    assert guessing.outcome is Outcome.NOTED
    assert "POST /login, 2 requests a second: 360 of 360" in guessing.observed
    assert "`edge.web_acl.path_rates`" in guessing.remedy


def test_a_rate_of_the_login_s_own_stops_guessing(prod: Configured) -> None:
    rate = PathRate(path="/login", rate=Rate(requests=20), priority=1)
    config = WebAclConfig(path_rates={"login": rate})

    drill = run(with_stack(prod, EDGE, rules_of(config)), Place())

    (guessing,) = [each for each in drill.checks if each.must == GUESSING]
    assert guessing.outcome is Outcome.PASSED
    assert "0 a second in the last minute" in guessing.observed
    assert row(drill, "login guesser", "CloudFront")["by"] == guessing.by[0].rpartition(" ")[2]
    (office,) = [each for each in drill.checks if "office" in each.must]
    assert office.outcome is Outcome.PASSED


def test_without_cloudfront_remedies_name_the_regions_settings(prod: Configured) -> None:
    drill = run(direct(prod, WebAclConfig(), WebAclConfig()), Place())

    (guessing,) = [each for each in drill.checks if each.must == GUESSING]
    assert drill.outcome is Outcome.PASSED
    assert "`regions[R].ingress.web_acl.path_rates`" in guessing.remedy
    assert not any("edge.web_acl." in each.remedy for each in drill.checks)


def test_a_country_that_one_region_alone_shuts_out_still_comes_in(prod: Configured) -> None:
    found = fails(direct(prod, WebAclConfig(), WebAclConfig(blocked_countries=("KP",))))

    assert (
        "KP: 180 requests, 180 pass; stopped: us-east-1 by blocked-countries"
        in the_one(found, "shut out are refused").observed
    )


def test_the_log_of_requests_is_the_same_each_time(prod: Configured, drilled: Drill) -> None:
    assert run(prod, Place()).to_json() == drilled.to_json()


def test_tables_have_a_cell_for_each_column(drilled: Drill) -> None:
    def uneven(table: Table) -> bool:
        return any(len(each) != len(table.columns) for each in table.rows)

    assert [each.title for each in drilled.tables if uneven(each)] == []


def test_without_the_edge_s_rate_rule_the_flood_passes_cloudfront(prod: Configured) -> None:
    found = fails(with_stack(prod, EDGE, drop("rate")))

    edge = the_one(found, "stopped where it comes in")
    assert "there is no rate rule" in edge.observed
    assert edge.by == ("prod-edge/web-acl/Resource",)
    assert "edge.rates.edge" in edge.remedy


@pytest.mark.parametrize("change", [drop("rate"), limit(100_000)])
def test_without_a_rate_that_acts_the_region_does_not_stop_the_flood(
    prod: Configured, change: Callable[[Body], None]
) -> None:
    found = fails(with_stack(prod, IRELAND, change))

    region = the_one(found, "stops the flood by itself")
    assert "eu-west-1" in region.must
    assert region.by[0].startswith("prod-eu-west-1-ingress/web-acl/Resource")


def test_a_limit_above_the_flood_stops_nothing(prod: Configured) -> None:
    found = fails(with_stack(prod, EDGE, limit(100_000)))

    edge = the_one(found, "stopped where it comes in")
    assert "All 90,000 requests" in edge.observed
    assert "rate (100,000 requests in 60 s)" in edge.observed


def test_without_any_rate_rule_more_is_left_than_the_gateway_grants(prod: Configured) -> None:
    bare = with_stack(with_stack(prod, EDGE, drop("rate")), IRELAND, drop("rate"))

    left = the_one(fails(bare), "grants one client in eu-west-1")

    assert left.observed.startswith("500 requests a second are left of 500")
    assert "the gateway grants 20" in left.observed


def test_a_rate_rule_that_only_counts_stops_nothing(prod: Configured) -> None:
    def count(body: Body) -> None:
        rule_of(body, "rate")["action"] = {"count": {}}

    assert the_one(fails(with_stack(prod, EDGE, count)), "stopped where it comes in")


def test_a_rule_that_allows_before_the_limit_is_named(prod: Configured) -> None:
    friends = {
        "name": "friends",
        "priority": 0,
        "action": {"allow": {}},
        "statement": path_match("/"),
    }

    def allow(body: Body) -> None:
        only_acl(body)["rule"].append(friends)

    edge = the_one(fails(with_stack(prod, EDGE, allow)), "stopped where it comes in")

    assert edge.observed == "Rule friends of CloudFront allows it, so that no later one counts."
    assert "before any that allows some" in edge.remedy


def test_a_limit_that_counts_some_requests_alone_is_named(prod: Configured) -> None:
    def narrow(body: Body) -> None:
        statement = rule_of(body, "rate")["statement"]["rate_based_statement"]
        statement["scope_down_statement"] = path_match("/other")

    edge = the_one(fails(with_stack(prod, EDGE, narrow)), "stopped where it comes in")

    assert "rate (3,000 requests in 60 s, of some requests alone)" in edge.observed


def test_a_limit_that_cuts_off_an_office_is_found(prod: Configured) -> None:
    office = the_one(fails(with_stack(prod, EDGE, limit(300))), "office of 100 people")

    assert "CloudFront stops" in office.observed
    assert office.by == ("prod-edge/web-acl/Resource: rule rate",)


def test_without_bot_control_nobody_looks_for_bots(prod: Configured) -> None:
    bots = the_one(fails(with_stack(prod, EDGE, drop(GROUP))), "Bots are looked for")

    assert f"has no {GROUP}" in bots.observed


def test_bot_control_that_counts_as_a_whole_stops_no_bot(prod: Configured) -> None:
    def count(body: Body) -> None:
        rule_of(body, GROUP)["override_action"] = {"count": {}}

    bots = the_one(fails(with_stack(prod, EDGE, count)), "Bots are looked for")

    assert "counts as a whole" in bots.observed
    assert bots.by == (f"prod-edge/web-acl/Resource: rule {GROUP}",)


def test_without_the_association_nobody_looks_at_what_reaches_the_region(prod: Configured) -> None:
    found = fails(without(prod, VIRGINIA, "aws_wafv2_web_acl_association"))

    association = the_one(found, "stands before the load balancer of us-east-1")
    assert association.by == ("prod-us-east-1-ingress/alb/Resource",)
    assert the_one(found, "around CloudFront").must.endswith("in us-east-1.")


def test_without_the_web_acl_of_the_distribution_clients_meet_none(prod: Configured) -> None:
    def take_off(body: Body) -> None:
        (found,) = body["resource"]["aws_cloudfront_distribution"].values()
        del found["web_acl_id"]

    found = fails(with_stack(prod, EDGE, take_off))

    assert "No web ACL" in the_one(found, "stopped where it comes in").observed


def test_without_the_origin_header_rule_strangers_use_up_a_client_s_rate(prod: Configured) -> None:
    around = the_one(fails(with_stack(prod, IRELAND, drop("origin-header"))), "around CloudFront")

    assert "in eu-west-1" in around.must
    assert "through a foreign CDN: 0 of 90,000 refused" in around.observed
    assert "origin-header" in around.remedy


def test_an_origin_header_rule_behind_the_rate_is_too_late(prod: Configured) -> None:
    def late(body: Body) -> None:
        rule_of(body, "origin-header")["priority"] = 800

    assert the_one(fails(with_stack(prod, IRELAND, late)), "before anything counts them")


def test_a_function_that_does_not_overwrite_the_address_is_found(prod: Configured) -> None:
    def leave(body: Body) -> None:
        (function,) = body["resource"]["aws_cloudfront_function"].values()
        function["code"] = "function handler(event) { return event.request; }"

    spoofed = the_one(fails(with_stack(prod, EDGE, leave)), "claiming another address")

    assert "does not write the client's address" in spoofed.observed


def test_a_region_that_counts_by_a_header_of_the_client_is_found(prod: Configured) -> None:
    def believe(body: Body) -> None:
        statement = rule_of(body, "rate")["statement"]["rate_based_statement"]
        statement["forwarded_ip_config"]["header_name"] = "x-forwarded-for"

    spoofed = the_one(fails(with_stack(prod, IRELAND, believe)), "claiming another address")

    assert "eu-west-1 counts by x-forwarded-for, not by true-client-ip" in spoofed.observed


def test_an_answer_that_hides_why_is_found(prod: Configured) -> None:
    def hide(body: Body) -> None:
        rule_of(body, "rate")["action"] = {"block": {}}

    answers = the_one(fails(with_stack(prod, EDGE, hide)), "hears 429")

    assert "rule rate answers 403" in answers.observed


def rules_of(config: WebAclConfig) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        only_acl(body)["rule"] = made(Rate(requests=3000), config, behind=False)[0]["rule"]

    return change


def direct(prod: Configured, ireland: WebAclConfig, virginia: WebAclConfig) -> Configured:
    """Return production without CloudFront, so that clients meet the regions' web ACLs."""
    found = without(prod, EDGE, "aws_cloudfront_distribution")
    for region, config in ((IRELAND, ireland), (VIRGINIA, virginia)):
        found = with_stack(found, region, rules_of(config))
    return found


def test_a_country_that_is_shut_out_is_refused(prod: Configured) -> None:
    config = WebAclConfig(blocked_countries=("KP",))

    drill = run(with_stack(prod, EDGE, rules_of(config)), Place())

    shut = next(each for each in drill.checks if "shut out" in each.must)
    assert shut.outcome is Outcome.PASSED
    assert "CloudFront by blocked-countries" in shut.observed


@pytest.mark.parametrize("emergency", [False, True])
def test_an_emergency_makes_bot_control_block_and_lowers_the_limit(
    prod: Configured, *, emergency: bool
) -> None:
    quiet = {ManagedGroup.BOT_CONTROL: Group(mode=Mode.COUNT)}
    config = WebAclConfig(groups=quiet, emergency=emergency)

    drill = run(with_stack(prod, EDGE, rules_of(config)), Place())

    bots = next(each for each in drill.checks if "Bots are looked for" in each.must)
    flood = next(each for each in drill.checks if "stopped where it comes in" in each.must)
    assert bots.outcome is (Outcome.PASSED if emergency else Outcome.FAILED)
    assert f"above {'600' if emergency else '3,000'} requests in 60 s" in flood.observed


def test_an_environment_without_web_acls_is_told_plainly(prod: Configured) -> None:
    stacks = {
        name: stack for name, stack in prod.reader.stacks.items() if not name.endswith("-ingress")
    }
    bare = Configured.of(
        {**stacks, EDGE: replace(stacks[EDGE], configuration={"resource": {}})}, "prod", ()
    )

    found = fails(bare)

    assert the_one(found, "Every region that serves").observed == "No region has a load balancer."
    assert the_one(found, "stopped where it comes in")
