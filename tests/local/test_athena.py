"""Corrections of moto's Athena."""

from typing import Any

import pytest

from .conftest import REGION, Clients
from .eks_cluster import refused

RESULTS = {"OutputLocation": "s3://results/", "ExpectedBucketOwner": "111122223333"}


@pytest.fixture
def athena(clients: Clients) -> Any:
    return clients("athena")


@pytest.fixture
def arn(athena: Any, account: str) -> str:
    """Make the workgroup `costs`, without a tag."""
    athena.create_work_group(
        Name="costs",
        Description="first",
        Configuration={"ResultConfiguration": RESULTS, "BytesScannedCutoffPerQuery": 2**30},
    )
    return f"arn:aws:athena:{REGION}:{account}:workgroup/costs"


def configuration(athena: Any) -> Any:
    return athena.get_work_group(WorkGroup="costs")["WorkGroup"]["Configuration"]


@pytest.mark.usefixtures("arn")
def test_a_workgroup_is_changed_in_what_is_named_and_nothing_else(athena: Any) -> None:
    before = configuration(athena)

    athena.update_work_group(
        WorkGroup="costs",
        State="DISABLED",
        ConfigurationUpdates={
            "BytesScannedCutoffPerQuery": 2**40,
            "ResultConfigurationUpdates": {"OutputLocation": "s3://other/"},
        },
    )

    found = athena.get_work_group(WorkGroup="costs")["WorkGroup"]
    assert (found["State"], found["Description"]) == ("DISABLED", "first")
    assert found["Configuration"] == {
        **before,
        "BytesScannedCutoffPerQuery": 2**40,
        "ResultConfiguration": {**RESULTS, "OutputLocation": "s3://other/"},
    }


@pytest.mark.usefixtures("arn")
def test_settings_are_taken_away_by_their_own_orders(athena: Any) -> None:
    athena.update_work_group(
        WorkGroup="costs",
        Description="",
        ConfigurationUpdates={
            "RemoveBytesScannedCutoffPerQuery": True,
            "ResultConfigurationUpdates": {"RemoveExpectedBucketOwner": True},
        },
    )

    found = athena.get_work_group(WorkGroup="costs")["WorkGroup"]
    assert (found["State"], found["Description"]) == ("ENABLED", "")
    assert found["Configuration"]["ResultConfiguration"] == {"OutputLocation": "s3://results/"}
    assert "BytesScannedCutoffPerQuery" not in found["Configuration"]


def test_tags_are_listed_whether_there_are_any(athena: Any, arn: str) -> None:
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == []

    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "platform"}])

    found = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert found == [{"Key": "team", "Value": "platform"}]
    with refused("ResourceNotFoundException", 400):
        athena.list_tags_for_resource(ResourceARN=f"{arn}s")


def test_a_workgroup_with_queries_is_deleted_with_them_or_not_at_all(athena: Any, arn: str) -> None:
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "platform"}])
    query = athena.start_query_execution(
        QueryString="SELECT 1", WorkGroup="costs", ResultConfiguration=RESULTS
    )["QueryExecutionId"]

    with refused("InvalidRequestException", 400, "WorkGroup costs is not empty"):
        athena.delete_work_group(WorkGroup="costs")
    athena.delete_work_group(WorkGroup="costs", RecursiveDeleteOption=True)

    assert query not in athena.list_query_executions()["QueryExecutionIds"]
    for call in (athena.get_work_group, athena.delete_work_group, athena.update_work_group):
        with refused("InvalidRequestException", 400, "WorkGroup costs is not found."):
            call(WorkGroup="costs")
    athena.create_work_group(Name="costs")
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
