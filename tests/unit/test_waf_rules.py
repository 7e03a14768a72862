"""Rules of a web ACL: what they look for, in which order, at which cost."""

import json
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from itertools import pairwise
from typing import Any

from modules.core.rates import Rate, Window
from modules.core.waf_groups import GROUP_CAPACITY, GroupAction, Inspection, ManagedGroup
from modules.core.waf_rules import (
    ALL_GROUPS,
    ORIGIN_PROOF,
    PAYLOAD_GROUPS,
    Emergency,
    Group,
    Mode,
    NetworkRule,
    PathRate,
    Rule,
    WebAclConfig,
    capacity,
    rules,
    unproven,
)
from modules.core.waf_statements import BASIC_CAPACITY, TooMany

import pytest
from pydantic import ValidationError

RATE = Rate(requests=1000, window=Window.FIVE_MINUTES)
HEADER = "true-client-ip"
OFFICE = (IPv4Network("198.51.100.0/24"),)
ARNS = {"office": "arn:office"}


def made(address_header: str | None = None, **settings: Any) -> dict[str, Rule]:
    return {
        rule.name: rule
        for rule in rules(WebAclConfig(**settings), RATE, address_header=address_header)
    }


def block(rule: Rule) -> dict[str, Any]:
    ((kind, found),) = rule.statement.block(ARNS).items()
    return {"kind": kind, **found}


@pytest.mark.requirement("R08")
def test_every_managed_group_has_a_price_and_a_place() -> None:
    assert set(GROUP_CAPACITY) == set(ManagedGroup)
    assert len(made()) == len(ManagedGroup) + 1


def test_rules_stand_in_the_order_of_priorities_that_no_two_share() -> None:
    found = rules(
        WebAclConfig(
            blocked_countries=("KP",),
            network_rules={"office": NetworkRule(networks=OFFICE, priority=5)},
            emergency=True,
            plan=Emergency(countries=("IE",)),
        ),
        RATE,
        address_header=HEADER,
    )

    assert all(one.priority < other.priority for one, other in pairwise(found))
    assert [rule.name for rule in found[:6]] == [
        *("origin-header", "client-address", "closed-countries", "blocked-countries"),
        *("network-office", "rate"),
    ]


def test_a_rule_added_later_moves_no_other() -> None:
    before = {name: rule.priority for name, rule in made().items()}
    after = {
        name: rule.priority
        for name, rule in made(
            blocked_countries=("KP",),
            network_rules={"office": NetworkRule(networks=OFFICE, priority=5)},
        ).items()
    }

    assert before.items() < after.items()


@pytest.mark.requirement("R09")
def test_the_edge_counts_by_address_and_answers_429() -> None:
    rate = made()["rate"]

    assert rate.status == 429
    assert block(rate) == {
        "kind": "rate_based_statement",
        "aggregate_key_type": "IP",
        "evaluation_window_sec": 300,
        "limit": 1000,
    }


def test_behind_the_edge_clients_are_counted_by_the_header_that_only_the_edge_writes() -> None:
    found = made(HEADER)

    assert block(found["rate"])["aggregate_key_type"] == "FORWARDED_IP"
    assert block(found["rate"])["forwarded_ip_config"] == {
        "header_name": HEADER,
        "fallback_behavior": "MATCH",
    }


def test_behind_the_edge_a_request_without_that_header_is_blocked() -> None:
    (rule,) = [rule for rule in made(HEADER).values() if rule.name == "client-address"]
    (inner,) = block(rule)["statement"]

    assert block(rule)["kind"] == "not_statement"
    assert inner["size_constraint_statement"]["field_to_match"] == {
        "single_header": {"name": HEADER}
    }
    assert inner["size_constraint_statement"]["comparison_operator"] == "GT"


def test_behind_the_edge_nothing_is_believed_before_the_secret_is_seen() -> None:
    first, *others = made(HEADER).values()
    secrets = unproven(["${var.now}", "${var.next}"])
    (either,) = secrets.block({})["not_statement"]["statement"]
    seen = either["regex_match_statement"]

    assert first.name == "origin-header"
    assert first.priority < min(rule.priority for rule in others)
    assert secrets.capacity == 13 < first.statement.capacity == 25
    assert first.statement.block({ORIGIN_PROOF: "arn:group"}) == {
        "rule_group_reference_statement": {"arn": "arn:group"}
    }
    assert seen["field_to_match"] == {"single_header": {"name": "x-origin-verify"}}
    assert seen["regex_string"] == "^(${var.now}|${var.next})$"
    assert "origin-header" not in made()


@pytest.mark.parametrize(("header", "groups"), [(None, ALL_GROUPS), (HEADER, PAYLOAD_GROUPS)])
def test_a_web_acl_has_the_groups_that_fit_where_it_stands(
    header: str | None, groups: Mapping[ManagedGroup, Group]
) -> None:
    assert {name for name in made(header) if name.startswith("AWS")} == set(groups)


