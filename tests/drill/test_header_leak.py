"""The leaked header: what its rotation and its thief come to, and with a mitigation gone."""

import json
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, Outcome
from ekp.drill.secret_leak import rotated
from ekp.drill.secret_leak.drill import run
from ekp.drill.secret_leak.header import header
from ekp.drill.secret_leak.rotation import Rotations
from ekp.drill.secret_leak.thief import Thief
from tests.support.configured import Change, with_stack

from .looked import failed, rows, the

EDGE, INGRESS = "prod-edge", "prod-eu-west-1-ingress"
REPLACED = "No user's request is refused at any moment"
LEAKED = "After the last move"


def drill(found: Configured) -> Drill:
    return run(found, Place())


def check(found: Drill, must: str) -> Check:
    (one,) = (each for each in found.checks if each.must.startswith(must))
    return one


def rotated_in(found: Configured) -> list[Check]:
    known = header(found)
    assert known
    return failed(rotated.checks(Rotations(found, known), known))


def stolen_in(found: Configured) -> list[Check]:
    known = header(found)
    assert known
    return failed(Thief(found, known).checks())


@pytest.fixture(scope="module")
def whole(prod: Configured) -> Drill:
    return drill(prod)


def test_production_replaces_the_header_without_a_refused_request(whole: Drill) -> None:
    assert [one.must for one in whole.checks if one.outcome is not Outcome.PASSED] == []
    assert check(whole, REPLACED).observed.startswith(
        "288 states of 6 listener rules and rule groups in 2 regions"
    )
    assert check(whole, LEAKED).observed.startswith("403 for 6 hosts")


def test_every_other_order_of_the_moves_refuses_somebody(whole: Drill) -> None:
    found = rows(whole, "States")

    assert [row[0] for row in found[:3]] == ["move 1", "move 2", "move 3"]
    assert [row[-1] for row in found[:3]] == ["0", "0", "0"]
    assert [row[0] for row in found[3:]] == [
        *("1, 3, 2: at move 3", "2, 1, 3: at move 2", "2, 3, 1: at move 2"),
        *("3, 1, 2: at move 3", "3, 2, 1: at move 3"),
    ]
    assert all(int(row[-1]) > 0 for row in found[3:])


def rule_takes_the_current_value_alone(body: dict[str, Any]) -> None:
    rule = the(body, "aws_lb_listener_rule", "gateway")
    (header,) = (one["http_header"] for one in rule["condition"] if "http_header" in one)
    header["values"] = ["${var.origin_header_current}"]


def group_takes_the_current_value_alone(body: dict[str, Any]) -> None:
    (rule,) = the(body, "aws_wafv2_rule_group", "origin")["rule"]
    (inner,) = rule["statement"]["not_statement"]["statement"]
    inner["regex_match_statement"]["regex_string"] = "^(${var.origin_header_current})$"


@pytest.mark.parametrize(
    ("change", "by"),
    [
        (rule_takes_the_current_value_alone, "alb/https default_action"),
        (group_takes_the_current_value_alone, "web-acl/Resource rule origin-header"),
    ],
)
def test_what_takes_one_value_alone_refuses_users_while_the_header_is_replaced(
    prod: Configured, change: Change, by: str
) -> None:
    one = rotated_in(with_stack(prod, INGRESS, change))[0]

    assert one.must.startswith(REPLACED)
    assert "eu-west-1" in one.observed
    assert by in one.observed
    assert any(by in name for name in one.by)
    assert "origin_header_next" in one.remedy


@pytest.mark.parametrize(
    ("value", "sends"),
    [
        ("${var.another}", "another value"),
        ("written-out-" * 4, "another value"),
        (None, "no value"),
    ],
)
def test_a_distribution_that_sends_what_nobody_takes_refuses_users(
    prod: Configured, value: str | None, sends: str
) -> None:
    def change(body: dict[str, Any]) -> None:
        distribution = the(body, "aws_cloudfront_distribution", "distribution")
        for origin in distribution["origin"]:
            if "custom_header" in origin:
                origin["custom_header"] = (
                    [{"name": "x-origin-verify", "value": value}] if value else []
                )

    one = rotated_in(with_stack(prod, EDGE, change))[0]

    assert one.must.startswith(REPLACED)
    assert f"CloudFront sends {sends}" in one.observed


