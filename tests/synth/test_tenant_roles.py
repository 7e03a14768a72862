"""Each granted service of a tenant has a role of its own, bounded, which nobody else may be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from modules.addons.tenant_roles import TenantRoles, TenantsBoundary
from modules.aws.eks import EksOutputs
from modules.core.context import Context
from modules.core.grants import (
    BucketAccess,
    BucketGrant,
    Grants,
    KeyAccess,
    KeyGrant,
    QueueAccess,
    QueueGrant,
)
from modules.core.services import Service
from modules.core.tenants import Tenancy, TenantEnvironment

import pytest
from cdktf import TerraformStack

from ekp.evaluate.iam.terraform import Role, roles_of, token
from ekp.evaluate.iam.trust import Caller, may_assume, pod, role, web_identity
from tests.support import settings
from tests.support.synth import Synth, ref
from tests.support.tenants import tenancy, tenant

CLUSTER = EksOutputs(
    cluster_name="ekp-prod-euw1-eks",
    cluster_arn=f"arn:aws:eks:eu-west-1:{settings.ACCOUNT}:cluster/ekp-prod-euw1-eks",
    endpoint="https://example",
    certificate_authority="Y2E=",
    security_group_id="sg-1",
    oidc_provider_arn=f"arn:aws:iam::{settings.ACCOUNT}:oidc-provider/issuer.example/id/1",
    oidc_issuer_host="issuer.example/id/1",
)
UNBOUNDED = settings.context(permissions_boundary_arn=None)
OWN = {"aws:ResourceAccount": settings.ACCOUNT}


def queue(name: str) -> str:
    return f"arn:aws:sqs:eu-west-1:{settings.ACCOUNT}:{name}"


def key(name: str) -> str:
    return f"arn:aws:kms:eu-west-1:{settings.ACCOUNT}:key/{name}"


def of(name: str, namespace: str | None = None) -> Tenancy:
    """A tenant whose cart is granted one of each, and whose stock is granted nothing."""
    space = namespace or name
    services = [
        Service(name=word, namespace=space, image="registry.example.org/a/b:1")
        for word in ("cart", "stock")
    ]
    grants = Grants(
        buckets=(
            BucketGrant(
                service="cart",
                bucket="shared",
                prefix=f"{name}/",
                access=BucketAccess.READ_WRITE,
            ),
        ),
        queues=(QueueGrant(service="cart", queue=queue(name), access=QueueAccess.SEND),),
        keys=(KeyGrant(service="cart", key=key(name), access=KeyAccess.ENCRYPT_DECRYPT),),
    )
    environments = {"prod": TenantEnvironment(grants=grants)}
    return tenancy(tenant(name, services=services, environments=environments))


def made(stack: TerraformStack, *tenancies: Tenancy, ctx: Context = UNBOUNDED) -> Synth:
    boundary = ctx.permissions_boundary_arn or TenantsBoundary(stack, "boundary", ctx=ctx).arn
    for one in tenancies:
        TenantRoles(
            stack, f"roles-{one.name}", ctx=ctx, cluster=CLUSTER, tenancy=one, boundary=boundary
        )
    return Synth(stack)


def roles(stack: TerraformStack, *tenancies: Tenancy) -> Mapping[str, Role]:
    return roles_of(made(stack, *tenancies).json)


def cart(**changes: str) -> Caller:
    who = {"cluster_arn": CLUSTER.cluster_arn, "namespace": "shop", "service_account": "cart"}
    return pod(**who | changes)


def test_a_service_that_is_granted_nothing_has_no_role(stack: TerraformStack) -> None:
    assert set(roles(stack, of("shop"))) == {"ekp-prod-euw1-shop.cart"}


def test_a_role_is_told_by_namespace_and_service(stack: TerraformStack) -> None:
    plan = made(stack, of("shop", namespace="shop-eu"))

    assert plan.address("aws_iam_role", "roles-shop/cart/role")
    assert plan.one("aws_iam_role")["name"] == "ekp-prod-euw1-shop-eu.cart"
    assert plan.one("aws_eks_pod_identity_association") == {
        "cluster_name": CLUSTER.cluster_name,
        "namespace": "shop-eu",
        "role_arn": ref(plan.address("aws_iam_role", "roles-shop/cart/role"), "arn"),
        "service_account": "cart",
        "tags": {"Name": "ekp-prod-euw1-shop-eu.cart"},
    }


@pytest.mark.requirement("R22")
@pytest.mark.parametrize(
    "other",
    [
        cart(service_account="stock"),
        cart(service_account="cart-2"),
        cart(namespace="billing"),
        cart(cluster_arn=f"arn:aws:eks:eu-west-1:{settings.ACCOUNT}:cluster/other"),
        cart(cluster_arn=CLUSTER.cluster_arn.replace(settings.ACCOUNT, "111111111111")),
        # An association without session tags says of nobody who asks.
        replace(cart(), context={}),
        replace(cart(), name="ec2.amazonaws.com"),
        role(f"arn:aws:iam::{settings.ACCOUNT}:role/ekp-deploy"),
        web_identity(
            provider_arn=CLUSTER.oidc_provider_arn,
            issuer_host=CLUSTER.oidc_issuer_host,
            subject="system:serviceaccount:shop:cart",
            audience="sts.amazonaws.com",
        ),
    ],
)
def test_only_the_services_own_pods_get_its_role(stack: TerraformStack, other: Caller) -> None:
    (found,) = roles(stack, of("shop")).values()

    assert may_assume(found.trust, cart()).allowed
    assert not may_assume(found.trust, other).allowed


def test_pods_come_after_what_their_role_needs(stack: TerraformStack) -> None:
    boundary = TenantsBoundary(stack, "boundary", ctx=UNBOUNDED).arn
    found = TenantRoles(
        stack, "roles", ctx=UNBOUNDED, cluster=CLUSTER, tenancy=of("shop"), boundary=boundary
    )

    assert {type(one).__name__ for one in found.ready} == {
        *("IamRolePolicy", "EksPodIdentityAssociation"),
    }


def test_every_role_of_a_tenant_is_bounded(stack: TerraformStack) -> None:
    plan = made(stack, of("shop"), of("billing"))

    bound = ref(plan.address("aws_iam_policy", "boundary/policy"), "arn")
    assert plan.one("aws_iam_policy")["name"] == "ekp-prod-euw1-tenants"
    assert {one["permissions_boundary"] for one in plan.all("aws_iam_role").values()} == {bound}


def test_an_environments_own_boundary_comes_before_that_of_tenants(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = made(stack, of("shop"), ctx=ctx)

    assert plan.all("aws_iam_policy") == {}
    assert plan.one("aws_iam_role")["permissions_boundary"] == settings.BOUNDARY


def test_the_boundary_holds_where_a_policy_is_too_wide(stack: TerraformStack) -> None:
    plan = made(stack, of("shop"))
    wide: dict[str, Any] = dict(plan.json)
    policy = wide["resource"]["aws_iam_role_policy"]
    everything = (
        '{"Version": "2012-10-17", "Statement": '
        '[{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    )
    policies = {name: {**found, "policy": everything} for name, found in policy.items()}
    wide["resource"] = {**wide["resource"], "aws_iam_role_policy": policies}

    (found,) = roles_of(wide).values()

    assert found.may("s3:GetObject", "arn:aws:s3:::other/a").allowed
    assert found.may("iam:CreateRole", "*").by == "ekp-prod-euw1-tenants"
    assert not found.may("s3:GetObject", "arn:aws:s3:::ekp-tfstate-444444444444/a").allowed


THINGS = {
    "s3:GetObject": "arn:aws:s3:::shared/{}/a",
    "s3:PutObject": "arn:aws:s3:::shared/{}/a",
    "sqs:SendMessage": queue("{}"),
    "kms:Decrypt": key("{}"),
}


def test_no_service_reaches_what_another_tenant_is_granted(stack: TerraformStack) -> None:
    # Names that begin others, and namespaces that end in services.
    names = ("a", "ab", "a-b", "shop", "shop-eu")
    found = roles(stack, *map(of, names))

    for owner in names:
        own = found[f"ekp-prod-euw1-{owner}.cart"]
        for action, where in THINGS.items():
            allowed = {name for name in names if own.may(action, where.format(name), OWN).allowed}
            assert (owner, action, allowed) == (owner, action, {owner})


def test_no_service_gets_the_role_of_another_tenant(stack: TerraformStack) -> None:
    names = ("a", "ab", "a-b", "shop", "shop-eu")
    found = roles(stack, *map(of, names))

    for owner in names:
        trust = found[f"ekp-prod-euw1-{owner}.cart"].trust
        allowed = {name for name in names if may_assume(trust, cart(namespace=name)).allowed}
        assert allowed == {owner}
        # Nor by asking for it with the role that it has.
        arn = f"arn:aws:iam::{settings.ACCOUNT}:role/ekp-prod-euw1-{owner}.cart"
        assert not any(one.may("sts:AssumeRole", arn).allowed for one in found.values())


def test_a_tenant_added_later_touches_no_other(
    stack: TerraformStack, other_stack: TerraformStack
) -> None:
    before, after = made(stack, of("shop")), made(other_stack, of("billing"), of("shop"))

    assert {a: after.resources()[a] for a in before.addresses} == before.resources()


def test_a_name_that_iam_would_refuse_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match="IAM allows 64; shorten the namespace"):
        made(stack, of("shop", namespace="n" * 60))


def test_what_terraform_fills_in_is_no_other_arn(stack: TerraformStack) -> None:
    cluster = replace(CLUSTER, cluster_arn="${aws_eks_cluster.eks.arn}")
    TenantRoles(stack, "roles", ctx=UNBOUNDED, cluster=cluster, tenancy=of("shop"), boundary="b")

    (found,) = roles_of(Synth(stack).json).values()

    assert may_assume(found.trust, cart(cluster_arn=token("aws_eks_cluster.eks.arn"))).allowed
    assert not may_assume(found.trust, cart(cluster_arn=CLUSTER.cluster_arn)).allowed
