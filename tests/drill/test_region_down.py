"""The drill ``region-down``: it passes while the way out is there, and fails when it is not."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.region_down import drill
from ekp.drill.report import Check, Drill, Outcome
from ekp.drill.together import run
from tests.support.configured import with_objects, with_stack, without

INGRESS = "prod-eu-west-1-ingress"
WATCHED = "Route 53 watches the gateway of eu-west-1, and takes eu-west-1 out of its answers."
SILENT = "While nothing is heard from eu-west-1, it counts as lost."
SOON = "Users are led away from eu-west-1 within 10 minutes, by nobody's hand."
LED = "With eu-west-1 out, clients of Europe and North America are answered by us-east-1."
GROWS = "us-east-1 may run as many pods as us-east-1 and eu-west-1 do at least."
GROWS_IN_EUROPE = "eu-west-1 may run as many pods as eu-west-1 and us-east-1 do at least."
NODES = "The nodes of us-east-1 take every pod, with every workload at its maximum."
QUOTAS = "Quotas of tenants let every service of us-east-1 grow to its maximum."
STATES = "No other region's stacks need a state of eu-west-1."
IMAGES = "Other regions start pods of services without the registry of eu-west-1."
PAGE = "Until DNS has left it, users see a page instead of a bare error."


def drilled(configured: Configured) -> Drill:
    return drill.run(configured, Place())


def checks(configured: Configured) -> Mapping[str, Check]:
    """Return the checks of the drill by what must hold."""
    return {check.must: check for check in drilled(configured).checks}


def failing(configured: Configured) -> set[str]:
    """Return what does not hold."""
    return {must for must, check in checks(configured).items() if check.outcome is Outcome.FAILED}


def changed(
    found: Configured, kind: str, change: Callable[[dict[str, Any]], object], stack: str = INGRESS
) -> Configured:
    """Return an environment with the only resource of a type of a stack changed."""

    def only(body: dict[str, Any]) -> None:
        (one,) = body["resource"][kind].values()
        change(one)

    return with_stack(found, stack, only)


@pytest.mark.requirement("R27")
@pytest.mark.requirement("R04")
def test_each_region_of_production_is_left_and_the_other_carries_its_users(
    prod: Configured,
) -> None:
    found = checks(prod)

    assert failing(prod) == set()
    for lost, left in (("eu-west-1", "us-east-1"), ("us-east-1", "eu-west-1")):
        led = found[f"With {lost} out, clients of Europe and North America are answered by {left}."]
        assert led.observed.count(f"is led to {left}.") == 4  # two hosts, two continents
        nodes = found[f"The nodes of {left} take every pod, with every workload at its maximum."]
        assert "of at most 30 nodes m7i.xlarge" in nodes.observed
    assert "About 240 s" in found[SOON].observed


def test_what_a_lost_region_takes_along_is_a_weak_spot_and_breaks_no_promise(
    prod: Configured,
) -> None:
    weak = {
        must: check.observed
        for must, check in checks(prod).items()
        if check.outcome is Outcome.NOTED
    }

    assert len(weak) == 4
    shard = "Users are led away from {} when a shard alone is lost there."
    assert "Not watched: ekp-prod-euw1-api." in weak[shard.format("eu-west-1")]
    assert "Not watched: ekp-prod-use1-api." in weak[shard.format("us-east-1")]
    states = weak["Other regions can be deployed without eu-west-1."]
    assert "ekp-tfstate-444444444444 in eu-west-1" in states
    assert IMAGES in weak


def test_images_of_one_region_s_registry_are_told(prod: Configured) -> None:
    found = checks(prod)

    assert found[IMAGES].outcome is Outcome.NOTED
    assert "dkr.ecr.eu-west-1.amazonaws.com/shop/checkout" in found[IMAGES].observed
    assert found[IMAGES.replace("eu-west-1", "us-east-1")].outcome is Outcome.PASSED


def test_tables_tell_who_answers_and_what_is_in_one_region_alone(prod: Configured) -> None:
    tables = {table.title: table.rows for table in drilled(prod).tables}

    answered = {(out, client): region for out, client, _, region in tables["Who answers"]}
    assert answered["nothing", "Europe"] == "eu-west-1"
    assert answered["nothing", "North America"] == "us-east-1"
    assert answered["us-east-1", "North America"] == "eu-west-1"
    assert answered["eu-west-1 and us-east-1", "North America"] == "us-east-1"
    alone = " ".join(row[1] for row in tables["What is in one region alone"] if row[0][:2] == "eu")
    for kept in ("Vault's secrets", "-loki", "-tfstate-", "shop-receipts", "Argo CD"):
        assert kept in alone


def test_a_record_without_its_health_check_is_never_left(prod: Configured) -> None:
    broken = changed(prod, "aws_route53_record", lambda record: record.pop("health_check_id"))

    assert failing(broken) == {WATCHED, SILENT, SOON, LED}
    assert "has no health check" in checks(broken)[WATCHED].observed
    assert "Europe asks for shop.prod.ekp.example and is led to eu-west-1" in (
        checks(broken)[LED].observed
    )


def test_a_health_check_without_its_alarm_never_fires(prod: Configured) -> None:
    broken = without(prod, INGRESS, "aws_cloudwatch_metric_alarm")

    assert {WATCHED, SILENT, SOON} <= failing(broken)
    assert f"which {INGRESS} does not make" in checks(broken)[WATCHED].observed


def test_an_alarm_on_another_target_group_sees_nothing(prod: Configured) -> None:
    def other(alarm: dict[str, Any]) -> None:
        dimensions = alarm["dimensions"]
        shard = next(
            name
            for name, body in prod.reader.stacks[INGRESS].resources["aws_lb_target_group"].items()
            if body["name"].endswith("-api")
        )
        dimensions["TargetGroup"] = f"${{aws_lb_target_group.{shard}.arn_suffix}}"

    broken = changed(prod, "aws_cloudwatch_metric_alarm", other)

    assert failing(broken) == {WATCHED}
    observed = checks(broken)[WATCHED].observed
    assert "TargetGroup ekp-prod-euw1-api, and not ekp-prod-euw1-gateway-tls" in observed


@pytest.mark.parametrize(
    ("kind", "field", "value", "told"),
    [
        ("aws_cloudwatch_metric_alarm", "treat_missing_data", "notBreaching", "as notBreaching"),
        ("aws_route53_health_check", "insufficient_data_health_status", "Healthy", "is Healthy"),
    ],
)
def test_silence_that_counts_as_health_keeps_users_in_a_lost_region(
    prod: Configured, kind: str, field: str, value: str, told: str
) -> None:
    broken = changed(prod, kind, lambda body: body.update({field: value}))

    assert failing(broken) == {SILENT}
    assert told in checks(broken)[SILENT].observed


def test_an_alarm_of_many_minutes_fires_too_late(prod: Configured) -> None:
    slow = changed(
        prod, "aws_cloudwatch_metric_alarm", lambda alarm: alarm.update(evaluation_periods=10)
    )

    assert failing(slow) == {SOON}
    assert "About 720 s" in checks(slow)[SOON].observed


def test_a_region_that_serves_nobody_leaves_one_alone(prod: Configured) -> None:
    one = without(prod, "prod-us-east-1-ingress", "aws_route53_record")

    (several,) = [check for check in drilled(one).checks if check.outcome is Outcome.FAILED]
    assert "us-east-1 has a load balancer and no record" in several.observed
    assert several.remedy == "Set `regions[R].ingress.share.serving` = True for us-east-1."


def test_records_without_a_routing_policy_stand_in_for_nobody(prod: Configured) -> None:
    broken = changed(
        prod, "aws_route53_record", lambda record: record.pop("latency_routing_policy")
    )

    assert {WATCHED, LED} <= failing(broken)
    assert "has no routing policy" in checks(broken)[WATCHED].observed


def test_groups_that_cannot_grow_leave_pods_without_a_node(prod: Configured) -> None:
    def small(body: dict[str, Any]) -> None:
        for group in body["resource"]["aws_eks_node_group"].values():
            group["scaling_config"]["max_size"] = 3

    broken = with_stack(prod, "prod-us-east-1-cluster", small)

    assert failing(broken) == {NODES}
    found = checks(broken)[NODES]
    assert "find no node" in found.observed
    assert "general" in found.remedy


def test_services_that_cannot_double_do_not_carry_two_regions(prod: Configured) -> None:
    def few(objects: list[Any]) -> list[Any]:
        for one in objects:
            if one["kind"] == "HorizontalPodAutoscaler" and one["metadata"]["name"] == "checkout":
                one["spec"]["maxReplicas"] = 5
        return objects

    broken = with_objects(prod, few)

    assert failing(broken) == {GROWS, GROWS_IN_EUROPE}
    assert "Rollout shop/checkout: 6 pods are needed" in checks(broken)[GROWS].observed


def test_a_quota_below_the_maximum_keeps_pods_out(prod: Configured) -> None:
    def many(objects: list[Any]) -> list[Any]:
        for one in objects:
            if one["kind"] == "HorizontalPodAutoscaler":
                one["spec"]["maxReplicas"] = 40
        return objects

    found = checks(with_objects(prod, many))[QUOTAS]

    assert found.outcome is Outcome.FAILED
    assert "80 of 50 pods" in found.observed


def test_a_stack_that_reads_the_other_region_s_state_cannot_be_deployed_without_it(
    prod: Configured,
) -> None:
    other = prod.reader.stacks["prod-eu-west-1-network"].backend[1]["key"]

    def reads(body: dict[str, Any]) -> None:
        body["data"]["terraform_remote_state"]["network"]["config"]["key"] = other

    broken = with_stack(prod, "prod-us-east-1-cluster", reads)

    found = checks(broken)[STATES]
    assert found.outcome is Outcome.FAILED
    assert found.observed == "prod-us-east-1-cluster reads the state of prod-eu-west-1-network."


def test_without_the_page_of_last_resort_users_see_a_bare_error(prod: Configured) -> None:
    broken = changed(
        prod,
        "aws_cloudfront_distribution",
        lambda body: body.pop("custom_error_response"),
        "prod-edge",
    )

    assert failing(broken) == {PAGE}
    assert "passes 502, 503, 504 on as they are" in checks(broken)[PAGE].observed


@pytest.mark.parametrize("environment", ["dev", "qa", "management"])
def test_an_environment_of_one_region_does_not_keep_the_promise(
    prod: Configured, environment: str
) -> None:
    one = Configured.of(prod.reader.stacks, environment, ())

    found = drilled(one)
    assert found.outcome is Outcome.FAILED
    assert found.checks[0].outcome is Outcome.FAILED
    assert f"Give {environment} a second region" in found.checks[0].remedy


def test_the_drill_is_run_by_its_name(prod: Configured) -> None:
    report = run(["region-down"], prod, Place())

    assert [one.title for one in report.drills] == ["A region goes down"]