def test_an_address_that_cannot_be_read_is_one_of_those_that_are_blocked() -> None:
    office = NetworkRule(networks=OFFICE, priority=1)
    others = NetworkRule(networks=OFFICE, priority=2, others=True)
    found = made(
        HEADER,
        network_rules={"office": office, "others": others},
        blocked_countries=("KP",),
        emergency=True,
        plan=Emergency(countries=("IE",)),
    )

    def fallback(rule: Rule) -> str:
        text = json.dumps(rule.statement.block({"office": "arn:a", "others": "arn:b"}))
        return text.partition('"fallback_behavior": "')[2].partition('"')[0]

    assert {name: fallback(found[name]) for name in ("blocked-countries", "network-office")} == {
        "blocked-countries": "MATCH",
        "network-office": "MATCH",
    }
    # Whoever is not listed is blocked, so an unreadable address is not listed.
    assert {name: fallback(found[name]) for name in ("closed-countries", "network-others")} == {
        "closed-countries": "NO_MATCH",
        "network-others": "NO_MATCH",
    }


def test_programs_that_are_no_browsers_are_counted_even_in_an_incident() -> None:
    for emergency in (False, True):
        found = block(made(emergency=emergency)["AWSManagedRulesBotControlRuleSet"])

        assert found["rule_action_override"] == [
            {"name": name, "action_to_use": {"count": {}}}
            for name in ("CategoryHttpLibrary", "SignalNonBrowserUserAgent")
        ]


def test_a_path_can_take_less_than_the_whole() -> None:
    login = PathRate(path="/login", rate=Rate(requests=20), priority=1)
    found = made(path_rates={"login": login})
    limit = block(found["rate-login"])

    assert (limit["limit"], found["rate-login"].status) == (20, 429)
    assert limit["scope_down_statement"]["byte_match_statement"]["search_string"] == "/login"
    assert found["rate"].priority < found["rate-login"].priority < 1000


def test_a_path_is_compared_decoded_shortened_and_in_lower_case() -> None:
    office = NetworkRule(networks=OFFICE, priority=1, path="/Admin", others=True)
    both = block(made(network_rules={"office": office})["network-office"])["statement"]

    assert both[0]["byte_match_statement"]["search_string"] == "/admin"
    assert [t["type"] for t in both[0]["byte_match_statement"]["text_transformation"]] == [
        *("URL_DECODE", "NORMALIZE_PATH", "LOWERCASE"),
    ]
    assert both[1] == {
        "not_statement": {"statement": [{"ip_set_reference_statement": {"arn": "arn:office"}}]}
    }


def test_bot_control_carries_its_level_and_no_other_group_does() -> None:
    targeted = {ManagedGroup.BOT_CONTROL: Group(inspection=Inspection.TARGETED)}
    found = block(made(groups=targeted)["AWSManagedRulesBotControlRuleSet"])

    assert found["managed_rule_group_configs"] == [
        {"aws_managed_rules_bot_control_rule_set": {"inspection_level": "TARGETED"}}
    ]
    assert "managed_rule_group_configs" not in block(made()["AWSManagedRulesCommonRuleSet"])
    with pytest.raises(ValidationError, match="which bot control alone knows; remove inspection"):
        WebAclConfig(groups={ManagedGroup.SQLI: Group(inspection=Inspection.TARGETED)})


def test_single_rules_of_a_group_can_be_quietened() -> None:
    found = block(made()["AWSManagedRulesCommonRuleSet"])

    assert found["rule_action_override"] == [
        {"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}
    ]


@pytest.mark.requirement("R10")
def test_one_word_makes_counting_rules_block_lowers_the_rate_and_closes_countries() -> None:
    groups = {
        ManagedGroup.COMMON: Group(
            mode=Mode.COUNT,
            overrides={"A": GroupAction.COUNT, "B": GroupAction.CHALLENGE},
        )
    }
    plan = Emergency(countries=("IE", "FR"), rate_percent=10)
    settings: dict[str, Any] = {"groups": groups, "plan": plan}
    calm, alarmed = made(**settings), made(emergency=True, **settings)
    common = "AWSManagedRulesCommonRuleSet"

    assert (calm[common].counts, alarmed[common].counts) == (True, False)
    assert [o["name"] for o in block(alarmed[common])["rule_action_override"]] == ["B"]
    assert isinstance(alarmed["rate"].statement, TooMany)
    assert alarmed["rate"].statement.limit == 100
    assert "closed-countries" not in calm
    (inner,) = block(alarmed["closed-countries"])["statement"]
    assert inner["geo_match_statement"]["country_codes"] == ["IE", "FR"]


def test_the_defaults_stay_within_what_the_basic_price_covers() -> None:
    edge = rules(WebAclConfig(), RATE, address_header=None)
    region = rules(WebAclConfig(), RATE, address_header=HEADER)

    assert capacity(edge) == 700 + 3 * 200 + 25 + 50 + 50 + 2
    assert capacity(region) == 700 + 3 * 200 + 25 + 11 + 2
    assert max(capacity(edge), capacity(region)) <= BASIC_CAPACITY


@pytest.mark.parametrize(
    ("network_rules", "message"),
    [
        (
            {
                "a": NetworkRule(networks=OFFICE, priority=1),
                "b": NetworkRule(networks=OFFICE, priority=1),
            },
            "network_rules a and b both have priority 1; give the newer one a priority of its own",
        ),
        (
            {"a": NetworkRule(networks=(*OFFICE, IPv6Network("2001:db8::/32")), priority=1)},
            "network_rules a mixes IPv4 and IPv6, an IP set holds one of them; write two rules",
        ),
    ],
)
def test_network_rules_that_cannot_be_told_apart_are_refused(
    network_rules: dict[str, NetworkRule], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        WebAclConfig(network_rules=network_rules)
