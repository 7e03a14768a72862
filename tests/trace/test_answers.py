"""Weights, roles and trees decide which region's record answers, and health over them."""

from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.evaluate.stage import Stage
from tests.support.configured import with_stack

from .asking import (
    IRELAND,
    ORIGIN,
    VIRGINIA,
    ask,
    at,
    each,
    region,
    with_origin_records,
)

BOTH = frozenset({"eu-west-1", "us-east-1"})


def weight(figure: int) -> dict[str, Any]:
    return {"weighted_routing_policy": {"weight": figure}}


def test_weights_are_told_and_the_largest_is_followed(prod: Configured) -> None:
    weighted = with_origin_records(prod, weight(30), weight(90))
    found = ask(weighted)

    assert region(found) == "us-east-1"
    assert (
        "eu-west-1 25 % (weight 30), us-east-1 75 % (weight 90)" in at(found, Stage.ORIGIN)[1].why
    )
    assert region(ask(weighted, region="eu-west-1")) == "eu-west-1"


def test_a_tie_of_weights_goes_to_the_first_by_name(prod: Configured) -> None:
    assert region(ask(with_origin_records(prod, weight(100), weight(100)))) == "eu-west-1"


def test_a_region_of_weight_0_serves_when_the_others_are_out(prod: Configured) -> None:
    drained = with_origin_records(prod, weight(100), weight(0))

    assert region(ask(drained, region="us-east-1")) == "eu-west-1"
    assert region(ask(drained, out=frozenset({"eu-west-1"}))) == "us-east-1"
    assert region(ask(drained, out=BOTH)) == "eu-west-1"


def role(name: str) -> dict[str, Any]:
    return {"failover_routing_policy": {"type": name}}


def test_the_standby_serves_while_the_primary_is_out(prod: Configured) -> None:
    failover = with_origin_records(prod, role("SECONDARY"), role("PRIMARY"))

    assert region(ask(failover)) == "us-east-1"
    assert region(ask(failover, out=frozenset({"us-east-1"}))) == "eu-west-1"
    assert region(ask(failover, out=BOTH)) == "us-east-1"


@pytest.fixture(scope="module")
def tree(prod: Configured) -> Configured:
    """Ireland by latency, a tenth of its users to Virginia: as policy ``tree`` writes it."""
    branch = f"eu-west-1.{ORIGIN}"

    def ireland(body: dict[str, Any]) -> None:
        records = body["resource"]["aws_route53_record"]
        (record,) = records.values()
        leaf = {**record, **weight(90), "name": branch}
        del leaf["latency_routing_policy"]
        records["leaf"] = leaf | {"//": {"metadata": {"path": f"{IRELAND}/records/leaf"}}}
        record["alias"] = {**record["alias"], "name": branch}

    def virginia(record: dict[str, Any]) -> None:
        del record["latency_routing_policy"]
        record.update(weight(10), name=branch)

    changed = with_stack(prod, IRELAND, ireland)
    return with_stack(changed, VIRGINIA, each("aws_route53_record", virginia))


def test_a_tree_is_followed_through_its_branch(tree: Configured) -> None:
    found = ask(tree)
    names = [hop.name for hop in at(found, Stage.ORIGIN)]

    assert names[1:] == [f"record {ORIGIN} A", f"record eu-west-1.{ORIGIN} A"]
    assert region(found) == "eu-west-1"
    assert region(ask(tree, region="us-east-1")) == "us-east-1"


def test_a_branch_answers_with_its_canary_while_home_is_out(tree: Configured) -> None:
    assert region(ask(tree, out=frozenset({"eu-west-1"}))) == "us-east-1"
