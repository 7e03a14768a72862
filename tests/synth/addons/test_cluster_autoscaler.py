"""The cluster autoscaler knows its cluster by tags and is built for its Kubernetes minor."""

from pathlib import Path

from modules.addons.cluster_autoscaler import IMAGES, ClusterAutoscaler
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context
from modules.core.kubernetes_versions import SUPPORT

import pytest
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.platform import CLUSTER
from tests.support.releases import named, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, ref

NAME = "cluster-autoscaler"


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    version: str = "1.35",
) -> Synth:
    ClusterAutoscaler(
        stack,
        "autoscaler",
        ctx=ctx,
        availability=availability,
        cluster=CLUSTER,
        identity=Mechanism.IRSA,
        version=version,
    )
    return Synth(stack)


def test_its_service_account_is_the_one_its_role_trusts(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    release, role = named(plan, NAME), plan.one("aws_iam_role")
    account = values(release)["rbac"]["serviceAccount"]

    assert trusted(role) == f"{release['namespace']}/{account['name']}"
    assert account["annotations"] == {
        "eks.amazonaws.com/role-arn": ref(
            plan.address("aws_iam_role", "autoscaler/identity/role"), "arn"
        )
    }
    assert release["depends_on"] == [
        plan.address("aws_iam_role_policy", "autoscaler/identity/role/policy")
    ]


def test_it_finds_the_groups_of_its_own_cluster(stack: TerraformStack, ctx: Context) -> None:
    found = values(named(synth(stack, ctx), NAME))

    assert found["autoDiscovery"] == {"clusterName": "ekp-prod-euw1-eks"}
    assert found["awsRegion"] == "eu-west-1"
    assert found["cloudProvider"] == "aws"


@pytest.mark.parametrize("version", ["1.35", "1.36"])
def test_its_image_is_of_the_cluster_s_minor(
    stack: TerraformStack, ctx: Context, version: str
) -> None:
    tag = values(named(synth(stack, ctx, version=version), NAME))["image"]["tag"]

    assert tag.startswith(f"v{version}.")


def test_every_minor_that_eks_runs_has_an_image() -> None:
    assert set(IMAGES) == set(SUPPORT)
    assert all(tag.startswith(f"v{minor}.") for minor, tag in IMAGES.items())


@pytest.mark.parametrize(
    ("availability", "replicas", "budget"),
    [(Availability.HIGH, 2, {"maxUnavailable": 1}), (Availability.SINGLE, 1, None)],
)
def test_high_availability_is_two_copies_apart_with_a_budget(
    stack: TerraformStack,
    ctx: Context,
    availability: Availability,
    replicas: int,
    budget: dict[str, int] | None,
) -> None:
    release = named(synth(stack, ctx, availability=availability), NAME)
    found = values(release)

    assert found["replicaCount"] == replicas
    assert found.get("podDisruptionBudget") == budget
    assert found["topologySpreadConstraints"][0]["labelSelector"] == {
        "matchLabels": {"app.kubernetes.io/instance": release["name"]}
    }


def test_without_a_budget_the_chart_is_told_so(stack: TerraformStack, ctx: Context) -> None:
    # The chart makes one unless its own default is taken away.
    release = named(synth(stack, ctx, availability=Availability.SINGLE), NAME)

    assert "podDisruptionBudget: null" in release["values"][1]


def test_nodes_may_go_although_pods_of_the_system_run_there(
    stack: TerraformStack, ctx: Context
) -> None:
    arguments = values(named(synth(stack, ctx), NAME))["extraArgs"]

    assert arguments["skip-nodes-with-system-pods"] is False
    assert arguments["skip-nodes-with-local-storage"] is False


def test_the_chart_knows_every_value(stack: TerraformStack, ctx: Context, tmp_path: Path) -> None:
    found = values(named(synth(stack, ctx), NAME))

    assert complaints(NAME, {"merged": found}, tmp_path) == []
