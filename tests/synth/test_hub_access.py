"""The hub gets into a workload cluster by one role, which may do nothing there of itself."""

from modules.aws.eks_access import GroupEntry
from modules.core.context import Context
from modules.core.fleet import HUB_GROUP, Hub, WorkloadCluster
from modules.stacks.cluster import ClusterStack
from modules.stacks.network import NetworkConfig, NetworkStack

import pytest
from cdktf import App, TerraformStack

from tests.support import settings
from tests.support.synth import Synth, document

HUB = Hub(
    account_id="444444444444",
    region="eu-west-1",
    partition="aws",
    prefix="ekp-management-euw1",
    rancher_host="rancher.management.ekp.example",
)


def synth(app: App, ctx: Context, hub: Hub | None = HUB) -> Synth:
    network = NetworkStack(app, ctx, NetworkConfig(vpc=settings.vpc()))
    return Synth(ClusterStack(app, ctx, settings.cluster(), network=network, hub=hub))


def test_the_role_trusts_the_hubs_four_roles_by_name_although_they_may_come_later(
    app: App, ctx: Context
) -> None:
    role = synth(app, ctx).all("aws_iam_role")["hub-access/role"]
    (statement,) = document(role["assume_role_policy"])["Statement"]

    # IAM refuses a principal that is not there.
    assert statement["Principal"] == {"AWS": "arn:aws:iam::444444444444:root"}
    assert statement["Condition"] == {
        "ArnEquals": {
            "aws:PrincipalArn": [
                f"arn:aws:iam::444444444444:role/ekp-management-euw1-{name}"
                for name in (
                    "argocd-application-controller",
                    "argocd-applicationset-controller",
                    "argocd-server",
                    "cluster-registrar",
                )
            ]
        }
    }
    # EKS Pod Identity hands tags on.
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]


def test_the_role_is_called_as_the_hub_calls_it_and_finds_its_own_cluster_alone(
    app: App, ctx: Context
) -> None:
    plan = synth(app, ctx)
    known = WorkloadCluster(
        environment=ctx.environment,
        region=ctx.region,
        account_id=ctx.account_id,
        partition=ctx.partition,
        prefix=ctx.prefix,
        cluster_name=ctx.cluster_name,
    )
    (statement,) = document(plan.all("aws_iam_role_policy")["hub-access/role/policy"]["policy"])[
        "Statement"
    ]

    name = plan.all("aws_iam_role")["hub-access/role"]["name"]
    assert known.hub_role_arn == f"arn:aws:iam::{ctx.account_id}:role/{name}"
    assert statement["Action"] == ["eks:DescribeCluster"]
    assert statement["Resource"] == [f"${{{plan.address('aws_eks_cluster', 'eks')}.arn}}"]


@pytest.mark.requirement("R37")
def test_its_access_entry_names_a_group_and_no_policy(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)
    entry = plan.all("aws_eks_access_entry")["hub-access/entry"]

    assert entry["kubernetes_groups"] == [HUB_GROUP]
    assert entry["type"] == "STANDARD"
    assert entry["principal_arn"] == f"${{{plan.address('aws_iam_role', 'hub-access/role')}.arn}}"
    associated = [one["principal_arn"] for one in associations(plan)]
    assert entry["principal_arn"] not in associated


def associations(plan: Synth) -> list[dict[str, str]]:
    return [dict(one) for one in plan.all("aws_eks_access_policy_association").values()]


def test_without_a_hub_there_is_neither_role_nor_entry(app: App, ctx: Context) -> None:
    plan = synth(app, ctx, hub=None)

    assert not [address for address in plan.addresses if "hub" in address]


def test_nobody_gets_into_a_group_of_kubernetes_own(stack: TerraformStack, ctx: Context) -> None:
    with pytest.raises(ValueError, match="system:masters: EKS lets no entry into groups of"):
        GroupEntry(
            stack,
            "entry",
            ctx=ctx,
            name="hub",
            cluster_name="prod",
            principal_arn="arn:aws:iam::333333333333:role/hub",
            groups=["system:masters"],
        )
