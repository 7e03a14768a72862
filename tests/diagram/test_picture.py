"""A picture shows what is in the stacks, and what is not there it does not show."""

import itertools
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from ekp.diagram import dot
from ekp.diagram.environment import draw
from ekp.diagram.picture import Flow, Picture
from ekp.runner.errors import UnknownEnvironmentError
from ekp.synth import project_root

from .conftest import Changed, Drawn
from .svg import said

INGRESS, TENANTS = "prod-eu-west-1-ingress", "prod-eu-west-1-tenants"
RENEW = "the stacks have changed; draw it anew: `ekp synth && ekp diagram prod --out {}`"


def words(picture: Picture, name: str) -> str:
    """All that a node says."""
    (only,) = (node.words for node in picture.every_node() if node.name == name)
    return only


def flows(picture: Picture, flow: Flow) -> dict[tuple[str, str], str]:
    return {
        (edge.tail, f"{edge.head}/{edge.head_row}".strip("/")): edge.label
        for edge in picture.edges
        if edge.flow is flow
    }


def ways(picture: Picture, start: str) -> Iterator[list[str]]:
    """Yield every way that requests take from a node to where they end."""
    further = [head for tail, head in flows(picture, Flow.REQUEST) if tail == start]
    if not further:
        yield [start]
    for head in further:
        for way in ways(picture, head):
            yield [start, *way]


def only(found: dict[str, Any]) -> Any:
    (one,) = found.values()
    return one


def test_the_committed_picture_of_prod_is_true(drawn: Drawn) -> None:
    file = project_root() / "docs" / "images" / "prod.svg"
    text = file.read_text(encoding="utf-8")
    assert said(text) == dot.said(drawn("prod")), RENEW.format("docs/images/prod.svg")


@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot: `apt-get install graphviz`")
@pytest.mark.parametrize("environment", ["dev", "management", "prod"])
def test_dot_draws_what_is_said_and_nothing_of_itself(drawn: Drawn, environment: str) -> None:
    picture = drawn(environment)
    text = dot.svg(picture)
    assert said(text) == dot.said(picture)
    assert text.startswith('<svg role="img" ')
    assert "graphviz" not in text
    assert text == dot.svg(picture)


def test_requests_come_from_users_to_services_through_all_that_looks_at_them(
    drawn: Drawn,
) -> None:
    assert sorted(ways(drawn("prod"), "users")) == [
        [
            *("users", "name prod.ekp.example", "CloudFront", "name origin.prod.ekp.example"),
            *(f"{region} load balancer", f"{region} {entrance}"),
            f"{region} tenant shop/{service}",
        ]
        for region in ("eu-west-1", "us-east-1")
        for entrance, service in (
            ("istio-ingressgateway", "checkout"),
            ("nginx-ingress-api", "catalog"),
        )
    ]


def test_the_hub_has_no_cloudfront_and_leads_to_tools(drawn: Drawn) -> None:
    (way,) = ways(drawn("management"), "users")
    assert way[1:3] == ["name management.ekp.example", "eu-west-1 load balancer"]
    assert "argocd.management.ekp.example" in words(drawn("management"), way[-1])


def test_a_region_has_its_record_and_its_health_at_the_arrow(drawn: Drawn) -> None:
    found = flows(drawn("prod"), Flow.REQUEST)
    arrow = found["name origin.prod.ekp.example", "us-east-1 load balancer"]
    assert arrow == "nearest to us-east-1\nwhile HealthyHostCount \N{GREATER-THAN OR EQUAL TO} 1"


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"weighted_routing_policy": {"weight": 20}}, "weight 20"),
        ({"failover_routing_policy": {"type": "SECONDARY"}}, "secondary"),
        ({}, ""),
    ],
)
def test_records_say_their_own_policy(changed: Changed, block: dict[str, Any], told: str) -> None:
    def edit(resources: dict[str, Any]) -> None:
        record = only(resources["aws_route53_record"])
        for name in ("latency_routing_policy", "health_check_id"):
            record.pop(name)
        record |= block

    found = flows(draw(changed(INGRESS, edit), "prod"), Flow.REQUEST)
    assert found["name origin.prod.ekp.example", "eu-west-1 load balancer"] == told


def test_a_branch_of_names_is_drawn_as_one(changed: Changed) -> None:
    def edit(resources: dict[str, Any]) -> None:
        leaf = only(resources["aws_route53_record"])
        alias = {"name": "eu-west-1.origin.prod.ekp.example", "zone_id": "Z"}
        resources["aws_route53_record"]["top"] = {**leaf, "alias": alias}
        leaf["name"] = alias["name"]

    picture = draw(changed(INGRESS, edit), "prod")
    assert ("name origin.prod.ekp.example", "name eu-west-1.origin.prod.ekp.example") in flows(
        picture, Flow.REQUEST
    )


def test_a_region_that_is_taken_out_gets_no_requests(changed: Changed) -> None:
    picture = draw(changed(INGRESS, lambda resources: resources.pop("aws_route53_record")), "prod")
    assert all("eu-west-1 load balancer" not in way for way in ways(picture, "users"))


