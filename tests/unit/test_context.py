"""Names, tags and the place of state come from one place."""

from modules.core.regions import SHORT_REGIONS

import pytest
from pydantic import ValidationError

from tests.support.settings import context


def test_a_name_carries_project_environment_and_short_region() -> None:
    assert context().name("private", "euw1-az1") == "ekp-prod-euw1-private-euw1-az1"


def test_the_cluster_is_named_in_one_place() -> None:
    assert context(region="us-east-1").cluster_name == "ekp-prod-use1-eks"


def test_a_name_of_the_longest_length_is_taken() -> None:
    assert len(context().name("x" * 50, limit=64)) == 64


def test_a_name_too_long_is_refused_and_never_cut() -> None:
    with pytest.raises(ValueError, match="has 65 characters, the service allows 64; shorten the"):
        context().name("x" * 51, limit=64)


def test_two_regions_of_an_account_never_share_a_name() -> None:
    names = {context(region=region).name("x") for region in SHORT_REGIONS}

    assert len(names) == len(SHORT_REGIONS)


def test_each_layer_of_each_region_has_a_state_of_its_own() -> None:
    assert context().state_key("network") == "prod/eu-west-1/network.tfstate"
    assert context(region="us-east-1").state_key("network") == "prod/us-east-1/network.tfstate"
    assert context().stack_id("cluster") == "prod-eu-west-1-cluster"


def test_everything_is_tagged_with_who_answers_and_who_pays() -> None:
    assert context().tags == {
        "Project": "ekp",
        "Environment": "prod",
        "Owner": "platform",
        "CostCenter": "cc-1003",
        "ManagedBy": "terraform",
    }


def test_a_deploy_role_of_another_account_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"is in account 999999999999, the environment in"):
        context(deploy_role_arn="arn:aws:iam::999999999999:role/ekp-deploy")


def test_an_unknown_region_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValidationError, match=r"'eu-west-9' is not a region known here; use one"):
        context(region="eu-west-9")


@pytest.mark.parametrize("name", ["Prod", "p", "pro-d", "a" * 16])
def test_an_environment_name_that_breaks_names_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="environment"):
        context(environment=name)


@pytest.mark.parametrize("value", ["", "R&D", "cc-1003\n", "ünits; all", "x" * 257])
@pytest.mark.parametrize("setting", ["owner", "cost_center"])
def test_what_aws_takes_as_no_value_of_a_tag_is_refused(setting: str, value: str) -> None:
    with pytest.raises(ValidationError, match=setting):
        context(**{setting: value})


@pytest.mark.parametrize("value", ["Platform Team", "cc-1003/eu:a=b+c_d.e@ekp.example", "Équipe"])
def test_a_value_of_a_tag_may_hold_all_that_aws_takes(value: str) -> None:
    assert context(owner=value).tags["Owner"] == value


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::333333333333:role/ekp-boundary",
        "arn:aws:iam::333333333333:policy/",
        "arn:aws:s3:::ekp-boundary",
        "ekp-boundary",
    ],
)
def test_a_permissions_boundary_is_named_by_the_arn_of_a_policy(arn: str) -> None:
    with pytest.raises(ValidationError, match="permissions_boundary_arn"):
        context(permissions_boundary_arn=arn)


@pytest.mark.parametrize("owner", ["333333333333", "aws"])
def test_a_permissions_boundary_is_a_policy_of_ones_own_or_of_aws(owner: str) -> None:
    arn = f"arn:aws:iam::{owner}:policy/path/boundary"

    assert context(permissions_boundary_arn=arn).permissions_boundary_arn == arn


@pytest.mark.parametrize("account", ["33333333333", "3333333333333", "account"])
def test_an_account_id_has_twelve_digits(account: str) -> None:
    with pytest.raises(ValidationError, match="account_id"):
        context(account_id=account)
