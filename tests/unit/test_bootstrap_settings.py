"""Settings of a bootstrap that would let too many in, or nobody, are refused in words."""

from typing import Any

from modules.aws.ci_role import GitHubActions, github_trust, hcp_trust
from modules.aws.deploy_role import role_path, trust_roles
from modules.core.state_hcp import HcpStateConfig
from modules.stacks.bootstrap_config import BootstrapConfig

import pytest
from pydantic import ValidationError

ADMINISTRATORS = ("arn:aws:iam::111111111111:role/administrators",)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"repository": "acme/platform"}, "no workflow may deploy; name a deployment environment"),
        ({"repository": "acme/platform", "branches": ("*",)}, "String should match pattern"),
        ({"repository": "acme/*", "branches": ("main",)}, "String should match pattern"),
        ({"repository": "acme", "branches": ("main",)}, "String should match pattern"),
        (
            {"repository": "acme/platform", "environments": ("prod:ref",)},
            "String should match pattern",
        ),
        (
            {"repository": "acme/platform", "environments": ("prod", "prod")},
            "environments names prod twice; remove one",
        ),
    ],
)
def test_workflows_are_named_one_by_one(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GitHubActions(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"administrators": ()}, "at least 1 item"),
        ({"administrators": ADMINISTRATORS * 2}, "administrators names arn:.* twice"),
        (
            {
                "administrators": ADMINISTRATORS,
                "parent_zone": {"name": "ekp.example", "zone_id": "Z0EKPEXAMPLEPARENT"},
            },
            "parent_zone ekp.example names no role_arn; name the role",
        ),
    ],
)
def test_a_bootstrap_says_who_runs_it_and_what_it_makes(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        BootstrapConfig(**settings)


def test_a_job_of_a_deployment_environment_is_told_from_one_of_a_branch() -> None:
    config = GitHubActions(
        repository="acme/platform", environments=("prod",), branches=("main", "release/1")
    )
    assert github_trust(config).subjects == (
        "repo:acme/platform:environment:prod",
        "repo:acme/platform:ref:refs/heads/main",
        "repo:acme/platform:ref:refs/heads/release/1",
    )


def test_runs_of_hcp_deploy_the_environment_whose_workspaces_they_are_in() -> None:
    state = HcpStateConfig(
        organization="acme",
        project="platform",
        workspace_prefix="ekp-",
        agent_pool="private",
        run_role="ekp-hcp",
        terraform_version="1.11.4",
    )
    trust = hcp_trust(state, "prod")
    assert (trust.host, trust.audience) == ("app.terraform.io", "aws.workload.identity")
    assert trust.subjects == (
        "organization:acme:project:platform:workspace:ekp-prod-*:run_phase:*",
    )
    assert trust.patterns


def test_callers_are_named_by_role_so_that_one_may_be_made_later() -> None:
    one, other = "arn:aws:iam::111111111111:role/a", "arn:aws:iam::222222222222:role/team/b"
    found = trust_roles("aws", [one, other])
    assert [statement["Principal"]["AWS"] for statement in found] == [
        "arn:aws:iam::111111111111:root",
        "arn:aws:iam::222222222222:root",
    ]
    assert [statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] for statement in found] == [
        [one],
        [other],
    ]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::111111111111:role/ekp-deploy", ("/", "ekp-deploy")),
        ("arn:aws:iam::111111111111:role/platform/ci/deploy", ("/platform/ci/", "deploy")),
        ("arn:aws:iam::111111111111:policy/ekp-boundary", ("/", "ekp-boundary")),
    ],
)
def test_a_role_is_made_under_the_path_of_its_arn(arn: str, expected: tuple[str, str]) -> None:
    assert role_path(arn) == expected
