"""The drill ``region-down``: figures that look well and lead nobody away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from modules.stacks.edge import Front

import pytest

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.region_down import drill
from ekp.drill.report import Check, Outcome
from environments import load
from tests.support.configured import TODAY, Change, configured, with_bundles, with_stack

INGRESS = "prod-eu-west-1-ingress"
WATCHED = "Route 53 watches the gateway of eu-west-1, and takes eu-west-1 out of its answers."
WELL = "While all is well in eu-west-1, it is not taken for lost."
LED = "With eu-west-1 out, clients of Europe and North America are answered by us-east-1."
QUOTAS = "Quotas of tenants let every service of eu-west-1 grow to its maximum."


def failing(found: Configured) -> dict[str, Check]:
    """Return the checks that fail, by what must hold."""
    checks = drill.run(found, Place()).checks
    return {one.must: one for one in checks if one.outcome is Outcome.FAILED}


def with_alarm(found: Configured, **arguments: Any) -> Configured:
    """Return the environment with arguments of a region's alarm changed."""

    def change(body: dict[str, Any]) -> None:
        (alarm,) = body["resource"]["aws_cloudwatch_metric_alarm"].values()
        alarm.update(arguments)

    return with_stack(found, INGRESS, change)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"threshold": 0}, "does not fire without a healthy target"),
        (
            {"threshold": -1, "comparison_operator": "LessThanOrEqualToThreshold"},
            "compares by LessThanOrEqualToThreshold -1",
        ),
        ({"comparison_operator": "GreaterThanThreshold"}, "compares by GreaterThanThreshold 1"),
        ({"statistic": "SampleCount"}, "looks at SampleCount"),
        ({"statistic": "Minimum"}, "looks at Minimum"),
    ],
)
def test_an_alarm_that_does_not_fire_without_a_gateway_is_named(
    prod: Configured, arguments: dict[str, Any], told: str
) -> None:
    found = failing(with_alarm(prod, **arguments))

    assert set(found) == {WATCHED}
    assert told in found[WATCHED].observed


def test_an_alarm_that_fires_at_one_and_fewer_sees_a_lost_gateway(prod: Configured) -> None:
    found = with_alarm(prod, threshold=0, comparison_operator="LessThanOrEqualToThreshold")

    assert failing(found) == {}


def test_an_alarm_that_fires_while_all_is_well_is_named(prod: Configured) -> None:
    """Three gateways in three zones are one in the best zone, which is fewer than two."""
    found = failing(with_alarm(prod, threshold=2))

    assert set(found) == {WELL}
    assert "euw1-az1 1, euw1-az2 1, euw1-az3 1" in found[WELL].observed
    assert "fires below 2" in found[WELL].observed
    assert found[WELL].remedy.endswith("healthy_targets` to 1 or less.")


def test_a_region_without_a_shard_does_not_answer_for_the_other(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        rules = body["resource"]["aws_lb_listener_rule"]
        for key in [key for key in rules if "shard" in key]:
            del rules[key]

    found = failing(with_stack(prod, "prod-us-east-1-ingress", change))

    assert LED in found
    assert (
        "Europe asks for api.prod.ekp.example and is led to us-east-1, in by gateway "
        "istio-ingressgateway and not by shard api."
    ) in found[LED].observed


def test_a_gateway_that_registers_nowhere_answers_nobody(prod: Configured) -> None:
    def change(objects: list[Any]) -> list[Any]:
        return [one for one in objects if one["kind"] != "TargetGroupBinding"]

    found = prod
    for layer in ("platform", "tenants"):
        found = with_bundles(found, f"prod-us-east-1-{layer}", change)

    assert "is led to nobody" in failing(found)[LED].observed


def quota(**hard: str) -> Callable[[list[Any]], list[Any]]:
    def change(objects: list[Any]) -> list[Any]:
        for one in objects:
            if one["kind"] == "ResourceQuota":
                one["spec"]["hard"] |= {key.replace("_", "."): text for key, text in hard.items()}
        return objects

    return change


def test_a_quota_of_limits_counts_the_proxies_limits(prod: Configured) -> None:
    tight = with_bundles(prod, "prod-eu-west-1-tenants", quota(limits_memory="28159Mi"))
    wide = with_bundles(prod, "prod-eu-west-1-tenants", quota(limits_memory="28160Mi"))

    assert "28160 of 28159 MiB of limits" in failing(tight)[QUOTAS].observed
    assert QUOTAS not in failing(wide)


def test_nodes_that_no_pod_tolerates_are_not_mended_by_more_of_them(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        for group in body["resource"]["aws_eks_node_group"].values():
            group["taint"] = [{"key": "mine", "value": "yes", "effect": "NO_SCHEDULE"}]

    found = failing(with_stack(prod, "prod-eu-west-1-cluster", change))

    (check,) = (one for must, one in found.items() if must.startswith("The nodes of eu-west-1"))
    assert "find no node" in check.observed
    assert check.remedy.startswith("No group is full: let the pods tolerate the taints")


@pytest.mark.parametrize("weight", [0, 100])
def test_whatever_weights_say_a_lost_region_is_left(prod: Configured, weight: int) -> None:
    def change(own: int) -> Change:
        def changed(body: dict[str, Any]) -> None:
            (record,) = body["resource"]["aws_route53_record"].values()
            del record["latency_routing_policy"]
            record["weighted_routing_policy"] = {"weight": own}

        return changed

    found = with_stack(prod, INGRESS, change(weight))
    found = with_stack(found, "prod-us-east-1-ingress", change(0))

    assert failing(found) == {}


def test_a_region_in_a_vpc_is_led_to_by_cloudfront_and_alone(tmp_path: Path) -> None:
    prod = load(TODAY)[0]["prod"]
    within = prod.model_copy(
        update={
            "edge": prod.edge.model_copy(update={"front": Front.VPC_ORIGIN}),
            "regions": {"eu-west-1": prod.regions["eu-west-1"]},
        }
    )

    (check,) = failing(configured(tmp_path, within)).values()

    assert check.observed.startswith("CloudFront leads to eu-west-1 within a VPC, by no record")
    assert "share.serving" not in check.remedy
