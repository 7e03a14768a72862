"""The load balancer controller registers pods, makes no load balancer and blocks nobody."""

from pathlib import Path

from modules.addons.load_balancer_controller import LoadBalancerController
from modules.aws.workload_identity import Mechanism
from modules.core.availability import Availability
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from tests.support.chart_values import complaints
from tests.support.platform import CLUSTER
from tests.support.releases import named, values
from tests.support.service_accounts import trusted
from tests.support.synth import Synth, ref

NAME = "aws-load-balancer-controller"


def synth(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    identity: Mechanism = Mechanism.IRSA,
) -> Synth:
    LoadBalancerController(
        stack,
        "controller",
        ctx=ctx,
        availability=availability,
        cluster=CLUSTER,
        identity=identity,
        vpc_id="vpc-1",
    )
    return Synth(stack)


def test_its_service_account_is_the_one_its_role_trusts(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    release, role = named(plan, NAME), plan.one("aws_iam_role")
    account = values(release)["serviceAccount"]

    assert trusted(role) == f"{release['namespace']}/{account['name']}"
    assert account["annotations"] == {
        "eks.amazonaws.com/role-arn": ref(
            plan.address("aws_iam_role", "controller/identity/role"), "arn"
        )
    }


def test_with_pod_identity_the_account_carries_nothing(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, identity=Mechanism.POD_IDENTITY)

    assert values(named(plan, NAME))["serviceAccount"]["annotations"] == {}
    assert plan.one("aws_eks_pod_identity_association")["service_account"] == NAME


def test_its_rights_stand_before_it_and_outlive_it(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert named(plan, NAME)["depends_on"] == [
        plan.address("aws_iam_role_policy", "controller/identity/role/policy")
    ]


def test_it_makes_no_load_balancer_of_its_own(stack: TerraformStack, ctx: Context) -> None:
    found = values(named(synth(stack, ctx), NAME))

    assert found["createIngressClassResource"] is False
    assert found["ingressClass"] == "alb"
    assert found["controllerConfig"]["featureGates"] == {
        "EnableServiceController": False,
        "ALBGatewayAPI": False,
        "NLBGatewayAPI": False,
        "GatewayListenerSet": False,
    }
    assert found["enableBackendSecurityGroup"] is False


def test_no_service_or_ingress_waits_for_it(stack: TerraformStack, ctx: Context) -> None:
    found = values(named(synth(stack, ctx), NAME))

    assert found["enableServiceMutatorWebhook"] is False
    assert found["webhookConfig"]["disableIngressValidation"] is True


def test_it_is_told_where_it_is(stack: TerraformStack, ctx: Context) -> None:
    found = values(named(synth(stack, ctx), NAME))

    assert (found["clusterName"], found["region"], found["vpcId"]) == (
        "ekp-prod-euw1-eks",
        "eu-west-1",
        "vpc-1",
    )


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
    found = values(named(synth(stack, ctx, availability=availability), NAME))

    assert found["replicaCount"] == replicas
    assert found.get("podDisruptionBudget") == budget
    assert found["priorityClassName"] == "system-cluster-critical"
    assert "topology.kubernetes.io/zone" in [
        c["topologyKey"] for c in found["topologySpreadConstraints"]
    ]


def test_the_chart_knows_every_value(stack: TerraformStack, ctx: Context, tmp_path: Path) -> None:
    found = values(named(synth(stack, ctx), NAME))

    assert complaints(NAME, {"merged": found}, tmp_path) == []
