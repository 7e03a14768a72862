"""Layer edge: what an environment has once, and the one secret that passes through it."""

from typing import Any

from modules.aws.zone import ParentZone, ZoneConfig
from modules.core.context import Context
from modules.stacks.edge import EdgeStack, Front

import pytest
from cdktf import App

from tests.support.edge_settings import DOMAIN, edge, edge_context
from tests.support.synth import Synth, ref

DNS_ROLE = "arn:aws:iam::444444444444:role/ekp-dns"


def synth(app: App, **changes: Any) -> Synth:
    return Synth(EdgeStack(app, edge_context(), edge(**changes)))


def test_it_is_one_stack_of_the_environment_in_us_east_1(app: App) -> None:
    ctx = edge_context()
    plan = synth(app)

    assert ctx.stack_id("edge") == "prod-edge"
    assert plan.backend["key"] == "prod/global/edge.tfstate"
    assert plan.provider["region"] == "us-east-1"
    assert plan.data == {}


def test_the_context_of_a_region_is_what_it_was(ctx: Context) -> None:
    assert ctx.stack_id("network") == "prod-eu-west-1-network"
    assert ctx.state_key("network") == "prod/eu-west-1/network.tfstate"
    assert ctx.name("vpc") == "ekp-prod-euw1-vpc"


def test_the_secret_is_a_sensitive_variable_without_a_default(app: App) -> None:
    plan = synth(app)
    variable = plan.json["variable"]["origin_header_current"]

    assert list(plan.json["variable"]) == ["origin_header_current"]
    assert (variable["sensitive"], variable["nullable"]) == (True, False)
    assert "default" not in variable


def test_a_secret_that_load_balancers_would_read_as_a_wildcard_is_refused(app: App) -> None:
    (validation,) = synth(app).json["variable"]["origin_header_current"]["validation"]

    assert "^[A-Za-z0-9_-]{32,128}$" in validation["condition"]
    assert "TF_VAR_origin_header_current" in validation["error_message"]


def test_the_secret_is_in_no_contract(app: App) -> None:
    assert not [value for value in synth(app).outputs.values() if "var." in str(value)]


def test_users_find_the_distribution_over_ipv4_and_ipv6(app: App) -> None:
    plan = synth(app)
    target = plan.address("aws_cloudfront_distribution", "distribution")
    public = [r for r in plan.all("aws_route53_record").values() if "alias" in r]

    assert sorted((r["name"], r["type"]) for r in public) == [
        (f"*.{DOMAIN}", "A"),
        (f"*.{DOMAIN}", "AAAA"),
        (DOMAIN, "A"),
        (DOMAIN, "AAAA"),
    ]
    for record in public:
        assert record["alias"] == {
            "name": ref(target, "domain_name"),
            "zone_id": ref(target, "hosted_zone_id"),
            "evaluate_target_health": False,
        }


def test_without_a_parent_the_deploy_stops_at_the_certificate_and_says_what_to_do(
    app: App,
) -> None:
    plan = synth(app)
    (condition,) = plan.one("aws_acm_certificate")["lifecycle"]["precondition"]
    zone = plan.address("aws_route53_zone", "zone")

    # Not known before the zone exists, so that the first deploy makes it.
    assert zone in condition["condition"]
    assert f"Enter NS records for {DOMAIN}" in condition["error_message"]
    assert f"{zone}.name_servers" in condition["error_message"]
    assert "set edge.zone.delegated = True" in condition["error_message"]
    assert plan.outputs["name_servers"] == ref(zone, "name_servers")


def test_a_delegated_zone_is_deployed_to_the_end(app: App) -> None:
    plan = synth(app, zone=ZoneConfig(delegated=True))

    assert "precondition" not in plan.one("aws_acm_certificate")["lifecycle"]


def test_the_zone_above_is_changed_by_its_own_account_s_role(app: App) -> None:
    parent = ParentZone(name="ekp.example", zone_id="Z0PARENT", role_arn=DNS_ROLE)
    plan = synth(app, zone=ZoneConfig(parent=parent))
    (own, above) = plan.json["provider"]["aws"]

    assert "alias" not in own
    assert above["alias"] == "parent-zone"
    assert above["allowed_account_ids"] == ["444444444444"]
    assert above["assume_role"] == [{"role_arn": DNS_ROLE}]
    assert plan.json["//"]["ekp"]["parent_zone"] == {
        "name": "ekp.example",
        "zone_id": "Z0PARENT",
        "role_arn": DNS_ROLE,
    }
    assert "aws_route53_record.zone_delegation" in plan.one("aws_acm_certificate")["depends_on"][0]


@pytest.mark.parametrize("front", [Front.DIRECT, Front.VPC_ORIGIN])
def test_an_edge_without_a_distribution_needs_no_secret_and_keeps_its_contract(
    app: App, front: Front
) -> None:
    plan = synth(app, front=front)

    assert "variable" not in plan.json
    assert plan.all("aws_cloudfront_distribution") == {}
    assert plan.outputs["distribution_id"] == ""
    assert (plan.outputs["web_acl_arn"] == "") is (front is Front.DIRECT)
    assert len(plan.all("aws_acm_certificate_validation")) == 1


def test_a_shard_added_later_changes_nothing_at_the_edge(app: App, tmp_path: Any) -> None:
    from modules.core.hosts import Shard  # noqa: PLC0415 - used here alone

    before = synth(app)
    shard = Shard(hosts=(f"api.{DOMAIN}",), slot=1)
    after = synth(App(outdir=str(tmp_path / "after")), shards={"api": shard})

    assert after.json == before.json
