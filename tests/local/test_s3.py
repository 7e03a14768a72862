"""Corrections of moto's S3."""

from typing import Any

import pytest

from .conftest import REGION, Clients
from .edge import document
from .eks_cluster import refused

KEY = "layer/state.json"
# The pairs are a statement's condition and whether it keeps people from the objects.
OTHER_ACCOUNT = {"StringNotEquals": {"aws:ResourceAccount": "999999999999"}}
PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}
TLS = {"Bool": {"aws:SecureTransport": "true"}}
PLAIN_HTTP_REFUSED = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": PLAIN_HTTP,
}
UNKNOWN_KEY = {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}
UNKNOWN_OPERATOR = {"NumericLessThan": {"aws:SecureTransport": "2"}}


@pytest.fixture
def s3(clients: Clients) -> Any:
    return clients("s3")


@pytest.fixture
def bucket(s3: Any, account: str) -> str:
    name = f"bucket-{account}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key=KEY, Body=b"one")
    return name


def deny(s3: Any, bucket: str, **parts: Any) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        **parts,
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))


def call_all(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """Call what a policy is asked about, and give the refusals of the call that lists them."""
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"two")
    s3.head_object(Bucket=bucket, Key=KEY)
    s3.get_object(Bucket=bucket, Key=KEY)
    s3.delete_object(Bucket=bucket, Key=KEY)
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": KEY}]})
    return list(done.get("Errors", []))


@pytest.mark.parametrize(
    "parts",
    [
        {"Condition": PLAIN_HTTP},
        {"Condition": {**TLS, **UNKNOWN_KEY}},
        {"Condition": UNKNOWN_KEY},
        {"Condition": UNKNOWN_OPERATOR},
        {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}},
        {"Resource": "arn:aws:s3:::another/*"},
    ],
    ids=["plain-http", "tls-of-others", "unknown-key", "unknown-operator", "others", "elsewhere"],
)
def test_a_refusal_that_is_not_sure_to_be_meant_refuses_nobody(
    s3: Any, bucket: str, parts: dict[str, Any]
) -> None:
    deny(s3, bucket, **parts)

    assert call_all(s3, bucket) == []


@pytest.mark.parametrize("condition", [TLS, OTHER_ACCOUNT, {}])
def test_a_refusal_whose_conditions_hold_refuses_everyone(
    s3: Any, bucket: str, condition: dict[str, Any]
) -> None:
    deny(s3, bucket, Condition=condition)

    with refused("403", 403):
        s3.head_object(Bucket=bucket, Key=KEY)
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": KEY}]})
    assert [item["Code"] for item in done["Errors"]] == ["AccessDenied"]


def test_a_bucket_s_log_goes_where_s3_may_write_and_nowhere_else(
    s3: Any, bucket: str, account: str
) -> None:
    target = f"logs-{account}"
    s3.create_bucket(Bucket=target, CreateBucketConfiguration={"LocationConstraint": REGION})
    wanted = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": f"{bucket}/"}}
    refusal = {**PLAIN_HTTP_REFUSED, "Resource": [f"arn:aws:s3:::{target}/*"]}
    admission = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{target}/*"],
    }

    s3.put_bucket_policy(Bucket=target, Policy=document(refusal))
    with refused("InvalidTargetBucketForLogging", 400):
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=wanted)
    s3.put_bucket_policy(Bucket=target, Policy=document(refusal, admission))
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=wanted)

    found = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    assert (found["TargetBucket"], found["TargetPrefix"]) == (target, f"{bucket}/")


def test_whoever_may_not_read_an_object_may_not_ask_about_it(s3: Any, bucket: str) -> None:
    deny(s3, bucket, Action="s3:GetObject")

    with refused("403", 403):
        s3.head_object(Bucket=bucket, Key=KEY)
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"two")


def set_versioning(s3: Any, bucket: str, status: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def listed(s3: Any, bucket: str, kind: str) -> list[dict[str, str]]:
    """List the versions, or the delete markers, of a bucket."""
    found = s3.list_object_versions(Bucket=bucket).get(kind, [])
    return [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_a_bucket_is_emptied_of_versions_and_delete_markers_and_then_deleted(
    s3: Any, bucket: str, status: str
) -> None:
    set_versioning(s3, bucket, "Enabled")
    for key in (KEY, "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"two")
        s3.delete_object(Bucket=bucket, Key=key)
    set_versioning(s3, bucket, status)

    for kind, count in (("Versions", 3), ("DeleteMarkers", 2)):
        objects = listed(s3, bucket, kind)
        assert len(objects) == count
        done = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
        assert len(done["Deleted"]) == count
        assert "Errors" not in done
        assert listed(s3, bucket, kind) == []

    s3.delete_bucket(Bucket=bucket)


def test_a_version_is_deleted_alone_while_versions_are_suspended(s3: Any, bucket: str) -> None:
    set_versioning(s3, bucket, "Enabled")
    second = s3.put_object(Bucket=bucket, Key=KEY, Body=b"two")["VersionId"]
    set_versioning(s3, bucket, "Suspended")

    s3.delete_object(Bucket=bucket, Key=KEY, VersionId=second)

    assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"one"


def test_a_deletion_marks_an_object_and_keeps_its_versions_while_they_are_suspended(
    s3: Any, bucket: str
) -> None:
    set_versioning(s3, bucket, "Enabled")
    second = s3.put_object(Bucket=bucket, Key=KEY, Body=b"two")["VersionId"]
    set_versioning(s3, bucket, "Suspended")

    s3.delete_object(Bucket=bucket, Key=KEY)

    assert listed(s3, bucket, "Versions") == [{"Key": KEY, "VersionId": second}]
    assert listed(s3, bucket, "DeleteMarkers") == [{"Key": KEY, "VersionId": "null"}]
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key=KEY)
