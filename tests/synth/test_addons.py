"""Add-ons: pinned by the catalogue, each with a role only where it calls AWS."""

import json
from collections.abc import Mapping, Sequence

from modules.aws.addons import Addons, AddonsConfig
from modules.aws.eks import EksOutputs
from modules.aws.workload_identity import Mechanism, ServiceAccount, trust
from modules.core.context import Context
from modules.core.eks_addons import BEFORE_NODES, VERSIONS, Addon

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
    path = f"addons/{addon}-role"
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


def test_with_pod_identity_an_addon_is_associated_by_itself_and_not_annotated(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, identity=Mechanism.POD_IDENTITY)

    found = plan.all("aws_eks_addon")
    associated = {
        path: addon["pod_identity_association"]
        for path, addon in found.items()
        if "pod_identity_association" in addon
    }
    assert associated == {
        f"addons/{addon}": [
            {
                "role_arn": ref(plan.address("aws_iam_role", f"addons/{addon}-role"), "arn"),
                "service_account": account,
            }
        ]
        for addon, account in (
            ("vpc-cni", "aws-node"),
            ("aws-ebs-csi-driver", "ebs-csi-controller-sa"),
        )
    }
    assert not [addon for addon in found.values() if "service_account_role_arn" in addon]


@pytest.mark.parametrize("mechanism", Mechanism)
def test_no_association_stands_beside_the_addon_that_manages_its_own(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism
) -> None:
    # EKS restarts an add-on's pods when its own association changes, and for no other.
    plan = synth(stack, ctx, identity=mechanism)

    assert plan.all("aws_eks_pod_identity_association") == {}


def test_with_irsa_no_addon_has_an_association(stack: TerraformStack, ctx: Context) -> None:
    found = synth(stack, ctx, identity=Mechanism.IRSA).all("aws_eks_addon")

    assert len(found) == len(Addon)
    assert not [path for path, addon in found.items() if "pod_identity_association" in addon]


@pytest.mark.parametrize("mechanism", Mechanism)
def test_an_addon_s_role_trusts_what_that_of_any_workload_would_trust(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism
) -> None:
    account = ServiceAccount(namespace="kube-system", name="aws-node")

    role = synth(stack, ctx, identity=mechanism).all("aws_iam_role")["addons/vpc-cni-role"]

    assert role["assume_role_policy"] == trust(mechanism, CLUSTER, account)


def test_a_change_of_mechanism_changes_no_address(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    irsa = synth(stack, ctx, identity=Mechanism.IRSA)
    pod = synth(other_stack, ctx, identity=Mechanism.POD_IDENTITY)

    assert irsa.addresses == pod.addresses


@pytest.mark.parametrize("mechanism", Mechanism)
def test_an_addon_comes_after_what_gives_it_its_permissions(
    stack: TerraformStack, ctx: Context, mechanism: Mechanism
) -> None:
    plan = synth(stack, ctx, identity=mechanism)

    assert plan.all("aws_eks_addon")["addons/vpc-cni"]["depends_on"] == [
        plan.address("aws_iam_role_policy_attachment", "addons/vpc-cni-role/AmazonEKS_CNI_Policy")
    ]


def in_phases(stack: TerraformStack, ctx: Context, first: Sequence[Addon]) -> Synth:
    """Install some add-ons, and the others once these are there."""
    addons = Addons(
        stack, "addons", ctx=ctx, config=AddonsConfig(), version="1.35", cluster=CLUSTER
    )
    before = addons.install(first)
    addons.install([addon for addon in Addon if addon not in first], after=before)
    return Synth(stack)


def test_a_phase_comes_after_everything_of_the_one_before(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = in_phases(stack, ctx, BEFORE_NODES)
    found = plan.all("aws_eks_addon")
    before = [plan.address("aws_eks_addon", f"addons/{addon}") for addon in BEFORE_NODES]

    assert found["addons/coredns"]["depends_on"] == before
    assert found["addons/aws-ebs-csi-driver"]["depends_on"][-len(before) :] == before
    assert "depends_on" not in found["addons/kube-proxy"]


@pytest.mark.parametrize("moved", Addon)
def test_moving_an_addon_between_phases_changes_no_address(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context, moved: Addon
) -> None:
    without = [addon for addon in BEFORE_NODES if addon is not moved]
    first = without if moved in BEFORE_NODES else [*BEFORE_NODES, moved]

    before = in_phases(stack, ctx, BEFORE_NODES)
    after = in_phases(other_stack, ctx, first)

    assert after.addresses == before.addresses
    assert after.resources() != before.resources()


def test_the_network_add_on_tells_calico_a_pod_s_address_at_once(
    stack: TerraformStack, ctx: Context
) -> None:
    addons = synth(stack, ctx).all("aws_eks_addon")
    configured = {
        path.removeprefix("addons/"): json.loads(found["configuration_values"])
        for path, found in addons.items()
        if "configuration_values" in found
    }

    assert configured == {"vpc-cni": {"env": {"ANNOTATE_POD_IP": "true"}}}
