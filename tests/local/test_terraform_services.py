"""Terraform with the real AWS provider: what platform services have in AWS, on the local AWS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ekp.local.prepare import prepare
from ekp.local.process import LocalAws, throwaway
from ekp.runner.imports import finished
from tests.support.settings import ACCOUNT, DEPLOY_ROLE

from .conftest import Clients, clients_of
from .edge import HOME
from .stack_services import PAYER, PAYER_ROLE, services
from .terraform import Terraform, terraform

NAME = "ekp-prod-euw1"
# They have arguments for the provider alone, which no API tells.
SET_AFTER_IMPORT = ("aws_athena_workgroup", "aws_kms_key", "aws_s3_bucket")


@pytest.fixture
def own_aws() -> Iterator[LocalAws]:
    """An AWS that holds nothing but this test's resources."""
    with throwaway() as running:
        yield running


def import_blocks(stack: dict[str, Any], resources: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Give import blocks; a resource of another provider says so in its block, too."""
    blocks = []
    for item in resources:
        kind, _, name = item["address"].partition(".")
        values = item["values"]
        id_ = finished(kind, values["id"], values.get)
        assert id_ is not None, item["address"]
        provider = stack["resource"][kind][name].get("provider")
        block = {"to": item["address"], "id": id_}
        blocks.append(block | ({"provider": provider} if provider else {}))
    return blocks


def tagged(*accounts: Clients) -> list[dict[str, Any]]:
    """Give what the tagging API finds in accounts."""
    return [
        entry
        for clients in accounts
        for page in clients("resourcegroupstaggingapi").get_paginator("get_resources").paginate()
        for entry in page["ResourceTagMappingList"]
    ]


def check_tags(clients: Clients, payer: Clients) -> None:
    """Every resource with tags has those of its layer, with the changed owner."""
    found = tagged(clients, payer)
    services_found = {entry["ResourceARN"].split(":")[2] for entry in found}
    assert services_found == {"athena", "events", "glue", "kms", "s3", "secretsmanager", "sqs"}
    for entry in found:
        tags = {tag["Key"]: tag["Value"] for tag in entry["Tags"]}
        assert tags["Owner"] == "platform-two", entry
        assert tags["Layer"] == "services", entry
        assert tags["Name"].startswith(NAME), entry


def check_report(clients: Clients, payer: Clients) -> None:
    """The report is the payer's, and the table is over the files that AWS will write."""
    cur = payer("cur", region=HOME)
    (report,) = cur.describe_report_definitions()["ReportDefinitions"]
    assert report["TimeUnit"] == "HOURLY"
    tags = cur.list_tags_for_resource(ReportName=report["ReportName"])["Tags"]
    assert {"Key": "Owner", "Value": "platform-two"} in tags
    name = "ekp_prod_euw1_costs"
    table = clients("glue").get_table(DatabaseName=name, Name="cost_and_usage")["Table"]
    place = f"{report['S3Bucket']}/{report['S3Prefix']}/{report['ReportName']}"
    assert table["StorageDescriptor"]["Location"] == f"s3://{place}/{report['ReportName']}/"
    columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    assert columns[-2:] == ["resource_tags_user_owner", "resource_tags_user_cost_center"]


def check_secret(clients: Clients) -> None:
    """Terraform writes no value."""
    secrets = clients("secretsmanager")
    found = secrets.describe_secret(SecretId=f"{NAME}-recovery")
    assert found["Description"] == "Recovery keys, changed"
    assert not secrets.list_secret_version_ids(SecretId=f"{NAME}-recovery")["Versions"]


def check_store(clients: Clients) -> None:
    """An object is encrypted with the bucket's key though its writer names none."""
    s3, name = clients("s3"), f"{NAME}-{ACCOUNT}-store"
    (key,) = [
        alias["TargetKeyId"]
        for alias in clients("kms").list_aliases()["Aliases"]
        if alias["AliasName"] == f"alias/{NAME}-store"
    ]
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"].endswith(key)
    s3.put_object(Bucket=name, Key="object", Body=b"one")
    assert s3.head_object(Bucket=name, Key="object")["ServerSideEncryption"] == "aws:kms"


def left_over(clients: Clients, payer: Clients) -> dict[str, Any]:
    keys = clients("kms")
    return {
        # KMS keeps a deleted key for weeks.
        "tagged": [item for item in tagged(clients, payer) if ":kms:" not in item["ResourceARN"]],
        "buckets": clients("s3").list_buckets()["Buckets"] + payer("s3").list_buckets()["Buckets"],
        "queues": clients("sqs").list_queues().get("QueueUrls"),
        "rules": clients("events").list_rules()["Rules"],
        "secrets": clients("secretsmanager").list_secrets()["SecretList"],
        "databases": clients("glue").get_databases()["DatabaseList"],
        "workgroups": [
            group["Name"]
            for group in clients("athena").list_work_groups()["WorkGroups"]
            if group["Name"] != "primary"
        ],
        "reports": payer("cur", region=HOME).describe_report_definitions()["ReportDefinitions"],
        "keys": [
            key["KeyId"]
            for key in keys.list_keys()["Keys"]
            if keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        ],
    }


def check_import(main: Terraform, other: Terraform, stack: dict[str, Any]) -> None:
    resources = main.resources()
    other.write(stack, **{"import": import_blocks(stack, resources)})
    other.init()
    assert other.changes() == {
        item["address"]: "update" for item in resources if item["type"] in SET_AFTER_IMPORT
    }


def test_what_services_need_is_applied_changed_imported_and_destroyed_without_a_trace(
    own_aws: LocalAws, session: Any, tmp_path: Path
) -> None:
    clients, payer = (clients_of(own_aws, session, account) for account in (ACCOUNT, PAYER))
    prepare(own_aws.endpoint, deploy_roles=[DEPLOY_ROLE, PAYER_ROLE], state_buckets=[])
    main, other = terraform(own_aws, tmp_path / "main"), terraform(own_aws, tmp_path / "other")

    main.write(services(str(tmp_path / "first"), changed=False))
    main.init()
    main.apply()
    assert main.is_settled()

    second = services(str(tmp_path / "second"), changed=True)
    main.write(second)
    main.apply()
    assert main.is_settled()
    check_tags(clients, payer)
    check_report(clients, payer)
    check_secret(clients)
    check_store(clients)

    check_import(main, other, second)

    main.destroy()
    left = {kind: found for kind, found in left_over(clients, payer).items() if found}
    assert left == {}, json.dumps(left, default=str)
