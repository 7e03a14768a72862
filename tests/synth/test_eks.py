"""The control plane: private, encrypted, logged, and open to nobody by default."""

import json
from ipaddress import IPv4Network
from typing import Any

from modules.aws.eks import Eks
from modules.core.context import Context
from modules.core.kubernetes_versions import SupportType

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
    plan = synth(stack, ctx)

    assert plan.one("aws_eks_cluster")["vpc_config"] == {
        "endpoint_private_access": True,
        "endpoint_public_access": False,
        "security_group_ids": [ref(plan.address("aws_security_group", "eks/control-plane"), "id")],
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
    key = ref(plan.address("aws_kms_key", "eks/secrets-key"), "arn")

    assert plan.one("aws_eks_cluster")["encryption_config"] == {
        "provider": {"key_arn": key},
        "resources": ["secrets"],
    }


def test_the_key_of_the_secrets_admits_no_service(stack: TerraformStack, ctx: Context) -> None:
    (only,) = document(synth(stack, ctx).all("aws_kms_key")["eks/secrets-key"]["policy"])[
        "Statement"
    ]

    assert only["Principal"] == {"AWS": "arn:aws:iam::333333333333:root"}


def test_nobody_but_the_cluster_uses_the_key_of_the_secrets(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    key = plan.address("aws_kms_key", "eks/secrets-key")

    users = {address for address, found in plan.resources().items() if key in json.dumps(found)}

    assert users == {
        plan.address("aws_eks_cluster", "eks"),
        plan.address("aws_kms_alias", "eks/secrets-key/alias"),
    }


def test_the_two_keys_are_found_by_their_aliases(stack: TerraformStack, ctx: Context) -> None:
    aliases = synth(stack, ctx).all("aws_kms_alias")

    assert {path: found["name"] for path, found in aliases.items()} == {
        "eks/secrets-key/alias": "alias/ekp-prod-euw1-eks-secrets",
        "eks/logs-key/alias": "alias/ekp-prod-euw1-eks-logs",
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
        "kms_key_id": ref(plan.address("aws_kms_key", "eks/logs-key"), "arn"),
        "name": GROUP,
        "retention_in_days": 90,
    }


def test_the_key_of_the_logs_admits_the_logs_service_for_the_cluster_s_group_alone(
    stack: TerraformStack, ctx: Context
) -> None:
    key = synth(stack, ctx).all("aws_kms_key")["eks/logs-key"]

    (_, logs) = document(key["policy"])["Statement"]

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


def test_extended_support_is_bought_where_the_settings_say_so(
    stack: TerraformStack, ctx: Context
) -> None:
    cluster = synth(stack, ctx, support=SupportType.EXTENDED).one("aws_eks_cluster")

    assert cluster["upgrade_policy"] == {"support_type": "EXTENDED"}


@pytest.mark.parametrize(
    ("changes", "cidr"),
    [({}, "172.20.0.0/16"), ({"service_cidr": IPv4Network("10.99.0.0/16")}, "10.99.0.0/16")],
    ids=["unasked", "by setting"],
)
def test_services_get_the_addresses_that_no_network_may_overlap(
    stack: TerraformStack, ctx: Context, changes: dict[str, IPv4Network], cidr: str
) -> None:
    # Left out, EKS would choose between two blocks by the VPC's own, and the check could not know.
    cluster = synth(stack, ctx, **changes).one("aws_eks_cluster")

    assert cluster["kubernetes_network_config"] == {"service_ipv4_cidr": cidr}


def test_an_imported_cluster_is_not_replaced_for_what_eks_does_not_give_back(
    stack: TerraformStack, ctx: Context
) -> None:
    cluster = synth(stack, ctx).one("aws_eks_cluster")

    assert cluster["lifecycle"] == {
        "ignore_changes": [
            "bootstrap_self_managed_addons",
            "access_config[0].bootstrap_cluster_creator_admin_permissions",
        ]
    }
    # Each of them is an argument that is written down, and both still count at creation.
    assert cluster["bootstrap_self_managed_addons"] is False
    assert cluster["access_config"]["bootstrap_cluster_creator_admin_permissions"] is False


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
    group = plan.address("aws_security_group", "eks/control-plane")

    assert plan.all("aws_vpc_security_group_ingress_rule") == {
        "eks/api-access-runner": {
            "cidr_ipv4": "10.60.0.0/16",
            "description": "Kubernetes API for runner",
            "from_port": 443,
            "ip_protocol": "tcp",
            "security_group_id": ref(group, "id"),
            "tags": {"Name": "ekp-prod-euw1-api-access-runner"},
            "to_port": 443,
        }
    }


def test_no_rule_is_on_the_cluster_s_own_group_which_nodes_and_pods_share(
    stack: TerraformStack, ctx: Context
) -> None:
    networks = {"runner": IPv4Network("10.60.0.0/16"), "office": IPv4Network("10.61.0.0/16")}
    plan = synth(stack, ctx, api_access=networks)
    group = ref(plan.address("aws_security_group", "eks/control-plane"), "id")

    rules = plan.all("aws_vpc_security_group_ingress_rule")

    assert {path: rule["security_group_id"] for path, rule in rules.items()} == {
        "eks/api-access-runner": group,
        "eks/api-access-office": group,
    }
    assert "cluster_security_group_id" not in json.dumps(plan.json["resource"])


def test_the_group_of_the_control_plane_comes_before_the_one_it_replaces_goes(
    stack: TerraformStack, ctx: Context
) -> None:
    assert synth(stack, ctx).one("aws_security_group") == {
        "description": "Kubernetes API from networks outside the VPC",
        "lifecycle": {"create_before_destroy": True},
        # With a name of its own it could not stand beside its successor.
        "name_prefix": "ekp-prod-euw1-control-plane-",
        "tags": {"Name": "ekp-prod-euw1-control-plane"},
        "vpc_id": "vpc-1",
    }


def test_without_that_setting_nothing_is_opened(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert plan.all("aws_vpc_security_group_ingress_rule") == {}
    assert "ingress" not in plan.one("aws_security_group")


def test_a_network_added_later_touches_nothing_else(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx)
    after = synth(other_stack, ctx, api_access={"runner": IPv4Network("10.60.0.0/16")})

    assert {a: after.resources()[a] for a in before.addresses} == before.resources()
    assert len(after.addresses) == len(before.addresses) + 1


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
