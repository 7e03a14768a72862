"""Access: each principal gets what its entry says; people sign in by OIDC."""

from typing import Any

from modules.aws.eks_access import Access, AccessEntry, AccessPolicy, OidcIdentityProvider
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from tests.support.settings import ADMIN, DEPLOY_ROLE
from tests.support.synth import Synth

TEAM = AccessEntry(
    principal_arn="arn:aws:iam::333333333333:role/team",
    policy=AccessPolicy.EDIT,
    namespaces=("shop", "shop-test"),
)
ISSUER = "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0"


def synth(
    stack: TerraformStack,
    ctx: Context,
    identity_provider: OidcIdentityProvider | None = None,
    **entries: AccessEntry,
) -> Synth:
    Access(
        stack,
        "access",
        ctx=ctx,
        cluster_name="prod",
        entries=entries,
        identity_provider=identity_provider,
    )
    return Synth(stack)


def test_an_administrator_holds_the_whole_cluster(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, deploy=ADMIN)

    assert plan.one("aws_eks_access_entry")["principal_arn"] == DEPLOY_ROLE
    assert plan.one("aws_eks_access_policy_association") == {
        "access_scope": {"type": "cluster"},
        "cluster_name": "prod",
        "depends_on": [plan.address("aws_eks_access_entry", "access/entry-deploy")],
        # No region and no account: AWS owns these policies.
        "policy_arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        "principal_arn": DEPLOY_ROLE,
    }


def test_a_team_holds_its_namespaces_alone(stack: TerraformStack, ctx: Context) -> None:
    association = synth(stack, ctx, team=TEAM).one("aws_eks_access_policy_association")

    assert association["access_scope"] == {"namespaces": ["shop", "shop-test"], "type": "namespace"}
    assert association["policy_arn"].endswith("/AmazonEKSEditPolicy")


def test_an_entry_is_of_a_person_or_pipeline_not_of_a_node(
    stack: TerraformStack, ctx: Context
) -> None:
    assert synth(stack, ctx, team=TEAM).one("aws_eks_access_entry")["type"] == "STANDARD"


@pytest.mark.requirement("R23")
def test_an_entry_added_later_touches_no_other(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx, deploy=ADMIN)
    after = synth(other_stack, ctx, a_team=TEAM, deploy=ADMIN)

    assert {a: after.resources()[a] for a in before.addresses} == before.resources()
    assert len(after.addresses) == len(before.addresses) + 2


@pytest.mark.requirement("R41")
def test_people_sign_in_through_entra_id_with_their_groups(
    stack: TerraformStack, ctx: Context
) -> None:
    provider = OidcIdentityProvider(issuer_url=ISSUER, client_id="app-id")

    plan = synth(stack, ctx, provider)

    assert plan.one("aws_eks_identity_provider_config") == {
        "cluster_name": "prod",
        "oidc": {
            "client_id": "app-id",
            "groups_claim": "groups",
            "groups_prefix": "entra:",
            "identity_provider_config_name": "entra-id",
            "issuer_url": ISSUER,
            # An e-mail address may change hands, an object id never does.
            "username_claim": "oid",
            "username_prefix": "entra:",
        },
    }


def test_no_token_can_claim_a_group_of_kubernetes_itself(
    stack: TerraformStack, ctx: Context
) -> None:
    provider = OidcIdentityProvider(issuer_url=ISSUER, client_id="app-id")
    oidc: dict[str, Any] = synth(stack, ctx, provider).one("aws_eks_identity_provider_config")[
        "oidc"
    ]

    assert oidc["groups_prefix"].strip()
    assert not (oidc["groups_prefix"] + "system:masters").startswith("system:")


def test_without_a_provider_in_the_settings_there_is_none(
    stack: TerraformStack, ctx: Context
) -> None:
    assert synth(stack, ctx, deploy=ADMIN).all("aws_eks_identity_provider_config") == {}