def test_a_load_balancer_without_a_web_acl_is_drawn_without_one(
    drawn: Drawn, changed: Changed
) -> None:
    name = "eu-west-1 load balancer"
    bare = changed(INGRESS, lambda resources: resources.pop("aws_wafv2_web_acl_association"))
    assert "WAF origin-header client-address rate: 2,400 a minute" in words(drawn("prod"), name)
    assert "WAF" not in words(draw(bare, "prod"), name)


def test_the_cluster_says_its_version_and_the_sizes_of_its_nodes(changed: Changed) -> None:
    def edit(resources: dict[str, Any]) -> None:
        only(resources["aws_eks_cluster"])["version"] = "1.99"
        groups = resources["aws_eks_node_group"]
        groups["nodes-general_4552D584"]["scaling_config"]["max_size"] = 77

    told = words(draw(changed("prod-eu-west-1-cluster", edit), "prod"), "eu-west-1 EKS")
    assert "EKS 1.99" in told
    assert "private API" in told
    assert "nodes general 3 to 77 m7i.xlarge, on demand" in told


def test_the_network_says_its_zones_and_ways_out(drawn: Drawn) -> None:
    assert words(drawn("dev"), "eu-west-1 VPC") == (
        "VPC 10.10.0.0/16 2 zones: euw1-az1, euw1-az2 6 subnets, 1 NAT gateway, 11 VPC endpoints"
    )


def test_charts_are_counted_and_named(drawn: Drawn, changed: Changed) -> None:
    def edit(resources: dict[str, Any]) -> None:
        releases = resources["helm_release"]
        releases.pop(next(key for key, one in releases.items() if one["name"] == "jaeger"))

    name = "eu-west-1 platform charts"
    before = words(drawn("prod"), name)
    after = words(draw(changed("prod-eu-west-1-platform", edit), "prod"), name)
    assert before.startswith("17 charts argo-rollouts ")
    assert " jaeger " in before
    assert after.startswith("16 charts")
    assert " jaeger " not in after


def test_what_services_use_is_drawn_with_who_uses_it(drawn: Drawn) -> None:
    picture = drawn("prod")
    told = words(picture, "eu-west-1 used by shop")
    assert "postgresql orders.prod.ekp.example accounts made by Vault" in told
    assert "S3 bucket shop-receipts-333333333333 by an AWS role" in told
    rows = {edge.tail_row for edge in picture.edges if edge.head == "eu-west-1 used by shop"}
    assert rows == {"checkout"}


def test_many_tenants_are_told_in_one_node(changed: Changed, drawn: Drawn) -> None:
    def edit(resources: dict[str, Any]) -> None:
        releases = resources["helm_release"]
        address = next(key for key in releases if key.startswith("tenant-shop"))
        shop = releases[address]
        for number in range(8):
            values = [text.replace("shop", f"shop{number}") for text in shop["values"]]
            releases[f"more{number}"] = {**shop, "values": values}

    picture = draw(changed(TENANTS, edit), "prod")
    assert words(picture, "eu-west-1 tenants") == "9 tenants 18 services"
    assert next(iter(ways(picture, "users")))[-1] == "eu-west-1 tenants"
    assert len([*picture.every_node()]) < len([*drawn("prod").every_node()])


def test_layers_say_whose_contracts_they_read(drawn: Drawn) -> None:
    picture = drawn("prod")
    notes = {box.name: box.note for box in picture.every_box()}
    assert notes[f"layer {INGRESS}"] == "reads edge, cluster, network"
    assert notes["layer prod-eu-west-1-network"] == ""
    arrows = flows(picture, Flow.CONTRACT)
    # Ingress reads the network, too; the way over the cluster shows that it comes first.
    assert {tail for tail, head in arrows if head == f"layer {INGRESS}"} == {
        *("layer prod-edge", "layer prod-eu-west-1-cluster"),
    }


def test_the_hub_and_its_clusters_see_each_other(drawn: Drawn) -> None:
    hub = flows(drawn("management"), Flow.ACCESS)
    assert {head for _, head in hub} == {
        *("cluster dev eu-west-1", "cluster qa eu-west-1"),
        *("cluster prod eu-west-1", "cluster prod us-east-1"),
    }
    prod = flows(drawn("prod"), Flow.ACCESS)
    for region in ("eu-west-1", "us-east-1"):
        assert ("hub management eu-west-1", f"region {region}") in prod


def test_the_emergency_user_is_told_with_the_clusters_that_it_may_enter(drawn: Drawn) -> None:
    assert "may enter 2 clusters" in words(drawn("prod"), "user ekp-prod-global-break-glass")


def test_a_picture_stays_small_and_names_each_thing_once(drawn: Drawn) -> None:
    for environment in ("dev", "qa", "prod", "management"):
        names = [node.name for node in drawn(environment).every_node()]
        assert len(names) == len(set(names))
        assert 10 <= len(names) <= 60


def test_an_unknown_environment_is_answered_with_the_known_ones(drawn: Drawn) -> None:
    with pytest.raises(UnknownEnvironmentError, match="There is no environment 'prdo'"):
        drawn("prdo")


def light(colour: str) -> float:
    """Relative luminance, by the formula of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_stand_out_of_every_ground() -> None:
    grounds = [fill for fill, _ in dot.COLOURS.values()]
    for ink, ground in itertools.product((dot.INK, dot.NOTE), grounds):
        assert (light(ground) + 0.05) / (light(ink) + 0.05) >= 4.5
