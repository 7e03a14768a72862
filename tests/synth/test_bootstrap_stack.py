"""What `ekp bootstrap` makes in each account: who is let in, and to what."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from modules.aws.deploy_role_policy import (
    MANAGED_POLICIES,
    PASSED_TO,
    SIZE_LIMIT,
    DeployScope,
    deploy_policies,
)
from modules.aws.deploy_role_services import service_of
from modules.aws.zone import ParentZone
from modules.core.context import Context, StateConfig
from modules.core.state_hcp import HcpStateConfig
from modules.stacks.bootstrap import BootstrapStack, Organisation
from modules.stacks.bootstrap_config import BootstrapConfig

import pytest
from cdktf import App

from ekp.evaluate.iam.policies import Policy, may
from ekp.evaluate.iam.terraform import Role, roles_of
from ekp.evaluate.iam.trust import may_assume, role, web_identity
from main import bootstrap
from tests.support import settings
from tests.support.synth import Synth, document

from .conftest import TODAY

ACCOUNTS = {
    "dev": "111111111111",
    "qa": "222222222222",
    "prod": "333333333333",
    "management": "444444444444",
}
BUCKET = "arn:aws:s3:::ekp-tfstate-444444444444"
GITHUB = "token.actions.githubusercontent.com"
EVERY = tuple(ACCOUNTS)
BOUNDED = ("prod", "management")


@pytest.fixture(scope="session")
def bootstraps(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Synth]:
    """The bootstrap stack of every environment, by the environment's name."""
    folder = tmp_path_factory.mktemp("bootstraps") / "out"
    bootstrap(str(folder), today=TODAY)
    return {
        name: Synth.read(folder / "stacks" / f"{name}-bootstrap" / "cdk.tf.json") for name in EVERY
    }


def deployer(stack: Synth) -> Role:
    return roles_of(stack.json)["ekp-deploy"]


def bucket_policy(stack: Synth) -> Policy:
    text = stack.all("aws_s3_bucket_policy")["state/policy"]["policy"]
    address = stack.address("aws_s3_bucket", "state")
    return Policy.of(json.loads(text.replace(f"${{{address}.arn}}", BUCKET)), "state bucket")


def lets_in(policy: Policy, principal: str, action: str, resource: str, **context: Any) -> bool:
    """Tell whether a bucket's policy by itself lets a role of any account do something."""
    known = {**role(principal).context, "aws:SecureTransport": "true", **context}
    return may([policy], None, action, resource, known).allowed


def test_no_deploy_can_meet_a_bootstrap_stack(stacks: Mapping[str, Synth]) -> None:
    assert not [name for name in stacks if "bootstrap" in name]


@pytest.mark.parametrize("name", EVERY)
def test_a_bootstrap_acts_as_its_caller_in_the_environment_s_account_alone(
    bootstraps: Mapping[str, Synth], name: str
) -> None:
    stack = bootstraps[name]
    assert stack.provider["allowed_account_ids"] == [ACCOUNTS[name]]
    assert "assume_role" not in stack.provider
    assert "assume_role" not in stack.backend
    # Said before the bucket is asked, which would only answer that nobody is admitted.
    assert stack.backend["allowed_account_ids"] == [ACCOUNTS[name]]
    assert stack.backend["key"] == f"{name}/global/bootstrap.tfstate"
    assert stack.backend["use_lockfile"] is True


def test_the_state_bucket_is_one_account_s_and_nobody_destroys_it(
    bootstraps: Mapping[str, Synth],
) -> None:
    owners = [name for name, stack in bootstraps.items() if stack.all("aws_s3_bucket")]
    assert owners == ["management"]
    stack = bootstraps["management"]
    bucket = stack.all("aws_s3_bucket")["state"]
    assert bucket["bucket"] == "ekp-tfstate-444444444444"
    assert bucket["force_destroy"] is False
    assert bucket["lifecycle"] == {"prevent_destroy": True}
    closed = stack.all("aws_s3_bucket_public_access_block")["state/public-access-block"]
    assert all(value is True for key, value in closed.items() if key != "bucket")
    versioning = stack.all("aws_s3_bucket_versioning")["state/versioning"]
    assert versioning["versioning_configuration"] == {"status": "Enabled"}
    (rule,) = stack.all("aws_s3_bucket_lifecycle_configuration")["state/lifecycle"]["rule"]
    assert rule["expiration"] == [{"expired_object_delete_marker": True}]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 365}]
    assert stack.all("aws_s3_bucket_logging")["state/logging"]["target_prefix"]


