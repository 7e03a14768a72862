"""Who used a bucket is written to another one, which takes such lines and nothing else."""

from modules.aws.access_logs import AccessLogs
from modules.aws.bucket import Bucket, BucketConfig
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from tests.support.synth import Synth, document, ref


@pytest.fixture
def plan(stack: TerraformStack, ctx: Context) -> Synth:
    logs = AccessLogs(stack, "access-logs", ctx=ctx, config=BucketConfig()).outputs
    bucket = Bucket(stack, "costs", ctx=ctx, name="costs", config=BucketConfig())
    bucket.log_accesses(logs.bucket_name, after=logs.ready)
    return Synth(stack)


def test_requests_to_a_bucket_stand_under_its_name(plan: Synth) -> None:
    used = plan.address("aws_s3_bucket", "costs")
    logging = plan.one("aws_s3_bucket_logging")

    assert logging["bucket"] == ref(used, "id")
    target = plan.address("aws_s3_bucket", "access-logs/bucket")
    assert logging["target_bucket"] == ref(target, "id")
    assert logging["target_prefix"] == f"{ref(used, 'bucket')}/"


def test_s3_alone_writes_there_and_for_buckets_of_the_same_place(plan: Synth) -> None:
    policy = plan.one("aws_s3_bucket_policy")["policy"]
    (allowed,) = (s for s in document(policy)["Statement"] if s["Effect"] == "Allow")

    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Action"] == ["s3:PutObject"]
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "333333333333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::ekp-prod-euw1-333333333333-*"},
    }


def test_s3_writes_to_no_bucket_with_a_key_so_this_one_has_none(plan: Synth) -> None:
    rules = plan.all("aws_s3_bucket_server_side_encryption_configuration")
    (rule,) = rules["access-logs/bucket/encryption"]["rule"]

    assert rule["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}


def test_the_target_admits_s3_before_a_bucket_names_it(plan: Synth) -> None:
    policy = plan.address("aws_s3_bucket_policy", "access-logs/bucket/policy")

    assert policy in plan.one("aws_s3_bucket_logging")["depends_on"]
