"""Add-ons: pinned by the catalogue, each with a role only where it calls AWS."""

from collections.abc import Mapping

from modules.aws.addons import Addons, AddonsConfig
from modules.aws.eks import EksOutputs
from modules.aws.workload_identity import Mechanism
from modules.core.context import Context
from modules.core.eks_addons import VERSIONS, Addon

import pytest
from cdktf import TerraformStack

from tests.support.synth import Synth, document, ref

CLUSTER = EksOutputs(
    cluster_name="prod",
    cluster_arn="arn:aws:eks:eu-west-1:333333333333:cluster/prod",
    endpoint="https://example",
    certificate_authority="Y2E=",
    security_group_id="sg-1",
    oidc_provider_arn="arn:aws:iam::333333333333:oidc-provider/issuer.example/id/1",
    oidc_issuer_host="issuer.example/id/1",
)
NOTHING: Mapping[Addon, str] = {}


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    identity: Mechanism = Mechanism.IRSA,
    versions: Mapping[Addon, str] = NOTHING,
    version: str = "1.35",
) -> Synth:
    Addons(
        stack,
        "addons",
        ctx=ctx,
        config=AddonsConfig(identity=identity, versions=versions),
        version=version,
        cluster=CLUSTER,
    ).install(tuple(Addon))
    return Synth(stack)


def test_every_addon_has_the_version_of_the_catalogue(stack: TerraformStack, ctx: Context) -> None:
    found = synth(stack, ctx).all("aws_eks_addon")

    assert {a["addon_name"]: a.get("addon_version") for a in found.values()} == VERSIONS["1.35"]
    assert found["addons/vpc-cni"]["addon_version"] == "v1.21.1-eksbuild.1"


def test_where_no_version_is_known_eks_takes_its_default(
    stack: TerraformStack, ctx: Context
) -> None:
    found = synth(stack, ctx, version="1.36").all("aws_eks_addon")

    assert len(found) == len(Addon)
    assert not [path for path, addon in found.items() if "addon_version" in addon]


def test_a_version_in_the_settings_wins_over_the_catalogue(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, versions={Addon.COREDNS: "v1.13.1-eksbuild.9"})

    assert plan.all("aws_eks_addon")["addons/coredns"]["addon_version"] == "v1.13.1-eksbuild.9"


def test_what_is_deployed_is_what_is_written(stack: TerraformStack, ctx: Context) -> None:
    found = synth(stack, ctx).all("aws_eks_addon").values()

    assert {a["resolve_conflicts_on_create"] for a in found} == {"OVERWRITE"}
    assert {a["resolve_conflicts_on_update"] for a in found} == {"OVERWRITE"}


@pytest.mark.parametrize(
    ("addon", "account", "policy"),
    [
        ("vpc-cni", "aws-node", "AmazonEKS_CNI_Policy"),
        (
            "aws-ebs-csi-driver",
            "ebs-csi-controller-sa",
            "service-role/AmazonEBSCSIDriverPolicy",
        ),
    ],
)
def test_an_addon_that_calls_aws_has_a_role_of_its_own_through_irsa(
    stack: TerraformStack, ctx: Context, addon: str, account: str, policy: str
) -> None:
    plan = synth(stack, ctx)
    path = f"addons/{addon}-identity/role"
    role = plan.address("aws_iam_role", path)

    assert plan.all("aws_eks_addon")[f"addons/{addon}"]["service_account_role_arn"] == ref(
        role, "arn"
    )
    (trust,) = document(plan.all("aws_iam_role")[path]["assume_role_policy"])["Statement"]
    assert trust["Condition"]["StringEquals"]["issuer.example/id/1:sub"] == (
        f"system:serviceaccount:kube-system:{account}"
    )
    attached = [
        a["policy_arn"]
        for a in plan.all("aws_iam_role_policy_attachment").values()
        if a["role"] == ref(role, "name")
    ]
    assert attached == [f"arn:aws:iam::aws:policy/{policy}"]


def test_only_two_addons_call_aws(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert {p for p, a in plan.all("aws_eks_addon").items() if "service_account_role_arn" in a} == {
        "addons/aws-ebs-csi-driver",
        "addons/vpc-cni",
    }
    assert len(plan.all("aws_iam_role")) == 2


def test_with_pod_identity_the_role_is_associated_and_not_annotated(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, identity=Mechanism.POD_IDENTITY)

    accounts = {
        (a["namespace"], a["service_account"])
        for a in plan.all("aws_eks_pod_identity_association").values()
    }
    assert accounts == {("kube-system", "aws-node"), ("kube-system", "ebs-csi-controller-sa")}
    assert not [a for a in plan.all("aws_eks_addon").values() if "service_account_role_arn" in a]


@pytest.mark.parametrize("mechanism", Mechanism)
def test_an_addon_comes_after_what_gives_it_its_permissions(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism
) -> None:
    plan = synth(stack, ctx, identity=mechanism)
    identity = "addons/vpc-cni-identity"
    wanted = {
        plan.address("aws_iam_role_policy_attachment", f"{identity}/role/AmazonEKS_CNI_Policy")
    }
    if mechanism is Mechanism.POD_IDENTITY:
        wanted.add(plan.address("aws_eks_pod_identity_association", f"{identity}/association"))

    assert set(plan.all("aws_eks_addon")["addons/vpc-cni"]["depends_on"]) == wanted