def test_the_state_bucket_takes_tls_alone(bootstraps: Mapping[str, Synth]) -> None:
    policy = bucket_policy(bootstraps["management"])
    caller, state = f"arn:aws:iam::{ACCOUNTS['dev']}:role/ekp-deploy", f"{BUCKET}/dev/a.tfstate"
    assert lets_in(policy, caller, "s3:GetObject", state)
    assert not lets_in(policy, caller, "s3:GetObject", state, **{"aws:SecureTransport": "false"})


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("other", EVERY)
def test_a_deploy_role_keeps_its_own_states_and_sees_no_other_s(
    bootstraps: Mapping[str, Synth], name: str, other: str
) -> None:
    policy, stack = bucket_policy(bootstraps["management"]), bootstraps[name]
    arn = f"arn:aws:iam::{ACCOUNTS[name]}:role/ekp-deploy"
    own = name == other
    for key in (f"{other}/eu-west-1/network.tfstate", f"{other}/eu-west-1/network.tfstate.tflock"):
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert lets_in(policy, arn, action, f"{BUCKET}/{key}") is own
            assert deployer(stack).may(action, f"{BUCKET}/{key}").allowed is own
    listed = {"s3:prefix": f"{other}/eu-west-1"}
    assert lets_in(policy, arn, "s3:ListBucket", BUCKET, **listed) is own
    assert deployer(stack).may("s3:ListBucket", BUCKET, listed).allowed is own
    # Terraform asks for workspaces as it is initialised.
    asked = {"s3:prefix": "env:/"}
    assert lets_in(policy, arn, "s3:ListBucket", BUCKET, **asked)
    assert deployer(stack).may("s3:ListBucket", BUCKET, asked).allowed


@pytest.mark.parametrize("name", EVERY)
def test_a_deploy_role_changes_nothing_that_bounds_it(
    bootstraps: Mapping[str, Synth], name: str
) -> None:
    found, account = deployer(bootstraps[name]), ACCOUNTS[name]
    iam = f"arn:aws:iam::{account}"
    forbidden = [
        ("iam:UpdateAssumeRolePolicy", f"{iam}:role/ekp-deploy"),
        ("iam:PutRolePolicy", f"{iam}:role/ekp-deploy"),
        ("iam:UpdateAssumeRolePolicy", f"{iam}:role/ekp-{name}-global-github"),
        ("iam:CreatePolicyVersion", f"{iam}:policy/ekp-{name}-global-deploy-identity"),
        ("iam:CreatePolicyVersion", f"{iam}:policy/ekp-boundary"),
        ("iam:DeleteOpenIDConnectProvider", f"{iam}:oidc-provider/{GITHUB}"),
        ("s3:PutObject", f"{BUCKET}/{name}/global/bootstrap.tfstate"),
        ("s3:GetObject", f"{BUCKET}/{name}/global/bootstrap.tfstate"),
        ("s3:DeleteObjectVersion", f"{BUCKET}/{name}/eu-west-1/network.tfstate"),
        ("s3:PutBucketPolicy", BUCKET),
        ("s3:DeleteObject", f"arn:aws:s3:::ekp-{name}-global-{account}-state-access-logs/a"),
        ("iam:CreateAccessKey", f"{iam}:user/ekp-{name}-global-break-glass"),
        ("iam:CreateUser", f"{iam}:user/somebody"),
        ("sts:AssumeRole", f"{iam}:role/administrators"),
    ]
    assert [(a, r) for a, r in forbidden if found.may(a, r).allowed] == []


