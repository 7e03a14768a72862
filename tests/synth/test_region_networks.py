"""Policies, proxies and load balancers agree on the addresses of a region."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from modules.aws.alb import AlbConfig
from modules.core.hosts import Shard
from modules.core.subnets import deal
from modules.stacks.edge import EdgeConfig, Front
from modules.stacks.ingress import IngressConfig
from modules.stacks.region_networks import region_networks

import pytest
from cdktf import App

import main
from environments.schema import Environment, RegionSettings
from tests.support import settings
from tests.support.releases import named, objects, values
from tests.support.settings import written
from tests.support.synth import Synth

from .test_every_stack import stack_of

VPC = settings.vpc()
BLOCKS = deal(VPC.cidr, VPC.zones)
EVERY_FRONT = pytest.mark.parametrize(
    ("front", "tier"),
    [(Front.CLOUDFRONT, "public"), (Front.VPC_ORIGIN, "private"), (Front.DIRECT, "public")],
)


def built(front: Front, folder: Path) -> Mapping[str, Synth]:
    """Return the region's stacks of an environment with this front and a shard, by layer."""
    one = written().regions["eu-west-1"]
    office = {"office": IPv4Network("198.51.100.0/24")}
    region = RegionSettings(
        network=one.network,
        cluster=one.cluster,
        ingress=IngressConfig(alb=AlbConfig(open_to=office if front is Front.DIRECT else {})),
    )
    edge = EdgeConfig(
        domain="dev.ekp.example",
        front=front,
        shards={"api": Shard(hosts=("api.dev.ekp.example",), slot=1)},
    )
    app = App(outdir=str(folder))
    main.build(app, Environment.model_validate(written(regions={"eu-west-1": region}, edge=edge)))
    return {
        layer: Synth(stack_of(app, f"dev-eu-west-1-{layer}"))
        for layer in ("network", "cluster", "ingress", "platform", "tenants")
    }


def subnets(network: Synth, tier: str) -> list[str]:
    """Return the addresses of a tier's subnets, as AWS is told them."""
    made = network.all("aws_subnet")
    return [found["cidr_block"] for path, found in made.items() if path.startswith(f"vpc/{tier}-")]


def sources(stacks: Mapping[str, Synth], flow: str) -> list[str]:
    """Return the networks that the policy at a flow's target takes calls from."""
    (policy,) = (
        made
        for plan in stacks.values()
        for release in plan.all("helm_release").values()
        if not release.get("repository")
        for made in objects(release)
        if made["metadata"]["name"] == f"platform-{flow}-ingress"
    )
    (rule,) = policy["spec"]["ingress"]
    found: list[str] = rule["source"]["nets"]
    return found


@EVERY_FRONT
def test_the_load_balancer_calls_from_where_its_front_places_it(front: Front, tier: str) -> None:
    networks = region_networks(VPC, front)

    assert networks.vpc == VPC.cidr
    assert networks.balancers == tuple(getattr(zone, tier) for zone in BLOCKS.values())


@pytest.mark.parametrize("front", Front)
def test_the_control_plane_is_in_the_isolated_blocks_whatever_the_front(front: Front) -> None:
    networks = region_networks(VPC, front)

    assert networks.control_plane == tuple(zone.isolated for zone in BLOCKS.values())
    assert set(networks.control_plane).isdisjoint(networks.balancers)


def test_a_zone_added_later_is_added_and_moves_nothing() -> None:
    fewer = region_networks(settings.vpc(zones=VPC.zones[:2]), Front.CLOUDFRONT)
    more = region_networks(VPC, Front.CLOUDFRONT)

    assert more.balancers[:2] == fewer.balancers
    assert more.control_plane[:2] == fewer.control_plane
    assert len(more.balancers) == len(more.control_plane) == 3


def test_networks_beyond_the_region_are_those_that_are_named() -> None:
    other = IPv4Network("10.60.0.0/16")

    assert region_networks(VPC, Front.DIRECT).peered == ()
    assert region_networks(VPC, Front.DIRECT, peered=[other]).peered == (other,)


@pytest.mark.requirement("R35")
@pytest.mark.requirement("R38")
@EVERY_FRONT
def test_gateway_and_shard_take_calls_from_the_subnets_of_the_load_balancer_and_nginx_believes_it(
    tmp_path: Path, front: Front, tier: str
) -> None:
    stacks = built(front, tmp_path)
    balancer = stacks["ingress"].one("aws_lb")
    nginx: Mapping[str, Any] = values(named(stacks["platform"], "nginx-ingress-api"))
    expected = subnets(stacks["network"], tier)

    assert f"outputs.{tier}_subnet_ids" in str(balancer["subnets"])
    assert len(expected) == 2
    assert sources(stacks, "balancers-to-gateway") == expected
    assert sources(stacks, "balancers-to-nginx-api") == expected
    believed = nginx["controller"]["config"]["entries"]["set-real-ip-from"]
    assert believed == ",".join(expected)


@pytest.mark.requirement("R35")
def test_webhooks_take_calls_from_the_subnets_of_the_control_plane(tmp_path: Path) -> None:
    stacks = built(Front.CLOUDFRONT, tmp_path)
    served_in = stacks["cluster"].one("aws_eks_cluster")["vpc_config"]["subnet_ids"]

    assert "outputs.isolated_subnet_ids" in str(served_in)
    for webhook in ("istiod", "cert-manager", "prometheus-operator"):
        assert sources(stacks, f"api-to-{webhook}-webhook") == (
            subnets(stacks["network"], "isolated")
        )
