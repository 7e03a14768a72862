"""Web ACLs as a whole: order, actions, groups, rates, and what the settings make."""

from ipaddress import IPv4Network
from typing import Any

from modules.core.rates import Rate
from modules.core.waf_groups import ManagedGroup
from modules.core.waf_rules import Emergency, Group, Mode, NetworkRule, PathRate, WebAclConfig

import pytest

from ekp.evaluate.request import Unsupported
from ekp.evaluate.waf.acl import Effect, Judgement, judge

from .web_acls import CLIENT, HEADER, PROVEN, acl, judged, made, path_match, request, rule

ALL = path_match("/")
RATE = Rate(requests=2400)
EVERYTHING = WebAclConfig(
    blocked_countries=("KP",),
    network_rules={
        "bad": NetworkRule(networks=(IPv4Network("192.0.2.0/24"),), priority=1),
        "office": NetworkRule(
            networks=(IPv4Network("198.51.100.0/24"),), priority=2, path="/admin", others=True
        ),
    },
    path_rates={"login": PathRate(path="/login", rate=Rate(requests=60), priority=1)},
)


def asked(
    config: WebAclConfig, *, behind: bool = False, **given: Any
) -> tuple[Judgement, str | None]:
    found, named = made(RATE, config, behind=behind)
    result = judge(found, named.get, request(**given))
    return result, result.ending.name if result.ending else None


def managed(override: str = "none", **more: Any) -> dict[str, Any]:
    return {
        "name": "bots",
        "priority": 5,
        "override_action": {override: {}},
        "statement": {
            "managed_rule_group_statement": {"vendor_name": "AWS", "name": "Bots", **more}
        },
    }


def test_rules_are_looked_at_in_the_order_of_their_priorities_until_one_ends_it() -> None:
    found = judge(
        acl(
            rule(ALL, name="last", priority=30),
            rule(ALL, name="counts", priority=10, action="count"),
            rule(ALL, name="allows", priority=20, action="allow"),
        ),
        lambda _: None,
        request(),
    )

    assert [(one.name, one.effect) for one in found.results] == [
        ("counts", Effect.COUNTS),
        ("allows", Effect.ALLOWS),
    ]
    assert found.passes
    assert found.ending == found.results[-1]


def test_what_no_rule_ends_meets_the_default_action() -> None:
    nothing = rule(path_match("/nowhere"))

    open_to_all = judge(acl(nothing), lambda _: None, request())
    closed = judge(acl(nothing, default="block"), lambda _: None, request())

    assert (open_to_all.ending, open_to_all.passes) == (None, True)
    assert not closed.passes
    assert closed.ending
    assert (closed.ending.name, closed.ending.status) == ("default action", 403)


def test_a_block_answers_what_it_is_told_to_answer() -> None:
    told = {**rule(ALL), "action": [{"block": [{"custom_response": {"response_code": "429"}}]}]}

    assert [one.status for one in judge(acl(told), lambda _: None, request()).results] == [429]
    assert [one.status for one in judged(ALL).results] == [403]


@pytest.mark.parametrize(("action", "status"), [("captcha", 405), ("challenge", 202)])
def test_a_puzzle_stops_who_has_no_token_and_aws_judges_tokens(action: str, status: int) -> None:
    found = acl(rule(ALL, action=action))

    without = judge(found, lambda _: None, request())
    token = judge(found, lambda _: None, request(headers={"Cookie": "aws-waf-token=abc"}))

    assert without.ending
    assert without.ending.status == status
    assert token.results[0].effect is Effect.MAY_BLOCK


def test_an_allow_that_hangs_on_an_unknown_country_is_not_guessed() -> None:
    geo = {"geo_match_statement": {"country_codes": ["IE"]}}

    with pytest.raises(Unsupported, match="country"):
        judge(acl(rule(geo, action="allow")), lambda _: None, request(country=None))


def test_a_managed_group_may_block_and_never_ends_it() -> None:
    found = judge(acl(managed(), rule(ALL, priority=9)), lambda _: None, request())

    assert [one.effect for one in found.results] == [Effect.MAY_BLOCK, Effect.BLOCKS]
    assert "may inspect" in found.may_block[0].why


def test_a_managed_group_says_which_of_its_rules_only_count() -> None:
    override = [{"name": "CategoryHttpLibrary", "action_to_use": {"count": {}}}]

    found = judge(acl(managed(rule_action_override=override)), lambda _: None, request())

    assert "CategoryHttpLibrary" in found.results[0].why


def test_a_managed_group_in_count_mode_stops_nobody() -> None:
    found = judge(acl(managed("count")), lambda _: None, request())

    assert [one.effect for one in found.results] == [Effect.COUNTS]


def test_a_managed_group_does_not_look_at_what_its_scope_leaves_out() -> None:
    found = acl(managed(scope_down_statement=path_match("/login")))

    effects = {
        path: judge(found, lambda _: None, request(path=path)).results[0].effect
        for path in ("/login", "/")
    }

    assert effects == {"/login": Effect.MAY_BLOCK, "/": Effect.NO_MATCH}


