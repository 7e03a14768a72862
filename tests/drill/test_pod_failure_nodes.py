"""A node or a zone is lost: node groups, volumes and ways out with a mitigation taken out."""

from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.drill.report import Outcome
from tests.support.configured import with_stack
from tests.support.pod_failure import (
    CHECKOUT,
    GATEWAY,
    GROUPS,
    NODE,
    OUT,
    PLATFORM,
    ROOM,
    SPREAD,
    VOLUME,
    ZONE,
    changed,
    check,
    pod,
    run,
    with_group,
)

SHARD = "Deployment nginx-ingress/nginx-ingress-api"
ONE_SUBNET = ["${data.terraform_remote_state.network.outputs.private_subnet_ids[0]}"]


@pytest.mark.parametrize(
    ("group", "gone"), [("general", CHECKOUT), ("ingress", GATEWAY), ("ingress", SHARD)]
)
def test_a_node_group_in_one_zone_goes_with_it(prod: Configured, group: str, gone: str) -> None:
    drill = run(with_group(prod, group, subnet_ids=ONE_SUBNET))

    assert f"{group} is in euw1-az1 alone" in check(drill, GROUPS).observed
    assert f"{gone} has 0 of 3 pods left without euw1-az1" in check(drill, ZONE).observed
    assert f"{gone} has all 3 pods in euw1-az1" in check(drill, SPREAD).observed
    if group == "ingress":
        assert check(drill, NODE).outcome is Outcome.PASSED
        assert gone in check(drill, ROOM).observed


def test_nodes_that_cannot_grow_do_not_take_more(prod: Configured) -> None:
    small = {"desired_size": 3, "max_size": 3, "min_size": 3}
    drill = run(
        changed(
            with_group(prod, "general", scaling_config=small),
            "Rollout",
            lambda one: pod(one)["containers"][0]["resources"]["requests"].update(cpu="1500m"),
        )
    )

    assert "general cannot grow above 3" in check(drill, GROUPS).observed
    assert f"{CHECKOUT} has a pod that no node takes" in check(drill, ROOM).observed


def test_nobody_calls_out_by_the_lost_zone(prod: Configured) -> None:
    def one_gateway(body: dict[str, Any]) -> None:
        routes = [one for one in body["resource"]["aws_route"].values() if "nat_gateway_id" in one]
        for route in routes:
            route["nat_gateway_id"] = routes[0]["nat_gateway_id"]

    found = check(run(with_stack(prod, "prod-eu-west-1-network", one_gateway)), OUT)

    assert found.outcome is Outcome.FAILED
    assert "pods in euw1-az3 call out by the NAT gateway in euw1-az1" in found.observed


def test_a_volume_is_made_where_its_pod_runs(prod: Configured) -> None:
    def at_once(body: dict[str, Any]) -> None:
        for release in body["resource"]["helm_release"].values():
            texts = release.get("values", ())
            release["values"] = [one.replace("WaitForFirstConsumer", "Immediate") for one in texts]

    found = check(run(with_stack(prod, PLATFORM, at_once)), VOLUME)

    assert found.outcome is Outcome.FAILED
    assert "StorageClass gp3 makes a volume before" in found.observed
