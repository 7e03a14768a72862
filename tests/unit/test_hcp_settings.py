"""Settings of state in HCP Terraform: what is refused, and in which words."""

import json
from datetime import date
from typing import Any

from modules.core.config import deferred_validation
from modules.core.context import StateConfig
from modules.core.regions import SHORT_REGIONS
from modules.core.state_hcp import Execution, HcpStateConfig
from modules.core.tenant_iam import boundary_policy

import pytest
from pydantic import ValidationError

from environments import SettingsError, validate
from tests.support import settings

TODAY = date(2026, 11, 21)
GOOD: dict[str, Any] = {
    "organization": "acme",
    "project": "platform",
    "agent_pool": "private",
    "run_role": "ekp-run",
    "terraform_version": "1.11.4",
}


def problems(kind: type[Any], **written: Any) -> list[str]:
    with deferred_validation():
        state = kind(**written)
    with pytest.raises(SettingsError) as caught:
        validate((settings.written(state=state),), TODAY)
    return [one for one in caught.value.problems if ".state" in one]


def test_every_mistake_is_told_with_its_place_and_none_about_the_other_kind_of_state() -> None:
    found = problems(HcpStateConfig, **GOOD | {"organization": "a b", "terraform_version": "1"})

    assert len(found) == 2
    assert found[0].startswith("dev.state.organization = 'a b': ")
    assert found[1].startswith("dev.state.terraform_version = '1': ")


def test_a_mistake_in_a_bucket_is_told_as_before() -> None:
    found = problems(StateConfig, bucket="x", region="eu-west-1")

    assert len(found) == 1
    assert found[0].startswith("dev.state.bucket = 'x': ")


def test_agents_are_required() -> None:
    # Layers that talk to clusters could run nowhere.
    without = {name: value for name, value in GOOD.items() if name != "agent_pool"}

    assert problems(HcpStateConfig, **without) == [
        "dev.state.agent_pool: this setting is required; add it"
    ]


def test_a_name_that_is_nearly_a_setting_is_recognised() -> None:
    (found,) = problems(HcpStateConfig, **GOOD | {"workspace_prefx": "ekp-"})

    assert "there is no such setting; did you mean workspace_prefix?" in found


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("hostname", "https://tfe.acme.example"),
        ("hostname", "tfe"),
        ("project", "x"),
        ("run_role", "arn:aws:iam::333333333333:role/ekp-run"),
        ("workspace_prefix", "ekp/"),
    ],
)
def test_what_hcp_or_aws_would_refuse_is_refused_here(setting: str, value: str) -> None:
    with pytest.raises(ValidationError, match=setting):
        HcpStateConfig(**GOOD | {setting: value})


def test_the_longest_workspace_name_is_one_that_hcp_takes() -> None:
    # Source: HCP Terraform documentation, "Creating Workspaces": at most 90 characters.
    state = HcpStateConfig(**GOOD | {"workspace_prefix": "x" * 40})
    stack = f"{'e' * 15}-{max(SHORT_REGIONS, key=len)}-break-glass"

    assert len(state.workspace(stack)) <= 90


@pytest.mark.parametrize(
    ("layer", "execution"),
    [("network", Execution.REMOTE), ("edge", Execution.REMOTE), ("tenants", Execution.AGENT)],
)
def test_what_talks_to_a_cluster_runs_on_agents(layer: str, execution: Execution) -> None:
    assert HcpStateConfig(**GOOD).execution(layer) is execution


def test_tenants_are_kept_off_no_bucket_where_there_is_none() -> None:
    policy = boundary_policy(settings.context(state=HcpStateConfig(**GOOD)))
    denied = next(one for one in json.loads(policy)["Statement"] if one["Sid"] == "PlatformBuckets")

    assert (
        denied["Resource"] == ["arn:aws:s3:::ekp-*"] or denied["Resource"] == "arn:aws:s3:::ekp-*"
    )
