"""What the deploy role may do: what the platform's resources need, and nothing to itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..core.context import Context, StateConfig
from ..core.iam import Conditions, Statement, allow
from . import deploy_role_services as services
from .state_bucket import ACCESS_LOGS, OBJECT_ACTIONS, WORKSPACES

# Source: IAM user guide, "IAM and AWS STS quotas": a managed policy, spaces not counted.
SIZE_LIMIT = 6144
# Those that the platform's roles have; an environment's own bucket of policies comes after them.
MANAGED_POLICIES = (
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSClusterPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "service-role/AmazonEBSCSIDriverPolicy",
)
# Whose service takes on a role of the platform.
PASSED_TO = (
    "ec2.amazonaws.com",
    "eks.amazonaws.com",
    "pods.eks.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
# Services that make a role of their own the first time they are used.
LINKED = (
    "autoscaling.amazonaws.com",
    "eks-nodegroup.amazonaws.com",
    "eks.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "spot.amazonaws.com",
    "vpcorigin.cloudfront.amazonaws.com",
    "wafv2.amazonaws.com",
)
_WRITES = tuple(
    f"iam:{verb}*"
    for verb in (
        *("Add", "Attach", "Create", "Delete", "Detach", "PassRole"),
        *("Put", "Remove", "Set", "Tag", "Untag", "Update"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployScope:
    """What bounds the deploy role of one environment."""

    ctx: Context
    """Of what the environment has once."""
    regions: tuple[str, ...]
    """All in which it has anything."""
    bootstrap_key: str
    """Key of the bootstrap's own state, which is not the deploy role's."""
    assumes: tuple[str, ...] = ()
    """ARNs of the roles of other accounts that deploys take on, such as the parent zone's."""
    own: tuple[str, ...] = field(default=())
    """ARNs in IAM of what the bootstrap makes, and of those who run it: the deploy role changes
    none of it, whatever its name begins with."""

    @property
    def names(self) -> str:
        """What the names of all that the environment has begin with."""
        return f"{self.ctx.project}-{self.ctx.environment}-"

    def arn(self, service: str, resource: str, *, region: str = "*") -> str:
        """Return an ARN in the environment's account."""
        ctx = self.ctx
        return f"arn:{ctx.partition}:{service}:{region}:{ctx.account_id}:{resource}"

    def iam(self, resource: str) -> str:
        """Return the ARN of something in IAM, which has no region."""
        return self.arn("iam", resource, region="")

    def bucket(self, name: str) -> str:
        """Return the ARN of a bucket."""
        return f"arn:{self.ctx.partition}:s3:::{name}"


def deploy_policies(scope: DeployScope) -> Mapping[str, tuple[Statement, ...]]:
    """Return the statements of the deploy role's policies, by the policy's name."""
    return {
        "network": tuple(services.network(scope.regions)),
        "edge": tuple(services.edge(scope.arn, scope.names, scope.regions)),
        "cluster": tuple(services.cluster(scope.arn, scope.names)),
        "data": tuple(
            services.data(scope.arn, scope.bucket, scope.names, scope.ctx.tags["Project"])
        ),
        "identity": tuple(_identity(scope)),
        "state": (*_state(scope), *_assumed(scope), *_not_its_own(scope)),
    }


