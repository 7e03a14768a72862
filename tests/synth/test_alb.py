"""The load balancer takes what proves where it comes from, and refuses the rest."""

from ipaddress import IPv4Network
from typing import Any

from modules.aws.alb import Alb, AlbConfig, Entry
from modules.aws.certificate import CertificateOutputs
from modules.core.context import Context
from modules.core.hosts import SHARD_HOSTS, Hosts, Shard

import pytest
from cdktf import TerraformStack

from tests.support.edge_settings import hosts
from tests.support.synth import Synth, document, ref

CLOUDFRONT = Entry(prefix_list_id="pl-4fa04526", header_values=["${var.now}", "${var.next}"])
ISSUED = CertificateOutputs("arn:certificate", "eu-west-1")
OFFICE = Entry(networks={"office": IPv4Network("198.51.100.0/24")})


def synth(
    stack: TerraformStack,
    ctx: Context,
    entry: Entry = CLOUDFRONT,
    served: Hosts | None = None,
    certificate: CertificateOutputs = ISSUED,
    **changes: Any,
) -> Synth:
    Alb(
        stack,
        "alb",
        ctx=ctx,
        config=AlbConfig(**changes),
        hosts=served or hosts(),
        entry=entry,
        vpc_id="vpc-1",
        subnet_ids=["subnet-1", "subnet-2"],
        pods_security_group_id="sg-pods",
        certificate=certificate,
    )
    return Synth(stack)


