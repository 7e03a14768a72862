"""Layer ingress: the way into one region, whichever front users meet."""

from ipaddress import IPv4Network
from pathlib import Path

from modules.aws.alb import AlbConfig
from modules.core.hosts import Shard
from modules.core.origin_records import Policy
from modules.core.rates import Rate, Rates
from modules.stacks.edge import EdgeConfig, EdgeStack, Front
from modules.stacks.ingress import IngressConfig

import pytest
from cdktf import App

from tests.support.edge_settings import DOMAIN, edge, edge_context, ingress_stack
from tests.support.synth import Synth, ref


def synth(
    app: App, entrance: EdgeConfig | None = None, config: IngressConfig | None = None
) -> Synth:
    return Synth(ingress_stack(app, entrance, config))


def office() -> IngressConfig:
    return IngressConfig(alb=AlbConfig(open_to={"office": IPv4Network("198.51.100.0/24")}))


def test_the_contract_is_published_in_full(app: App) -> None:
    shard = Shard(hosts=(f"api.{DOMAIN}",), slot=1)
    plan = synth(app, edge(shards={"api": shard}))

    assert plan.outputs == {
        "alb_arn": ref(plan.address("aws_lb", "alb"), "arn"),
        "alb_security_group_id": ref(plan.address("aws_security_group", "alb/security"), "id"),
        "gateway_target_group_arn": ref(
            plan.address("aws_lb_target_group", "alb/targets-gateway-tls"), "arn"
        ),
        "shard_target_group_arns": [
            ref(plan.address("aws_lb_target_group", "alb/targets-api"), "arn")
        ],
        "gateway_alarm_name": ref(
            plan.address("aws_cloudwatch_metric_alarm", "records/alarm"), "alarm_name"
        ),
        "web_acl_arn": ref(plan.address("aws_wafv2_web_acl", "web-acl"), "arn"),
    }


def test_it_reads_edge_network_and_cluster(app: App) -> None:
    plan = synth(app)
    states = plan.data["terraform_remote_state"]

    assert {name: state["config"]["key"] for name, state in states.items()} == {
        "edge": "prod/global/edge.tfstate",
        "network": "prod/eu-west-1/network.tfstate",
        "cluster": "prod/eu-west-1/cluster.tfstate",
    }
    record = plan.one("aws_route53_record")
    assert "data.terraform_remote_state.edge.outputs.zone_id" in record["zone_id"]
    assert "network.outputs.public_subnet_ids" in plan.one("aws_lb")["subnets"]


def test_load_balancers_take_the_secret_in_use_and_the_next_one(app: App) -> None:
    plan = synth(app)

    assert sorted(plan.json["variable"]) == ["origin_header_current", "origin_header_next"]
    assert all(v["sensitive"] and "default" not in v for v in plan.json["variable"].values())
    (rule,) = plan.all("aws_lb_listener_rule").values()
    (proof,) = [c["http_header"] for c in rule["condition"] if "http_header" in c]
    assert proof["values"] == ["${var.origin_header_current}", "${var.origin_header_next}"]


@pytest.mark.requirement("R11")
def test_the_region_limits_clients_below_the_edge(app: App) -> None:
    rates = Rates(edge=Rate(requests=900), region=Rate(requests=800), gateway=Rate(requests=100))
    region = synth(app, edge(rates=rates))
    above = Synth(EdgeStack(App(outdir=app.outdir + "-edge"), edge_context(), edge(rates=rates)))
    limits = [
        rule["statement"]["rate_based_statement"]["limit"]
        for plan in (above, region)
        for rule in plan.one("aws_wafv2_web_acl")["rule"]
        if rule["name"] == "rate"
    ]

    assert limits == [900, 800]


@pytest.mark.requirement("R10")
@pytest.mark.requirement("R22")
def test_the_web_acl_stands_before_the_load_balancer(app: App) -> None:
    plan = synth(app)

    assert plan.one("aws_wafv2_web_acl_association") == {
        "resource_arn": ref(plan.address("aws_lb", "alb"), "arn"),
        "web_acl_arn": ref(plan.address("aws_wafv2_web_acl", "web-acl"), "arn"),
    }


def test_users_come_after_web_acl_and_rules_and_are_gone_before_them(app: App) -> None:
    plan = synth(app)
    record = plan.one("aws_route53_record")

    assert record["depends_on"] == [
        plan.address("aws_wafv2_web_acl_association", "web-acl-association"),
        plan.address("aws_lb_listener_rule", "alb/rules/gateway"),
    ]


def test_a_vpc_origin_stands_after_web_acl_and_rules(app: App) -> None:
    plan = synth(app, edge(front=Front.VPC_ORIGIN))

    assert plan.one("aws_cloudfront_vpc_origin")["depends_on"] == [
        plan.address("aws_wafv2_web_acl_association", "web-acl-association"),
        plan.address("aws_lb_listener_rule", "alb/rules/gateway"),
    ]


def test_a_direct_front_leads_users_to_the_region_itself(app: App) -> None:
    plan = synth(app, edge(front=Front.DIRECT), office())
    records = plan.all("aws_route53_record")

    assert {r["name"] for r in records.values()} == {DOMAIN, f"*.{DOMAIN}"}
    assert "variable" not in plan.json
    assert "client-address" not in [r["name"] for r in plan.one("aws_wafv2_web_acl")["rule"]]
    sources = plan.all("aws_vpc_security_group_ingress_rule")
    assert sources["alb/security/from-office"]["cidr_ipv4"] == "198.51.100.0/24"


def test_a_vpc_origin_needs_no_load_balancer_on_the_internet(app: App) -> None:
    plan = synth(app, edge(front=Front.VPC_ORIGIN))
    (origin,) = [
        o for o in plan.one("aws_cloudfront_distribution")["origin"] if o["origin_id"] == "regions"
    ]

    assert plan.one("aws_lb")["internal"] is True
    assert "network.outputs.private_subnet_ids" in plan.one("aws_lb")["subnets"]
    assert origin["vpc_origin_config"]["vpc_origin_id"] == ref(
        plan.address("aws_cloudfront_vpc_origin", "vpc-origin"), "id"
    )
    public = plan.all("aws_route53_record")
    assert {r["name"] for r in public.values()} == {DOMAIN, f"*.{DOMAIN}"}
    certificate = plan.one("aws_cloudfront_distribution")["viewer_certificate"]
    assert "edge.outputs.certificate_arn" in certificate["acm_certificate_arn"]


def test_a_second_region_added_later_changes_no_address_in_the_first(tmp_path: Path) -> None:
    entrance = edge(policy=Policy.WEIGHTED)
    first = Synth(ingress_stack(App(outdir=str(tmp_path / "one")), entrance))
    second = Synth(ingress_stack(App(outdir=str(tmp_path / "two")), entrance, region="us-east-1"))

    assert first.addresses == second.addresses
    names = {p.one("aws_route53_record")["set_identifier"] for p in (first, second)}
    assert names == {"eu-west-1", "us-east-1"}