@pytest.mark.parametrize("name", EVERY)
def test_a_deploy_role_makes_bounded_roles_and_passes_them_to_known_services(
    bootstraps: Mapping[str, Synth], name: str
) -> None:
    found, account = deployer(bootstraps[name]), ACCOUNTS[name]
    ours = f"arn:aws:iam::{account}:role/ekp-{name}-euw1-eks"
    boundary = {"iam:PermissionsBoundary": f"arn:aws:iam::{account}:policy/ekp-boundary"}
    bounded = name in BOUNDED

    assert found.may("iam:CreateRole", ours, boundary).allowed
    assert found.may("iam:CreateRole", ours).allowed is not bounded
    assert found.may("iam:PutRolePolicy", ours).allowed is not bounded
    assert found.may("iam:DeleteRolePermissionsBoundary", ours).allowed is not bounded
    assert not found.may("iam:CreateRole", f"arn:aws:iam::{account}:role/admin", boundary).allowed
    administrator = {**boundary, "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}
    assert not found.may("iam:AttachRolePolicy", ours, administrator).allowed
    for service, passed in (("eks.amazonaws.com", True), ("lambda.amazonaws.com", False)):
        context = {"iam:PassedToService": service}
        assert found.may("iam:PassRole", ours, context).allowed is passed


@pytest.mark.parametrize("name", EVERY)
def test_a_deploy_role_trusts_its_operators_and_its_pipeline_by_name(
    bootstraps: Mapping[str, Synth], name: str
) -> None:
    trust, account = deployer(bootstraps[name]).trust, ACCOUNTS[name]
    for caller, trusted in (
        (f"arn:aws:iam::{account}:role/operators", True),
        (f"arn:aws:iam::{account}:role/ekp-{name}-global-github", True),
        (f"arn:aws:iam::{account}:role/administrators", False),
        (f"arn:aws:iam::{account}:role/ekp-{name}-euw1-eks", False),
        ("arn:aws:iam::999999999999:role/operators", False),
    ):
        assert may_assume(trust, role(caller)).allowed is trusted, caller


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("repo:ekp-example/platform:environment:prod", True),
        ("repo:ekp-example/platform:environment:dev", False),
        ("repo:ekp-example/platform:ref:refs/heads/main", False),
        ("repo:ekp-example/platform:pull_request", False),
        ("repo:somebody/platform:environment:prod", False),
    ],
)
def test_workflows_of_one_repository_and_its_environment_deploy_prod(
    bootstraps: Mapping[str, Synth], subject: str, *, expected: bool
) -> None:
    stack = bootstraps["prod"]
    found = roles_of(stack.json)["ekp-prod-global-github"]
    provider = f"{{{stack.address('aws_iam_openid_connect_provider', 'github/provider')}.arn}}"
    caller = web_identity(
        provider_arn=provider, issuer_host=GITHUB, subject=subject, audience="sts.amazonaws.com"
    )
    assert may_assume(found.trust, caller).allowed is expected
    # All that it may do is to take on the deploy role.
    own = f"arn:aws:iam::{ACCOUNTS['prod']}:role/ekp-deploy"
    assert found.may("sts:AssumeRole", own).allowed
    assert not found.may("sts:AssumeRole", own.replace("3", "1")).allowed
    assert not found.may("s3:GetObject", f"{BUCKET}/prod/a.tfstate").allowed


def test_every_environment_delegates_in_the_zone_above_and_nobody_else_does(
    bootstraps: Mapping[str, Synth],
) -> None:
    found = roles_of(bootstraps["management"].json)["ekp-dns"]
    zone = "arn:aws:route53:::hostedzone/Z0EKPEXAMPLEPARENT"
    assert found.may("route53:ChangeResourceRecordSets", zone).allowed
    assert not found.may("route53:ChangeResourceRecordSets", zone.replace("0", "1")).allowed
    for name, account in ACCOUNTS.items():
        arn = f"arn:aws:iam::{account}:role/ekp-deploy"
        assert may_assume(found.trust, role(arn)).allowed
        assert not may_assume(found.trust, role(arn.replace("deploy", "dns"))).allowed
        assumes = deployer(bootstraps[name]).may(
            "sts:AssumeRole", "arn:aws:iam::444444444444:role/ekp-dns"
        )
        assert assumes.allowed


@pytest.mark.parametrize("name", EVERY)
def test_policies_fit_into_what_iam_takes(bootstraps: Mapping[str, Synth], name: str) -> None:
    for path, policy in bootstraps[name].all("aws_iam_policy").items():
        # Spaces do not count.
        assert len("".join(policy["policy"].split())) <= SIZE_LIMIT, path
    attached = bootstraps[name].all("aws_iam_role_policy_attachment")
    # Source: IAM quotas, managed policies of a role.
    assert len(attached) <= 10