def conditions(rule: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for condition in rule["condition"]:
        for block in condition.values():
            found[block.get("http_header_name", "host")] = block["values"]
    return found


def test_nothing_but_cloudfront_s_addresses_may_connect(
    stack: TerraformStack, ctx: Context
) -> None:
    rules = synth(stack, ctx).all("aws_vpc_security_group_ingress_rule")
    to_alb = [r for r in rules.values() if r["security_group_id"] != "sg-pods"]

    assert [(r["prefix_list_id"], r["from_port"], r["to_port"]) for r in to_alb] == [
        ("pl-4fa04526", 443, 443)
    ]
    assert not [rule for rule in rules.values() if "cidr_ipv4" in rule]


def test_what_proves_nothing_is_forbidden(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, served=hosts("api"))
    (action,) = plan.one("aws_lb_listener")["default_action"]

    assert action["fixed_response"]["status_code"] == "403"
    for rule in plan.all("aws_lb_listener_rule").values():
        assert conditions(rule)["x-origin-verify"] == ["${var.now}", "${var.next}"]


def test_a_shard_s_hosts_go_to_it_and_all_others_to_the_gateway(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, served=hosts("api"))
    rules = plan.all("aws_lb_listener_rule")
    gateway, shard = rules["alb/rules/gateway"], rules["alb/rules/shard-api-1"]

    assert conditions(shard)["host"] == ["api.prod.ekp.example"]
    assert conditions(gateway)["host"] == ["prod.ekp.example", "*.prod.ekp.example"]
    assert shard["priority"] < gateway["priority"]
    for rule, name in ((shard, "api"), (gateway, "gateway-tls")):
        target = plan.address("aws_lb_target_group", f"alb/targets-{name}")
        assert rule["action"][0]["target_group_arn"] == ref(target, "arn")


def test_a_rule_never_has_more_condition_values_than_aws_takes(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    served = hosts(*"abcdefg")
    proven = synth(stack, ctx, served=served).all("aws_lb_listener_rule")
    direct = synth(other_stack, ctx, OFFICE, served).all("aws_lb_listener_rule")

    for rules, shards in ((proven, 3), (direct, 2)):
        assert len(rules) == shards + 1
        assert max(sum(map(len, conditions(r).values())) for r in rules.values()) <= 5
        hosted = [h for p, r in rules.items() if "shard" in p for h in conditions(r)["host"]]
        assert hosted == list(served.shards["api"].hosts)


def test_a_host_added_later_changes_no_rule_that_is_full(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx, served=hosts(*"abc")).all("aws_lb_listener_rule")
    after = synth(other_stack, ctx, served=hosts(*"abcd")).all("aws_lb_listener_rule")

    assert {path: after[path] for path in before} == before


def test_a_shard_added_before_another_changes_none_of_its_rules(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    old = Shard(hosts=("api.prod.ekp.example",), slot=1)
    new = Shard(hosts=("web.prod.ekp.example",), slot=2)
    one = Hosts(domain="prod.ekp.example", shards={"api": old})
    two = Hosts(domain="prod.ekp.example", shards={"web": new, "api": old})

    before, after = synth(stack, ctx, served=one), synth(other_stack, ctx, served=two)

    for kind in ("aws_lb_listener_rule", "aws_lb_target_group"):
        assert before.all(kind).items() < after.all(kind).items()


def test_the_rules_of_the_largest_shard_end_before_those_of_the_next(
    stack: TerraformStack, ctx: Context
) -> None:
    names = [f"{kind}{i}.prod.ekp.example" for kind in "ab" for i in range(SHARD_HOSTS)]
    shards = {
        kind: Shard(hosts=tuple(n for n in names if n[0] == kind), slot=slot)
        for kind, slot in (("a", 1), ("b", 2))
    }
    plan = synth(stack, ctx, served=Hosts(domain="prod.ekp.example", shards=shards))
    priorities = [r["priority"] for r in plan.all("aws_lb_listener_rule").values()]

    assert len(priorities) == len(set(priorities)) == 2 * 99 + 1
    assert max(priorities) <= 50_000


def test_a_certificate_of_another_region_is_refused(stack: TerraformStack, ctx: Context) -> None:
    elsewhere = CertificateOutputs("arn:certificate", "us-east-1")

    with pytest.raises(ValueError, match="is in us-east-1, AWS takes one of eu-west-1 alone"):
        synth(stack, ctx, certificate=elsewhere)


def test_pods_answer_on_their_port_and_say_on_another_that_they_are_ready(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, served=hosts("api"))
    groups = plan.all("aws_lb_target_group")
    opened = plan.all("aws_vpc_security_group_egress_rule").values()

    for name, protocol, health in (
        ("gateway-tls", "HTTPS", ("15021", "/healthz/ready")),
        ("api", "HTTP", ("8081", "/nginx-ready")),
    ):
        group = groups[f"alb/targets-{name}"]
        assert (group["target_type"], group["protocol"]) == ("ip", protocol)
        assert (group["health_check"]["port"], group["health_check"]["path"]) == health
    assert sorted(rule["from_port"] for rule in opened) == [80, 443, 8081, 15021]
    assert {rule["referenced_security_group_id"] for rule in opened} == {"sg-pods"}


def test_the_pods_admit_the_load_balancer_on_the_same_ports(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    group = ref(plan.address("aws_security_group", "alb/security"), "id")
    admitted = [
        rule
        for rule in plan.all("aws_vpc_security_group_ingress_rule").values()
        if rule["security_group_id"] == "sg-pods"
    ]

    assert sorted(rule["from_port"] for rule in admitted) == [443, 15021]
    assert {rule["referenced_security_group_id"] for rule in admitted} == {group}


@pytest.mark.requirement("R15")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("ekp-prod-euw1-gateway-tls", "HTTPS", 443)),
        ({"gateway_tls": False}, ("ekp-prod-euw1-gateway", "HTTP", 80)),
    ],
)
def test_tls_goes_on_to_the_gateway_unless_it_is_told_not_to(
    stack: TerraformStack, ctx: Context, settings: dict[str, Any], expected: tuple[str, str, int]
) -> None:
    group = synth(stack, ctx, **settings).one("aws_lb_target_group")

    assert (group["name"], group["protocol"], group["port"]) == expected


def test_it_speaks_modern_tls_and_takes_no_odd_request(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    alb = plan.one("aws_lb")

    assert plan.one("aws_lb_listener")["ssl_policy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    assert plan.one("aws_lb_listener")["port"] == 443
    assert alb["drop_invalid_header_fields"] is True
    assert alb["desync_mitigation_mode"] == "strictest"
    assert alb["enable_deletion_protection"] is True
    assert alb["internal"] is False


def test_every_request_is_logged_where_only_the_service_may_write(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    (_, write) = document(plan.one("aws_s3_bucket_policy")["policy"])["Statement"]

    assert plan.one("aws_lb")["access_logs"]["enabled"] is True
    assert write["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert write["Resource"][0].endswith("/AWSLogs/333333333333/*")
    assert (
        plan.address("aws_s3_bucket_policy", "alb/logs/policy") in plan.one("aws_lb")["depends_on"]
    )


def test_without_cloudfront_listed_networks_alone_may_call(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, OFFICE)
    rules = plan.all("aws_vpc_security_group_ingress_rule")

    assert rules["alb/security/from-office"]["cidr_ipv4"] == "198.51.100.0/24"
    assert not [rule for rule in rules.values() if "prefix_list_id" in rule]
    assert list(conditions(plan.one("aws_lb_listener_rule"))) == ["host"]


@pytest.mark.parametrize("network", ["0.0.0.0/0", "128.0.0.0/1"])
def test_the_world_is_no_listed_network(network: str) -> None:
    with pytest.raises(ValueError, match="is too much of the internet"):
        AlbConfig(open_to={"all": IPv4Network(network)})
