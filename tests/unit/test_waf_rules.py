"""Rules of a web ACL: what they look for, in which order, at which cost."""

from ipaddress import IPv4Network, IPv6Network
from itertools import pairwise
from typing import Any

from modules.core.rates import Rate, Window
from modules.core.waf_groups import GROUP_CAPACITY, GroupAction, Inspection, ManagedGroup
from modules.core.waf_rules import (
    ALL_GROUPS,
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
    assert [rule.name for rule in found[:5]] == [
        *("client-address", "closed-countries", "blocked-countries"),
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
    edge = rules(WebAclConfig(groups=dict(ALL_GROUPS)), RATE, address_header=None)
    region = rules(WebAclConfig(groups=dict(PAYLOAD_GROUPS)), RATE, address_header=HEADER)

    assert capacity(edge) == 700 + 3 * 200 + 25 + 50 + 50 + 2
    assert capacity(region) == 700 + 3 * 200 + 11 + 2
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