@pytest.mark.parametrize("name", EVERY)
def test_every_kind_of_resource_has_a_service_that_the_deploy_role_may_use(
    bootstraps: Mapping[str, Synth], stacks: Mapping[str, Synth], name: str
) -> None:
    allowed = {
        action.partition(":")[0]
        for policy in bootstraps[name].all("aws_iam_policy").values()
        for statement in document(policy["policy"])["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement.get("Action", ())
    }
    kinds = {
        kind
        for stack_id, kind, one in resources(stacks)
        # Some act in other accounts, by other roles.
        if stack_id.startswith(f"{name}-") and kind.startswith("aws_") and "provider" not in one
    }
    assert kinds
    missing = {kind: service_of(kind) for kind in kinds if service_of(kind) not in allowed}
    assert missing == {}


def test_every_role_of_the_platform_is_one_that_a_deploy_may_make(
    bootstraps: Mapping[str, Synth], stacks: Mapping[str, Synth]
) -> None:
    services, attached = set(), set()
    for stack_id, kind, one in resources(stacks):
        if kind == "aws_iam_role":
            found = deployer(bootstraps[stack_id.partition("-")[0]])
            account = ACCOUNTS[stack_id.partition("-")[0]]
            boundary = {"iam:PermissionsBoundary": one.get("permissions_boundary", "none")}
            arn = f"arn:aws:iam::{account}:role/{one['name']}"
            assert found.may("iam:CreateRole", arn, boundary).allowed, arn
            for statement in document(one["assume_role_policy"])["Statement"]:
                services |= {statement["Principal"].get("Service")} - {None}
        if kind == "aws_iam_role_policy_attachment":
            attached.add(one["policy_arn"].removeprefix("arn:aws:iam::aws:policy/"))
    assert services <= set(PASSED_TO)
    assert attached <= set(MANAGED_POLICIES)


@pytest.mark.parametrize("name", BOUNDED)
def test_the_boundary_leaves_the_platform_s_roles_what_they_do(
    bootstraps: Mapping[str, Synth], stacks: Mapping[str, Synth], name: str
) -> None:
    text = bootstraps[name].all("aws_iam_policy")["boundary"]["policy"]
    boundary = Policy.of(json.loads(text), "boundary")
    actions = {
        action
        for stack_id, kind, one in resources(stacks)
        if stack_id.startswith(f"{name}-") and kind == "aws_iam_role_policy"
        for statement in document(one["policy"])["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    assert actions
    anything = "arn:aws:any:::ekp"
    assert [one for one in actions if not may([boundary], None, one, anything).allowed] == []
    for forbidden in ("iam:CreateRole", "iam:PassRole", "organizations:LeaveOrganization"):
        assert not may([boundary], None, forbidden, anything).allowed
    assert not may([boundary], None, "s3:GetObject", f"{BUCKET}/{name}/a.tfstate").allowed
    account = ACCOUNTS[name]
    logs = f"arn:aws:s3:::ekp-{name}-global-{account}-state-access-logs/a"
    assert not may([boundary], None, "s3:DeleteObject", logs).allowed
    # A role that trusts its whole account is no way round what bounds a deploy.
    for taken_on, possible in (
        ("ekp-deploy", False),
        (f"ekp-{name}-global-github", False),
        ("operators", False),
        ("administrators", False),
        (f"ekp-{name}-euw1-hub", True),
    ):
        arn = f"arn:aws:iam::{account}:role/{taken_on}"
        assert may([boundary], None, "sts:AssumeRole", arn).allowed is possible, arn


@pytest.mark.parametrize("name", EVERY)
def test_a_deploy_role_may_look_for_what_a_destroy_left(
    bootstraps: Mapping[str, Synth], name: str
) -> None:
    found = deployer(bootstraps[name])
    assert [one for one in searched(name) if not found.may(*one).allowed] == []


def searched(name: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield what `ekp.runner.leftover*` asks of AWS: action, resource, what is known besides."""
    account, names = ACCOUNTS[name], f"ekp-{name}-"
    here = {"aws:RequestedRegion": "eu-west-1", "aws:ResourceTag/Project": "ekp"}

    def arn(service: str, rest: str, *, region: str = "eu-west-1") -> str:
        return f"arn:aws:{service}:{region}:{account}:{rest}"

    iam = partial(arn, "iam", region="")
    balancing, of_tags = partial(arn, "elasticloadbalancing"), "ListTagsForResource"
    asked = {
        # Lists, and what services give ids to.
        "*": [
            *("tag:GetResources", "logs:DescribeLogGroups"),
            *(f"ec2:Describe{kind}" for kind in ("Tags", "NatGateways", "Instances")),
            *(
                f"iam:List{kind}"
                for kind in ("Roles", "InstanceProfiles", "Policies", "OpenIDConnectProviders")
            ),
            *("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"),
            "elasticloadbalancing:DescribeTargetGroups",
        ],
        iam(f"role/{names}euw1-eks"): ["iam:ListRoleTags"],
        iam(f"instance-profile/{names}euw1-nodes"): ["iam:ListInstanceProfileTags"],
        iam(f"policy/{names}global-boundary"): ["iam:ListPolicyTags"],
        # It asks every provider of the account whose it is.
        iam("oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/1"): [
            "iam:ListOpenIDConnectProviderTags"
        ],
        iam(f"oidc-provider/{GITHUB}"): ["iam:ListOpenIDConnectProviderTags"],
        arn("kms", "key/1"): ["kms:DescribeKey"],
        arn("secretsmanager", f"secret:{names}euw1-a"): ["secretsmanager:DescribeSecret"],
        arn("cloudwatch", f"alarm:{names}euw1-a"): ["cloudwatch:DescribeAlarms"],
        balancing(f"loadbalancer/app/{names}euw1/1"): ["elasticloadbalancing:DescribeTags"],
        arn("acm", "certificate/1"): ["acm:ListTagsForCertificate"],
        arn("cloudfront", "distribution/1", region=""): ["cloudfront:GetDistribution"],
        arn("eks", f"cluster/{names}euw1-eks"): [f"eks:{of_tags}"],
        arn("eks", f"nodegroup/{names}euw1-eks/general/1"): [f"eks:{of_tags}"],
        arn("events", f"rule/{names}euw1-a"): [f"events:{of_tags}"],
        arn("sns", f"{names}euw1-a"): [f"sns:{of_tags}"],
        arn("wafv2", f"regional/webacl/{names}euw1/1"): ["wafv2:GetWebACL"],
        "arn:aws:route53:::hostedzone/1": ["route53:GetHostedZone"],
        "arn:aws:route53:::healthcheck/1": ["route53:GetHealthCheck"],
        f"arn:aws:s3:::{names}euw1-{account}-logs": ["s3:ListBucket"],
    }
    for resource, actions in asked.items():
        for action in actions:
            yield action, resource, here


def test_a_deploy_role_may_use_the_key_of_the_state_where_one_is_set() -> None:
    key = "arn:aws:kms:eu-west-1:444444444444:key/1"
    state = StateConfig(bucket="ekp-tfstate-444444444444", region="eu-west-1", kms_key_arn=key)
    ctx = settings.context(state=state, is_global=True)
    scope = DeployScope(ctx=ctx, regions=("eu-west-1",), bootstrap_key="prod/global/b.tfstate")
    statements = deploy_policies(scope)["state"]
    found = Policy.of({"Version": "2012-10-17", "Statement": statements})
    assert may([found], None, "kms:Decrypt", key).allowed
    assert not may([found], None, "kms:Decrypt", key.replace("/1", "/2")).allowed


def test_where_hcp_keeps_the_state_its_runs_deploy_and_there_is_no_bucket(app: App) -> None:
    hcp = HcpStateConfig(
        organization="acme",
        project="platform",
        agent_pool="private",
        run_role="ekp-hcp",
        terraform_version="1.11.4",
    )
    stack = made(app, settings.context(state=hcp, is_global=True))
    assert stack.all("aws_s3_bucket") == {}
    found = roles_of(stack.json)["ekp-hcp"]
    provider = f"{{{stack.address('aws_iam_openid_connect_provider', 'hcp/provider')}.arn}}"
    for workspace, admitted in (("prod-edge", True), ("dev-edge", False)):
        run = web_identity(
            provider_arn=provider,
            issuer_host="app.terraform.io",
            subject=f"organization:acme:project:platform:workspace:{workspace}:run_phase:apply",
            audience="aws.workload.identity",
        )
        assert may_assume(found.trust, run).allowed is admitted
    ours = role("arn:aws:iam::333333333333:role/ekp-hcp")
    assert may_assume(deployer(stack).trust, ours).allowed


def test_a_role_of_people_that_is_named_like_the_platform_s_is_still_out_of_reach(
    app: App,
) -> None:
    people = ("ekp-prod-administrators", "ekp-prod-operators", "ekp-prod-dns")
    administrators, operators, dns = (f"arn:aws:iam::333333333333:role/{name}" for name in people)
    zone = ParentZone(name="ekp.example", zone_id="Z0EKPEXAMPLEPARENT", role_arn=dns)

    stack = made(
        app,
        settings.context(is_global=True),
        administrators=(administrators,),
        deployers=(operators,),
        parent_zone=zone,
    )

    found = deployer(stack)
    assert found.may("iam:UpdateAssumeRolePolicy", f"{dns}-other").allowed
    for arn in (administrators, operators, dns):
        for action in ("iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:TagRole"):
            assert not found.may(action, arn).allowed, (action, arn)


def made(app: App, ctx: Context, **changes: Any) -> Synth:
    """Return a bootstrap of production with other settings than the organisation's."""
    written = {"administrators": ("arn:aws:iam::333333333333:role/administrators",), **changes}
    return Synth(
        BootstrapStack(
            app,
            ctx,
            BootstrapConfig(**written),
            regions=("eu-west-1",),
            assumes=(),
            organisation=Organisation(),
        )
    )


def resources(stacks: Mapping[str, Synth]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for stack_id, stack in stacks.items():
        for address, one in stack.resources().items():
            yield stack_id, address.partition(".")[0], one
