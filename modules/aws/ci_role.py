"""A role for pipelines: its runs prove who they are by an OIDC token, and deploy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct
from pydantic import Field, model_validator

from ..core.config import Config, named_once
from ..core.context import Context
from ..core.iam import allow, allow_principal, document
from ..core.state_hcp import HcpStateConfig
from .role import NAME_LIMIT

GITHUB = "token.actions.githubusercontent.com"

RepositoryName = Annotated[
    str, Field(max_length=140, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+$")
]
# A wildcard would admit what nobody named; a colon would end the part of the subject it stands in.
Part = Annotated[str, Field(max_length=255, pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*$")]


class GitHubActions(Config):
    """Whose workflows may deploy."""

    repository: RepositoryName
    """The one repository, as OWNER/NAME."""
    environments: tuple[Part, ...] = ()
    """GitHub's deployment environments, which have reviewers and branches of their own."""
    branches: tuple[Part, ...] = ()
    """Branches whose workflows may deploy without an environment of GitHub's."""

    @model_validator(mode="after")
    def somebody_is_named(self) -> Self:
        """Refuse a repository as a whole: a pull request of anybody would deploy."""
        if not self.environments and not self.branches:
            raise ValueError(
                f"environments and branches of {self.repository} are both empty, so that no "
                "workflow may deploy; name a deployment environment of GitHub's, such as prod"
            )
        named_once("environments", self.environments)
        named_once("branches", self.branches)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTrust:
    """Whose tokens a role takes."""

    host: str
    """The issuer without ``https://``."""
    audience: str
    subjects: tuple[str, ...]
    """Values of the claim ``sub``."""
    patterns: bool = False
    """Whether a ``*`` in a subject stands for any text."""


def github_trust(config: GitHubActions) -> TokenTrust:
    """Return the trust in the workflows that the settings name.

    Source: GitHub docs, "OpenID Connect reference", "Example subject claims": a job of a deployment
    environment has that in its subject in place of the branch.
    """
    ours = f"repo:{config.repository}"
    return TokenTrust(
        host=GITHUB,
        audience="sts.amazonaws.com",
        subjects=(
            *(f"{ours}:environment:{name}" for name in config.environments),
            *(f"{ours}:ref:refs/heads/{name}" for name in config.branches),
        ),
    )


def hcp_trust(state: HcpStateConfig, environment: str) -> TokenTrust:
    """Return the trust in the runs of an environment's workspaces, plans and applies.

    Source: HCP Terraform docs, "Use dynamic credentials with the AWS provider".
    """
    project = f"organization:{state.organization}:project:{state.project}"
    return TokenTrust(
        host=state.hostname,
        audience="aws.workload.identity",
        subjects=(f"{project}:workspace:{state.workspace(environment)}-*:run_phase:*",),
        patterns=True,
    )


class CiRole(Construct):
    """A role that a pipeline's tokens open, and whose only right is to take on the deploy role.

    With it comes the account's OIDC provider. It has no thumbprint: AWS checks the certificates of
    these issuers against its own authorities. Source: IAM API reference,
    ``CreateOpenIDConnectProvider``, ``ThumbprintList``.
    """

    arn: str

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        name: str,
        trust: TokenTrust,
    ) -> None:
        super().__init__(scope, id_)
        provider = IamOpenidConnectProvider(
            self,
            "provider",
            url=f"https://{trust.host}",
            client_id_list=[trust.audience],
            tags={"Name": trust.host},
        )
        compare = "StringLike" if trust.patterns else "StringEquals"
        conditions: dict[str, dict[str, str | Sequence[str]]] = {
            "StringEquals": {f"{trust.host}:aud": trust.audience}
        }
        conditions.setdefault(compare, {})[f"{trust.host}:sub"] = list(trust.subjects)
        role = IamRole(
            self,
            "Resource",
            name=name,
            description=f"Runs of {trust.host} that deploy {ctx.environment}",
            assume_role_policy=document(
                allow_principal(
                    "Runs",
                    {"Federated": provider.arn},
                    ["sts:AssumeRoleWithWebIdentity"],
                    conditions=conditions,
                )
            ),
            tags={"Name": name},
        )
        IamRolePolicy(
            self,
            "policy",
            name="deploy",
            role=role.name,
            policy=document(allow("Deploy", ["sts:AssumeRole"], [ctx.deploy_role_arn])),
        )
        self.arn = role.arn


def github_role_name(ctx: Context) -> str:
    """Return the name of the role for GitHub's workflows."""
    return ctx.name("github", limit=NAME_LIMIT)


def role_arn(ctx: Context, name: str) -> str:
    """Return the ARN that a role of the account has, or will have."""
    return f"arn:{ctx.partition}:iam::{ctx.account_id}:role/{name}"


def provider_arn(ctx: Context, host: str) -> str:
    """Return the ARN that the account's OIDC provider of an issuer has, or will have."""
    return f"arn:{ctx.partition}:iam::{ctx.account_id}:oidc-provider/{host}"