def test_edges_that_nobody_waits_for_are_behind_by_more_than_a_move(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        the(body, "aws_cloudfront_distribution", "distribution")["wait_for_deployment"] = False

    one = rotated_in(with_stack(prod, EDGE, change))[0]

    assert one.must.startswith(REPLACED)
    assert one.observed.partition("user: ")[2].startswith("move 3, eu-west-1")
    assert "CloudFront sends the old value" in one.observed


def asks_nobody(body: dict[str, Any]) -> None:
    del body["resource"]["aws_wafv2_web_acl_association"]
    for rule in body["resource"]["aws_lb_listener_rule"].values():
        rule["condition"] = [one for one in rule["condition"] if "http_header" not in one]


def test_load_balancers_that_ask_for_nothing_are_found(prod: Configured) -> None:
    both = with_stack(with_stack(prod, INGRESS, asks_nobody), "prod-us-east-1-ingress", asks_nobody)

    told = [one.must for one in rotated_in(both)]

    assert len(told) == 2
    assert told[0].startswith(LEAKED)
    assert told[1].startswith("The moves in any other order")


def test_a_load_balancer_that_is_open_to_the_internet_is_found(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        rule = the(body, "aws_vpc_security_group_ingress_rule", "from-cloudfront")
        del rule["prefix_list_id"]
        rule["cidr_ipv4"] = "0.0.0.0/0"

    (one,) = stolen_in(with_stack(prod, INGRESS, change))

    assert one.must.startswith("The leaked value is of no use but from CloudFront's own addresses")
    assert "eu-west-1" in one.observed


def test_the_value_opens_what_is_open_to_everybody_and_no_more(whole: Drill) -> None:
    found = rows(whole, "Without a token")

    assert [row[1:] for row in found if row[0] == "us-east-1"] == [
        ("https://api.prod.ekp.example/catalog", *["403, authorization"] * 2),
        ("https://api.prod.ekp.example/catalog/admin", *["403, authorization"] * 2),
        ("https://api.prod.ekp.example/catalog/products", *["reaches Rollout shop/catalog"] * 2),
        ("https://shop.prod.ekp.example/", *["403, authorization"] * 2),
        ("POST https://shop.prod.ekp.example/refunds", *["403, authorization"] * 2),
    ]


def test_what_the_edge_alone_refuses_is_open_to_the_thief(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        the(body, "aws_wafv2_web_acl", "web-acl")["default_action"] = {"block": {}}

    (one,) = stolen_in(with_stack(prod, EDGE, change))

    assert one.must.startswith("With the leaked value nobody without a token gets further")
    assert "https://api.prod.ekp.example/catalog/products: reaches Rollout" in one.observed


def test_a_region_that_counts_nobody_is_found(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        acl = the(body, "aws_wafv2_web_acl", "web-acl")
        acl["rule"] = [one for one in acl["rule"] if one["name"] != "rate"]

    (one,) = stolen_in(with_stack(prod, INGRESS, change))

    assert one.must == "Requests with the leaked value are counted in the region."
    assert "eu-west-1" in one.observed


def test_a_header_that_is_written_out_at_both_ends_is_no_missing_header(prod: Configured) -> None:
    """Nothing refuses anybody then, and nothing can be replaced: the drill fails."""

    def change(body: dict[str, Any]) -> None:
        text = json.dumps(body["resource"])
        for name in ("current", "next"):
            text = text.replace(f"${{var.origin_header_{name}}}", "x" * 40)
        body["resource"] = json.loads(text)

    found = prod
    for stack in (EDGE, INGRESS, "prod-us-east-1-ingress"):
        found = with_stack(found, stack, change)
    drilled = drill(found)

    assert check(drilled, LEAKED).outcome is Outcome.FAILED
    assert "is written out" in check(drilled, "Secrets that Terraform is given").observed


def test_nobody_counts_who_cannot_come_in(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        the(body, "aws_lb", "alb")["internal"] = True

    found = prod
    for stack in (INGRESS, "prod-us-east-1-ingress"):
        found = with_stack(found, stack, change)

    assert [one.must for one in stolen_in(found)] == []