@pytest.mark.parametrize(
    ("override", "effect"), [("none", Effect.BLOCKS), ("count", Effect.COUNTS)]
)
def test_an_own_group_acts_by_its_rules_unless_it_counts_as_a_whole(
    override: str, effect: Effect
) -> None:
    group = {"name": "own", "rule": [rule(ALL, priority=2), rule(ALL, priority=1, action="count")]}
    reference = {
        "name": "group",
        "priority": 1,
        "override_action": {override: {}},
        "statement": {"rule_group_reference_statement": {"arn": "arn"}},
    }

    found = judge(acl(reference), {"arn": group}.get, request())

    assert [one.effect for one in found.results] == [effect]
    with pytest.raises(Unsupported, match="not configured"):
        judge(acl(reference), lambda _: None, request())


def rate_rule(**more: Any) -> dict[str, Any]:
    found = {"limit": 600, "evaluation_window_sec": 60, "aggregate_key_type": "IP", **more}
    return {"rate_based_statement": found}


@pytest.mark.parametrize(
    ("rate", "effect"),
    [(None, Effect.NO_MATCH), (10.0, Effect.NO_MATCH), (10.1, Effect.BLOCKS)],
)
def test_a_rate_above_the_limit_is_blocked(rate: float | None, effect: Effect) -> None:
    assert judged(rate_rule(), rate=rate).results[0].effect is effect


def test_a_flood_is_told_from_which_request_on_it_is_refused() -> None:
    (found,) = judged(rate_rule(), rate=100.0).results

    assert "about request 601 " in found.why


def test_a_rate_is_counted_over_five_minutes_where_no_window_is_named() -> None:
    assert judged({"rate_based_statement": {"limit": 600}}, rate=2.1).ending
    assert not judged({"rate_based_statement": {"limit": 600}}, rate=2.0).ending


def test_a_rate_counts_only_what_its_scope_takes() -> None:
    scoped = rate_rule(scope_down_statement=path_match("/login"))

    assert judged(scoped, rate=100.0, path="/login").ending
    assert not judged(scoped, rate=100.0, path="/").ending


def test_a_forwarded_rate_leaves_out_requests_without_the_header() -> None:
    config = {"header_name": HEADER, "fallback_behavior": "MATCH"}
    forwarded = rate_rule(aggregate_key_type="FORWARDED_IP", forwarded_ip_config=config)

    assert judged(forwarded, rate=100.0, headers={HEADER: CLIENT}).ending
    assert not judged(forwarded, rate=100.0).ending
    assert judged(forwarded, rate=None, headers={HEADER: "nobody"}).ending, "it counts as a match"


@pytest.mark.parametrize(
    ("given", "by"),
    [
        ({}, None),
        ({"country": "KP"}, "blocked-countries"),
        ({"address": "192.0.2.9"}, "network-bad"),
        ({"address": "203.0.113.9", "path": "/Admin"}, "network-office"),
        ({"path": "/admin"}, None),
        ({"rate": 41.0}, "rate"),
        ({"rate": 2.0, "path": "/login"}, "rate-login"),
        ({"rate": 1.0, "path": "/login"}, None),
    ],
)
def test_everything_that_settings_make_is_understood(given: dict[str, Any], by: str | None) -> None:
    behind = {**given, "address": "203.0.113.1"}
    headers = {**PROVEN, HEADER: given.get("address", CLIENT)}

    assert asked(EVERYTHING, **given)[1] == by
    assert asked(EVERYTHING, behind=True, **{**behind, "headers": headers})[1] == by


@pytest.mark.parametrize(
    ("headers", "by"),
    [
        ({}, "origin-header"),
        ({HEADER: CLIENT}, "origin-header"),
        ({**PROVEN, "x-origin-verify": "guess"}, "origin-header"),
        ({"x-origin-verify": PROVEN["x-origin-verify"]}, "client-address"),
        ({**PROVEN, HEADER: "nobody"}, "blocked-countries"),
    ],
)
def test_behind_cloudfront_a_request_without_proof_or_address_is_refused(
    headers: dict[str, str], by: str
) -> None:
    assert asked(EVERYTHING, behind=True, headers=headers)[1] == by


def test_in_an_emergency_no_group_only_counts_and_only_named_countries_may_call() -> None:
    bots = {ManagedGroup.BOT_CONTROL: Group(mode=Mode.COUNT)}
    calm = WebAclConfig(groups=bots)
    alarm = WebAclConfig(groups=bots, emergency=True, plan=Emergency(countries=("IE",)))

    effects = [asked(each)[0].results[-1].effect for each in (calm, alarm)]

    assert effects == [Effect.COUNTS, Effect.MAY_BLOCK]
    assert asked(alarm, country="DE")[1] == "closed-countries"
    assert asked(calm, rate=10.0)[1] is None
    assert asked(alarm, rate=10.0)[1] == "rate"
