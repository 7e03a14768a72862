"""What part of the answers Route 53 gives to a region: arithmetic that one can check by hand."""

from pathlib import Path

import pytest

from ekp.configured.reading import Resource, own
from ekp.evaluate.blocks import block
from ekp.runner.errors import BrokenSynthesisError
from ekp.runner.stacks import Stack
from ekp.traffic.changes import StackChange, stack_changes
from ekp.traffic.records import Leads, Record, Routing, percent, shares
from ekp.traffic.report import traffic


def record(region: str, routing: Routing = Routing.WEIGHTED, **changes: object) -> Record:
    values: dict[str, object] = {
        "name": "origin.prod.ekp.example",
        "kind": "A",
        "region": region,
        "routing": routing,
        "leads": Leads.BALANCER,
        "to": "alb",
        "weight": None,
        "latency_region": None,
        "role": None,
        "health": None,
        "construct": "",
    }
    return Record(**values | changes)  # type: ignore[arg-type]


def weighted(*weights: int) -> list[Record]:
    return [record(f"region-{n}", weight=weight) for n, weight in enumerate(weights)]


@pytest.mark.parametrize(
    ("weights", "percents", "said"),
    [
        ((100, 100), (50, 50), "50 % (weight 100 of 200)"),
        ((20, 100), (100 / 6, 500 / 6), "16.7 % (weight 20 of 120)"),
        ((255, 0), (100, 0), "100 % (weight 255 of 255)"),
        ((0, 255), (0, 100), "none, unless no other is healthy"),
        ((0, 0), (50, 50), "50 %: every weight is 0, which Route 53 takes as equal"),
        ((1, 1, 1), (100 / 3,) * 3, "33.3 % (weight 1 of 3)"),
    ],
)
def test_a_weight_is_a_part_of_the_sum(
    weights: tuple[int, ...], percents: tuple[float, ...], said: str
) -> None:
    found = weighted(*weights)

    assert [percent(one, found) for one in found] == pytest.approx(percents)
    assert shares(found)[found[0]] == said


def test_records_of_another_name_or_type_have_shares_of_their_own() -> None:
    found = [
        *weighted(100, 300),
        record("region-0", weight=5, name="other.prod.ekp.example"),
        record("region-0", weight=5, kind="AAAA"),
    ]

    assert [percent(one, found) for one in found] == [25, 75, 100, 100]


def test_latency_leads_to_the_nearest_and_alone_takes_all() -> None:
    both = [record(r, Routing.LATENCY, latency_region=r) for r in ("eu-west-1", "us-east-1")]

    assert list(shares(both).values()) == [
        "users nearest to eu-west-1",
        "users nearest to us-east-1",
    ]
    assert list(shares(both[:1]).values()) == ["all: the only region"]
    assert percent(both[0], both) is None


def test_a_standby_takes_all_while_the_primary_is_out() -> None:
    found = [record("a", Routing.FAILOVER, role=role) for role in ("PRIMARY", "SECONDARY")]

    assert list(shares(found).values()) == ["all", "none, all while the primary is out"]


def stack(id_: str, **resources: dict[str, dict[str, object]]) -> Stack:
    return Stack(id_, Path(), "prod", "eu-west-1", "ingress", (), {}, {"resource": resources})


def body(path: str, **values: object) -> dict[str, object]:
    return {"//": {"metadata": {"path": f"s/{path}"}}, **values}


def test_stacks_differ_by_what_is_added_changed_and_gone() -> None:
    before = stack("s", aws_lb={"a": body("a", x=1), "b": body("b", x=1), "c": body("c")})
    after = stack("s", aws_lb={"a": body("a", x=1), "b": body("b", x=2), "d": body("d")})

    assert stack_changes({"s": before}, {"s": before}) == []
    assert stack_changes({"s": before}, {"s": after}) == [StackChange("s", ["d"], ["b"], ["c"])]
    assert stack_changes({}, {"s": after}) == [StackChange("s", ["a", "b", "d"], [], [])]


def test_a_reference_leads_to_the_resource_of_its_stack() -> None:
    found = stack("s", aws_lb={"alb_1": body("alb", name="ekp-alb")})

    assert own(found, "${aws_lb.alb_1.dns_name}") == Resource(
        found, "aws_lb.alb_1", found.resources["aws_lb"]["alb_1"]
    )
    assert own(found, "${aws_lb.other.dns_name}") is None
    assert own(found, "eu-west-1.origin.prod.ekp.example") is None
    assert own(found, None) is None


def test_a_block_is_read_in_both_forms_that_terraform_writes() -> None:
    assert block({"alias": {"name": "a"}}, "alias") == {"name": "a"}
    assert block({"alias": [{"name": "a"}]}, "alias") == {"name": "a"}
    assert block({"alias": []}, "alias") is None
    assert block({}, "alias") is None


def test_a_resource_without_a_name_is_known_by_what_made_it() -> None:
    made = body("alb")

    assert Resource(stack("s", aws_lb={"alb": made}), "aws_lb.alb", made).label == "s/alb"
    assert Resource(stack("s", aws_lb={"alb": {}}), "aws_lb.alb", {}).label == "s aws_lb.alb"


def test_a_resource_that_cdktf_did_not_write_is_named_as_such() -> None:
    broken = stack("s", aws_route53_record={"r": body("r", alias={"name": "x"})})

    with pytest.raises(BrokenSynthesisError, match="are not what CDKTF writes: KeyError"):
        traffic([broken], "prod")
