"""The environment's zone is signed, logged, and found by the world, or the deploy says why not."""

from typing import Any

from modules.aws.dnssec import Dnssec
from modules.aws.zone import ParentZone, Zone, ZoneConfig
from modules.core.context import Context

import pytest
from cdktf import TerraformProvider, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

from tests.support.edge_settings import DOMAIN, edge_context
from tests.support.synth import Synth, document, ref

PARENT = ParentZone(name="ekp.example", zone_id="Z0PARENT")


def synth(
    stack: TerraformStack, provider: TerraformProvider | None = None, **changes: Any
) -> Synth:
    Zone(
        stack,
        "zone",
        ctx=edge_context(),
        config=ZoneConfig(**changes),
        domain=DOMAIN,
        parent=provider,
    )
    return Synth(stack)


def test_only_amazon_may_issue_certificates_for_the_domain(stack: TerraformStack) -> None:
    caa = synth(stack).all("aws_route53_record")["zone/caa"]

    assert caa["records"] == ['0 issue "amazon.com"', '0 issuewild "amazon.com"']


@pytest.mark.parametrize(
    ("issuers", "message"),
    [
        ((), "names nobody, so ACM could issue no certificate"),
        (("letsencrypt.org",), "names letsencrypt.org, so ACM could issue no .*; add amazon.com"),
        (("amazon.com", "amazon.com"), "caa_issuers names amazon.com twice; remove one"),
    ],
)
def test_issuers_without_amazon_are_refused(issuers: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ZoneConfig(caa_issuers=issuers)


def test_the_zone_is_signed_with_a_key_that_route53_alone_signs_with(
    stack: TerraformStack,
) -> None:
    plan = synth(stack)
    key = plan.all("aws_kms_key")["zone/dnssec/key"]
    (_, signs, grants) = document(key["policy"])["Statement"]

    assert key["customer_master_key_spec"] == "ECC_NIST_P256"
    assert signs["Principal"] == {"Service": "dnssec-route53.amazonaws.com"}
    assert signs["Condition"] == {"StringEquals": {"aws:SourceAccount": "333333333333"}}
    assert grants["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert plan.one("aws_route53_hosted_zone_dnssec")["depends_on"] == [
        plan.address("aws_route53_key_signing_key", "zone/dnssec/signing-key")
    ]


def test_keys_that_route53_would_refuse_are_refused_at_synth(
    stack: TerraformStack, ctx: Context
) -> None:
    with pytest.raises(ValueError, match="made in eu-west-1, Route53 takes keys of us-east-1"):
        Dnssec(stack, "dnssec", ctx=ctx, zone_id="Z1")


def test_queries_are_logged_once_route53_may_write(stack: TerraformStack) -> None:
    plan = synth(stack)
    policy = plan.one("aws_cloudwatch_log_resource_policy")
    (statement,) = document(policy["policy_document"])["Statement"]

    assert statement["Principal"] == {"Service": "route53.amazonaws.com"}
    assert plan.one("aws_route53_query_log")["depends_on"] == [
        plan.address("aws_cloudwatch_log_resource_policy", "zone/query-log/log-policy")
    ]


def test_the_zone_above_delegates_and_vouches_only_for_what_is_signed(
    stack: TerraformStack,
) -> None:
    parent = AwsProvider(stack, "parent", alias="parent-zone", region="us-east-1")
    plan = synth(stack, parent, parent=PARENT)
    records = plan.all("aws_route53_record")

    for name, kind in (("zone/delegation", "NS"), ("zone/chain-of-trust", "DS")):
        assert records[name]["zone_id"] == "Z0PARENT"
        assert records[name]["name"] == DOMAIN
        assert records[name]["type"] == kind
        assert records[name]["provider"] == "aws.parent-zone"
    assert records["zone/delegation"]["records"] == ref(
        plan.address("aws_route53_zone", "zone"), "name_servers"
    )
    assert (
        plan.address("aws_route53_hosted_zone_dnssec", "zone/dnssec")
        in records["zone/chain-of-trust"]["depends_on"]
    )


def test_a_zone_without_a_parent_changes_nobody_else_s(stack: TerraformStack) -> None:
    records = synth(stack, delegated=True).all("aws_route53_record")

    assert {record["type"] for record in records.values()} == {"CAA"}