def _identity(scope: DeployScope) -> Iterator[Statement]:
    roles, bound = [scope.iam(f"role/{scope.names}*")], scope.ctx.permissions_boundary_arn
    bounded: Conditions = {"ArnEquals": {"iam:PermissionsBoundary": bound}} if bound else {}
    # Where no boundary is set, a tenant's role has one of its own, which may come and go.
    unbounds = () if bound else ("iam:DeleteRolePermissionsBoundary",)
    yield allow(
        "Roles",
        [
            *("iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:UpdateRole"),
            *("iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole"),
            *("iam:ListRolePolicies", "iam:ListRoleTags", "iam:TagRole", "iam:UntagRole"),
            *("iam:UpdateAssumeRolePolicy", "iam:UpdateRoleDescription", *unbounds),
        ],
        roles,
    )
    yield allow(
        "RolesWithinTheBoundary" if bound else "NewRoles",
        [
            *("iam:CreateRole", "iam:PutRolePermissionsBoundary"),
            *("iam:PutRolePolicy", "iam:DeleteRolePolicy"),
        ],
        roles,
        conditions=bounded or None,
    )
    attachable = [
        *(f"arn:{scope.ctx.partition}:iam::aws:policy/{name}" for name in MANAGED_POLICIES),
        scope.iam(f"policy/{scope.names}*"),
    ]
    arns = {**bounded.get("ArnEquals", {})}
    yield allow(
        "KnownPolicies",
        ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
        roles,
        conditions={
            "ArnLike": {"iam:PolicyARN": attachable},
            **({"ArnEquals": arns} if arns else {}),
        },
    )
    yield allow(
        "PassRoles",
        ["iam:PassRole"],
        roles,
        conditions={"StringEquals": {"iam:PassedToService": list(PASSED_TO)}},
    )
    yield allow(
        "LinkedRoles",
        ["iam:CreateServiceLinkedRole"],
        [scope.iam("role/aws-service-role/*")],
        conditions={"StringEquals": {"iam:AWSServiceName": list(LINKED)}},
    )
    yield allow(
        "Policies",
        [
            *("iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy"),
            *("iam:DeletePolicyVersion", "iam:GetPolicy", "iam:GetPolicyVersion"),
            *("iam:ListPolicyTags", "iam:ListPolicyVersions", "iam:TagPolicy", "iam:UntagPolicy"),
        ],
        [scope.iam(f"policy/{scope.names}*")],
    )
    yield allow(
        "ClusterIssuers",
        [
            *("iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider"),
            *("iam:DeleteOpenIDConnectProvider", "iam:GetOpenIDConnectProvider"),
            *("iam:RemoveClientIDFromOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"),
            *("iam:UntagOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint"),
        ],
        [
            scope.iam(f"oidc-provider/oidc.eks.{region}.amazonaws.com/id/*")
            for region in scope.regions
        ],
    )
    yield allow(
        "InstanceProfiles",
        ["iam:ListInstanceProfileTags"],
        [scope.iam(f"instance-profile/{scope.names}*")],
    )
    # Nothing that gives a user a key or a password: people make those of the break-glass user.
    yield allow(
        "BreakGlassUser",
        [
            *("iam:CreateUser", "iam:DeleteUser", "iam:GetUser", "iam:ListGroupsForUser"),
            *("iam:ListUserTags", "iam:TagUser", "iam:UntagUser", "iam:UpdateUser"),
        ],
        [scope.iam(f"user/{scope.names}*")],
    )


def _state(scope: DeployScope) -> Iterator[Statement]:
    state = scope.ctx.state
    if not isinstance(state, StateConfig):
        return
    bucket, own = scope.bucket(state.bucket), f"{scope.ctx.environment}/*"
    yield allow("OwnState", OBJECT_ACTIONS, [f"{bucket}/{own}"])
    yield allow(
        "OwnStateList",
        ["s3:ListBucket"],
        [bucket],
        conditions={"StringLike": {"s3:prefix": [WORKSPACES, own]}},
    )
    if state.kms_key_arn:
        yield allow("StateKey", ["kms:Decrypt", "kms:GenerateDataKey"], [state.kms_key_arn])


def _assumed(scope: DeployScope) -> Iterator[Statement]:
    if scope.assumes:
        yield allow("RolesElsewhere", ["sts:AssumeRole"], scope.assumes)


def _not_its_own(scope: DeployScope) -> Iterator[Statement]:
    """Keep what bounds the role, and what remembers its deeds, out of its reach."""
    if scope.own:
        yield _deny("WhatBoundsIt", _WRITES, scope.own)
    state = scope.ctx.state
    if not isinstance(state, StateConfig):
        return
    bucket = scope.bucket(state.bucket)
    logs = scope.bucket(scope.ctx.name(scope.ctx.account_id, ACCESS_LOGS))
    yield _deny("BootstrapState", ["s3:*Object*"], [f"{bucket}/{scope.bootstrap_key}*"])
    yield _deny(
        "StateHistory", ["s3:DeleteObjectVersion", "s3:PutObjectRetention"], [f"{bucket}/*"]
    )
    yield _deny("StateBucket", ["s3:CreateBucket", "s3:Delete*", "s3:Put*"], [bucket])
    yield _deny("StateAccessLogs", ["s3:*"], [logs, f"{logs}/*"])


def _deny(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": list(resources),
    }
