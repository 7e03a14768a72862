"""Workload identity: one service account gets one role, by either mechanism."""

from modules.aws.eks import Eks, EksOutputs
from modules.aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity, trust
from modules.core.context import Context
from modules.core.iam import allow, document

import pytest
from cdktf import TerraformStack

from tests.support import settings
from tests.support.synth import Synth, ref
from tests.support.synth import document as resolved

POLICY = document(allow("Unseal", ["kms:Decrypt"], ["arn:aws:kms:eu-west-1:333333333333:key/1"]))
VAULT = ServiceAccount(namespace="vault", name="server")
CLUSTER = EksOutputs(
    cluster_name="prod",
    cluster_arn="arn:aws:eks:eu-west-1:333333333333:cluster/prod",
    endpoint="https://example",
    certificate_authority="Y2E=",
    security_group_id="sg-1",
    oidc_provider_arn="arn:aws:iam::333333333333:oidc-provider/issuer.example/id/1",
    oidc_issuer_host="issuer.example/id/1",
)


def identity(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism, cluster: EksOutputs = CLUSTER
) -> WorkloadIdentity:
    return WorkloadIdentity(
        stack,
        "identity",
        ctx=ctx,
        mechanism=mechanism,
        cluster=cluster,
        service_account=VAULT,
        name="vault",
        policy=POLICY,
        managed_policies=["ReadOnlyAccess"],
    )


@pytest.mark.requirement("R22")
def test_irsa_trusts_exactly_one_service_account_of_the_cluster(
    stack: TerraformStack, ctx: Context
) -> None:
    cluster = Eks(
        stack, "eks", ctx=ctx, config=settings.eks(), vpc_id="v", subnet_ids=["a", "b"]
    ).outputs
    identity(stack, ctx, Mechanism.IRSA, cluster)
    plan = Synth(stack)

    trust = resolved(plan.all("aws_iam_role")["identity/role"]["assume_role_policy"])

    # What Terraform reads: tokens as keys and values are expressions, none is lost.
    address = plan.address("aws_eks_cluster", "eks")
    host = f"${{replace({address}.identity[0].oidc[0].issuer, 'https://', '')}}"
    assert trust == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ServiceAccount",
                "Effect": "Allow",
                "Principal": {
                    "Federated": ref(
                        plan.address("aws_iam_openid_connect_provider", "eks/oidc-provider"), "arn"
                    )
                },
                "Action": ["sts:AssumeRoleWithWebIdentity"],
                "Condition": {
                    "StringEquals": {
                        f"{host}:aud": "sts.amazonaws.com",
                        f"{host}:sub": "system:serviceaccount:vault:server",
                    }
                },
            }
        ],
    }


def test_pod_identity_trusts_exactly_one_service_account_of_the_cluster(
    stack: TerraformStack, ctx: Context
) -> None:
    cluster = Eks(
        stack, "eks", ctx=ctx, config=settings.eks(), vpc_id="v", subnet_ids=["a", "b"]
    ).outputs
    identity(stack, ctx, Mechanism.POD_IDENTITY, cluster)
    plan = Synth(stack)

    role = plan.all("aws_iam_role")["identity/role"]
    (trust,) = resolved(role["assume_role_policy"])["Statement"]

    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert trust["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-arn": ref(plan.address("aws_eks_cluster", "eks"), "arn"),
            "aws:RequestTag/kubernetes-namespace": "vault",
            "aws:RequestTag/kubernetes-service-account": "server",
        }
    }


def test_pod_identity_associates_the_service_account_with_the_role(
    stack: TerraformStack, ctx: Context
) -> None:
    identity(stack, ctx, Mechanism.POD_IDENTITY)
    plan = Synth(stack)

    assert plan.one("aws_eks_pod_identity_association") == {
        "cluster_name": "prod",
        "namespace": "vault",
        "role_arn": ref(plan.address("aws_iam_role", "identity/role"), "arn"),
        "service_account": "server",
        "tags": {"Name": "ekp-prod-euw1-vault"},
    }


@pytest.mark.parametrize("mechanism", Mechanism)
def test_who_may_assume_a_role_is_said_in_one_place(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism
) -> None:
    identity(stack, ctx, mechanism)

    role = Synth(stack).one("aws_iam_role")

    assert role["assume_role_policy"] == trust(mechanism, CLUSTER, VAULT)
    assert '"Action": ["sts:AssumeRole' in role["assume_role_policy"]


def test_irsa_needs_no_association(stack: TerraformStack, ctx: Context) -> None:
    identity(stack, ctx, Mechanism.IRSA)

    assert Synth(stack).all("aws_eks_pod_identity_association") == {}


def test_the_same_policies_serve_both_mechanisms(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    identity(stack, ctx, Mechanism.IRSA)
    identity(other_stack, ctx, Mechanism.POD_IDENTITY)
    irsa, pod = Synth(stack), Synth(other_stack)

    assert irsa.one("aws_iam_role_policy")["policy"] == POLICY
    for kind in ("aws_iam_role_policy", "aws_iam_role_policy_attachment"):
        assert irsa.all(kind) == pod.all(kind)


def test_a_change_of_mechanism_keeps_the_role(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    identity(stack, ctx, Mechanism.IRSA)
    identity(other_stack, ctx, Mechanism.POD_IDENTITY)
    irsa, pod = Synth(stack), Synth(other_stack)

    assert set(irsa.addresses) < set(pod.addresses)
    assert irsa.one("aws_iam_role")["name"] == pod.one("aws_iam_role")["name"]


@pytest.mark.parametrize("mechanism", Mechanism)
def test_the_role_is_bounded(stack: TerraformStack, ctx: Context, mechanism: Mechanism) -> None:
    identity(stack, ctx, mechanism)

    assert Synth(stack).one("aws_iam_role")["permissions_boundary"] == settings.BOUNDARY


def test_a_boundary_of_its_own_holds_where_the_environment_names_none(
    stack: TerraformStack,
) -> None:
    WorkloadIdentity(
        stack,
        "identity",
        ctx=settings.context(permissions_boundary_arn=None),
        mechanism=Mechanism.POD_IDENTITY,
        cluster=CLUSTER,
        service_account=VAULT,
        name="vault",
        boundary="arn:own",
    )

    assert Synth(stack).one("aws_iam_role")["permissions_boundary"] == "arn:own"


@pytest.mark.parametrize(
    ("mechanism", "annotated", "waits_for"),
    [(Mechanism.IRSA, True, 2), (Mechanism.POD_IDENTITY, False, 3)],
)
def test_a_chart_annotates_its_service_account_for_irsa_alone(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism, waits_for: int, *, annotated: bool
) -> None:
    found = identity(stack, ctx, mechanism)

    assert (found.outputs.annotated_role_arn == found.outputs.role_arn) is annotated
    assert len(found.ready) == waits_for
