"""The control plane: private, encrypted, logged, and open to nobody by default."""

from ipaddress import IPv4Network
from typing import Any

from modules.aws.eks import Eks
from modules.core.context import Context

import pytest
from cdktf import TerraformOutput, TerraformStack

from tests.support import settings
from tests.support.synth import Synth, document, ref

GROUP = "/aws/eks/ekp-prod-euw1-eks/cluster"


def synth(stack: TerraformStack, ctx: Context, **changes: Any) -> Synth:
    Eks(
        stack,
        "eks",
        ctx=ctx,
        config=settings.eks(**changes),
        vpc_id="vpc-1",
        subnet_ids=["subnet-1", "subnet-2"],
    )
    return Synth(stack)


@pytest.mark.requirement("R22")
def test_the_endpoint_is_private_and_there_is_no_public_one(
    stack: TerraformStack, ctx: Context
) -> None:
    assert synth(stack, ctx).one("aws_eks_cluster")["vpc_config"] == {
        "endpoint_private_access": True,
        "endpoint_public_access": False,
        "subnet_ids": ["subnet-1", "subnet-2"],
    }


def test_a_public_endpoint_is_open_to_the_listed_networks_alone(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, public_access_cidrs=(IPv4Network("198.51.100.0/24"),))

    found = plan.one("aws_eks_cluster")["vpc_config"]

    assert found["endpoint_public_access"] is True
    assert found["public_access_cidrs"] == ["198.51.100.0/24"]
    assert found["endpoint_private_access"] is True


def test_secrets_are_encrypted_with_a_key_of_our_own(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)
    key = ref(plan.address("aws_kms_key", "eks/key"), "arn")

    assert plan.one("aws_eks_cluster")["encryption_config"] == {
        "provider": {"key_arn": key},
        "resources": ["secrets"],
    }


def test_all_five_logs_go_to_our_own_encrypted_group(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, log_retention_days=90)

    assert plan.one("aws_eks_cluster")["enabled_cluster_log_types"] == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    assert plan.one("aws_cloudwatch_log_group") == {
        "kms_key_id": ref(plan.address("aws_kms_key", "eks/key"), "arn"),
        "name": GROUP,
        "retention_in_days": 90,
    }


def test_the_key_admits_the_logs_service_for_the_cluster_s_group_alone(
    stack: TerraformStack, ctx: Context
) -> None:
    (_, logs) = document(synth(stack, ctx).one("aws_kms_key")["policy"])["Statement"]

    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": (
                f"arn:aws:logs:eu-west-1:333333333333:log-group:{GROUP}"
            )
        }
    }


def test_access_is_by_entries_and_the_creator_gets_nothing(
    stack: TerraformStack, ctx: Context
) -> None:
    assert synth(stack, ctx).one("aws_eks_cluster")["access_config"] == {
        "authentication_mode": "API",
        "bootstrap_cluster_creator_admin_permissions": False,
    }


def test_extended_support_is_never_billed_unasked(stack: TerraformStack, ctx: Context) -> None:
    cluster = synth(stack, ctx).one("aws_eks_cluster")

    assert cluster["upgrade_policy"] == {"support_type": "STANDARD"}


def test_no_addons_are_installed_that_nobody_manages(stack: TerraformStack, ctx: Context) -> None:
    assert synth(stack, ctx).one("aws_eks_cluster")["bootstrap_self_managed_addons"] is False


@pytest.mark.parametrize("enabled", [True, False])
def test_aws_may_shift_traffic_out_of_a_zone_unless_told_otherwise(
    stack: TerraformStack, ctx: Context, *, enabled: bool
) -> None:
    cluster = synth(stack, ctx, **({} if enabled else {"zonal_shift": False})).one(
        "aws_eks_cluster"
    )

    assert cluster["zonal_shift_config"] == {"enabled": enabled}


def test_the_cluster_comes_after_its_log_group_and_its_role_s_policy(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    assert plan.one("aws_eks_cluster")["depends_on"] == [
        plan.address("aws_cloudwatch_log_group", "eks/log-group"),
        plan.address("aws_iam_role_policy_attachment", "eks/role/AmazonEKSClusterPolicy"),
    ]


@pytest.mark.requirement("R22")
def test_the_oidc_provider_takes_the_cluster_s_issuer_and_no_thumbprint(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    cluster = plan.address("aws_eks_cluster", "eks")

    assert plan.one("aws_iam_openid_connect_provider") == {
        "client_id_list": ["sts.amazonaws.com"],
        "tags": {"Name": "ekp-prod-euw1-oidc"},
        "url": f"${{{cluster}.identity[0].oidc[0].issuer}}",
    }


def test_networks_outside_the_vpc_reach_the_private_endpoint_by_setting(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, api_access={"runner": IPv4Network("10.60.0.0/16")})
    cluster = plan.address("aws_eks_cluster", "eks")

    assert plan.all("aws_vpc_security_group_ingress_rule") == {
        "eks/api-access-runner": {
            "cidr_ipv4": "10.60.0.0/16",
            "description": "Kubernetes API for runner",
            "from_port": 443,
            "ip_protocol": "tcp",
            "security_group_id": f"${{{cluster}.vpc_config[0].cluster_security_group_id}}",
            "to_port": 443,
        }
    }


def test_without_that_setting_nothing_is_opened(stack: TerraformStack, ctx: Context) -> None:
    assert synth(stack, ctx).all("aws_vpc_security_group_ingress_rule") == {}


def test_the_issuer_s_host_is_cut_by_terraform_not_by_python(
    stack: TerraformStack, ctx: Context
) -> None:
    eks = Eks(stack, "eks", ctx=ctx, config=settings.eks(), vpc_id="vpc-1", subnet_ids=["a", "b"])
    TerraformOutput(stack, "host", value=eks.outputs.oidc_issuer_host)
    plan = Synth(stack)
    cluster = plan.address("aws_eks_cluster", "eks")

    assert plan.outputs["host"] == (
        f'${{replace({cluster}.identity[0].oidc[0].issuer, "https://", "")}}'
    )


def test_a_version_step_changes_the_version_in_place(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx, version="1.34")
    after = synth(other_stack, ctx, version="1.35")

    assert before.addresses == after.addresses
    changed = {a for a in after.addresses if after.resources()[a] != before.resources()[a]}
    assert changed == {after.address("aws_eks_cluster", "eks")}
