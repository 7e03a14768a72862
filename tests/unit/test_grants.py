"""Grants become policies that allow what they say, on what they say, and nothing else."""

import json
from collections.abc import Callable

from modules.core.grants import BucketAccess, KeyAccess, QueueAccess
from modules.core.tenant_iam import (
    BUCKET_ACTIONS,
    INLINE_LIMIT,
    KEY_ACTIONS,
    MANAGED_LIMIT,
    OBJECT_ACTIONS,
    QUEUE_ACTIONS,
    boundary_policy,
    policy_size,
    service_policy,
    service_role,
)

import pytest
from pydantic import ValidationError

from ekp.evaluate.iam.policies import Policy, may

from ..support import settings
from ..support.grants import KEY, QUEUE, REGION, Grant, bucket, granted, key, queue

CTX = settings.context()
OWN = {"aws:ResourceAccount": settings.ACCOUNT}
KEYS = {
    "account": "aws:ResourceAccount",
    "prefix": "s3:prefix",
    "project": "aws:ResourceTag/Project",
}
# Neighbours of what is granted, and actions that no grant gives.
ACTIONS = sorted(
    {
        *(action for level in BucketAccess for action in OBJECT_ACTIONS[level]),
        *(action for level in QueueAccess for action in QUEUE_ACTIONS[level]),
        *(action for level in KeyAccess for action in KEY_ACTIONS[level]),
        *("s3:ListBucket", "s3:GetObjectVersion", "s3:DeleteBucket", "s3:PutBucketPolicy"),
        *("sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:AddPermission", "kms:CreateGrant"),
        *("kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "sts:AssumeRole", "iam:PassRole"),
    }
)


def allowing(*given: Grant) -> Policy:
    text = service_policy(CTX, service="cart", grants=granted(*given))
    return Policy.of(json.loads(text), "cart")


def allowed(policy: Policy, action: str, resource: str, **context: str) -> bool:
    known = {KEYS[name]: value for name, value in context.items()}
    return may([policy], None, action, resource, known or OWN).allowed


def actions(policy: Policy, resource: str) -> set[str]:
    return {one for one in ACTIONS if allowed(policy, one, resource)}


@pytest.mark.requirement("R44")
@pytest.mark.parametrize("access", BucketAccess)
def test_a_bucket_grant_allows_its_own_actions(access: BucketAccess) -> None:
    policy = allowing(bucket(access))

    assert actions(policy, "arn:aws:s3:::data/a/b") == set(OBJECT_ACTIONS[access])
    assert actions(policy, "arn:aws:s3:::data") == set(BUCKET_ACTIONS[access])


def test_who_writes_objects_does_not_read_them() -> None:
    writes = actions(allowing(bucket("write")), "arn:aws:s3:::data/a")

    assert writes == {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}
    assert actions(allowing(bucket("read")), "arn:aws:s3:::data/a") == {"s3:GetObject"}
    assert actions(allowing(bucket("write")), "arn:aws:s3:::data") == set()


@pytest.mark.parametrize("access", QueueAccess)
def test_a_queue_grant_allows_its_own_actions(access: QueueAccess) -> None:
    policy = allowing(queue(access))

    assert actions(policy, QUEUE) == set(QUEUE_ACTIONS[access])
    assert ("sqs:SendMessage" in actions(policy, QUEUE)) is (access is QueueAccess.SEND)
    assert ("sqs:ReceiveMessage" in actions(policy, QUEUE)) is (access is QueueAccess.RECEIVE)


@pytest.mark.parametrize("access", KeyAccess)
def test_a_key_grant_allows_its_own_actions(access: KeyAccess) -> None:
    policy = allowing(key(access))

    assert actions(policy, KEY) == set(KEY_ACTIONS[access])
    assert ("kms:Decrypt" in actions(policy, KEY)) is (access is not KeyAccess.ENCRYPT)
    assert ("kms:Encrypt" in actions(policy, KEY)) is (access is not KeyAccess.DECRYPT)


@pytest.mark.parametrize(
    ("grant", "others"),
    [
        (
            bucket("read-write"),
            ["arn:aws:s3:::data-2/a", "arn:aws:s3:::dat/a", "arn:aws:s3:::data-2"],
        ),
        (
            bucket("read-write", prefix="a/"),
            [
                "arn:aws:s3:::data/ab/c",
                "arn:aws:s3:::data/A/c",
                "arn:aws:s3:::data/b",
                "arn:aws:s3:::a/",
            ],
        ),
        (
            queue(),
            [f"{QUEUE}-2", QUEUE.replace(REGION, "us-east-1"), QUEUE.replace("3333", "1111")],
        ),
        (key("encrypt-decrypt"), [f"{KEY}2", KEY.replace(REGION, "us-east-1")]),
    ],
)
def test_a_grant_reaches_no_neighbour(grant: Grant, others: list[str]) -> None:
    policy = allowing(grant)

    assert {other: actions(policy, other) for other in others} == {other: set() for other in others}


@pytest.mark.parametrize(
    ("prefix", "asked", "listed"),
    [
        ("a/", "a/", True),
        ("a/", "a/b", True),
        ("a/", "ab/", False),
        ("a/", "a", False),
        ("a/", "", False),
        ("", "", True),
        ("", "b/", True),
    ],
)
def test_a_bucket_is_listed_under_the_prefix_alone(
    prefix: str, asked: str, *, listed: bool
) -> None:
    policy = allowing(bucket(prefix=prefix))
    found = allowed(
        policy, "s3:ListBucket", "arn:aws:s3:::data", account=settings.ACCOUNT, prefix=asked
    )

    assert found is listed


def test_a_bucket_under_a_prefix_is_not_listed_without_one() -> None:
    policy = allowing(bucket(prefix="a/"))

    assert not allowed(policy, "s3:ListBucket", "arn:aws:s3:::data")


def test_whoever_takes_the_name_of_a_deleted_bucket_gets_nothing() -> None:
    policy = allowing(bucket("write"))
    other = "111111111111"

    assert not allowed(policy, "s3:PutObject", "arn:aws:s3:::data/a", account=other)
    lists = allowing(bucket("read", prefix="a/"))
    assert not allowed(lists, "s3:ListBucket", "arn:aws:s3:::data", prefix="a/", account=other)
    theirs = allowing(bucket("write", account_id=other))
    assert allowed(theirs, "s3:PutObject", "arn:aws:s3:::data/a", account=other)


def test_a_key_of_the_platform_is_of_no_use_to_a_service() -> None:
    policy = allowing(key())

    assert not allowed(policy, "kms:Decrypt", KEY, project="ekp")
    assert allowed(policy, "kms:Decrypt", KEY, project="shop")


def test_no_policy_holds_a_wildcard_among_its_actions() -> None:
    every = granted(bucket("read-write"), queue(), queue("receive"), key("encrypt-decrypt"))
    texts = [
        service_policy(CTX, service="cart", grants=every),
        boundary_policy(CTX),
    ]
    found = [one for text in texts for one in json.loads(text)["Statement"]]

    assert not [action for one in found for action in one["Action"] if "*" in action]
    assert not [one for one in found if "*" in one["Resource"]]


def test_a_policy_is_of_one_service() -> None:
    grants = granted(queue(), queue(service="stock", queue=f"{QUEUE}-stock"))

    stock = service_policy(CTX, service="stock", grants=grants)

    assert f"{QUEUE}-stock" in stock
    assert f'"{QUEUE}"' not in stock
    assert grants.services() == ("cart", "stock")


def test_arns_are_of_the_partition() -> None:
    china = CTX.model_copy(update={"partition": "aws-cn"})
    text = service_policy(china, service="cart", grants=granted(bucket()))

    assert "arn:aws-cn:s3:::data/*" in text
    assert "arn:aws:" not in text


def test_a_policy_larger_than_iam_takes_is_refused() -> None:
    many = granted(*(bucket("read", f"data-{number}", prefix=f"{number}/") for number in range(60)))

    with pytest.raises(ValueError, match=r"the grants of cart make .* takes 10240 a role"):
        service_policy(CTX, service="cart", grants=many)
    fits = granted(*(bucket("write", f"data-{number}") for number in range(60)))
    text = service_policy(CTX, service="cart", grants=fits)
    assert policy_size(text) <= INLINE_LIMIT


def test_white_space_counts_against_no_limit() -> None:
    assert policy_size('{"a": "b",\n\t"c": []}') == 16


BOUNDARY = Policy.of(json.loads(boundary_policy(CTX)), "boundary")
ADMIN = Policy.of(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def bounded(action: str, resource: str, **context: str) -> bool:
    return may([ADMIN], BOUNDARY, action, resource, context).allowed


def test_the_boundary_caps_a_policy_that_is_too_wide() -> None:
    wanted = [one for one in ACTIONS if bounded(one, "arn:aws:s3:::data/a")]

    assert wanted == [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ]
    assert not bounded("iam:CreateRole", "*")
    assert not bounded("sts:AssumeRole", "arn:aws:iam::333333333333:role/ekp-deploy")
    assert not bounded("secretsmanager:GetSecretValue", "*")
    assert not bounded("kms:Decrypt", "arn:aws:kms:eu-west-1:333333333333:alias/a")


def test_the_boundary_lets_through_whatever_can_be_granted() -> None:
    every = allowing(
        bucket("read-write"),
        queue(),
        queue("receive"),
        key("encrypt-decrypt"),
        bucket("read", "bills"),
    )
    asked = [("arn:aws:s3:::data/a/b", one) for one in ACTIONS if one.startswith("s3:")]
    asked += [(QUEUE, one) for one in ACTIONS] + [(KEY, one) for one in ACTIONS]

    for resource, action in asked:
        alone = may([every], None, action, resource, OWN).allowed
        assert may([every], BOUNDARY, action, resource, OWN).allowed is alone


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::ekp-prod-euw1-333333333333-vault/snapshot"),
        ("s3:ListBucket", "arn:aws:s3:::ekp-tfstate-444444444444"),
        ("s3:GetObject", "arn:aws:s3:::ekp-tfstate-444444444444/prod/edge.tfstate"),
        ("sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:333333333333:ekp-prod-euw1-karpenter"),
    ],
)
def test_the_boundary_keeps_services_off_what_is_the_platforms(action: str, resource: str) -> None:
    assert not bounded(action, resource)


def test_the_boundary_keeps_services_off_state_of_any_name() -> None:
    state = CTX.state.model_copy(update={"bucket": "company-state"})
    text = boundary_policy(CTX.model_copy(update={"state": state}))
    boundary = Policy.of(json.loads(text))

    for resource in ("arn:aws:s3:::company-state", "arn:aws:s3:::company-state/prod/a"):
        for action in ("s3:GetObject", "s3:ListBucket"):
            assert not may([ADMIN], boundary, action, resource).allowed
    assert may([ADMIN], boundary, "s3:GetObject", "arn:aws:s3:::company-state-2/a").allowed


def test_the_boundary_keeps_services_off_keys_with_the_platforms_tag() -> None:
    assert bounded("kms:Decrypt", KEY)
    assert not bounded("kms:Decrypt", KEY, **{"aws:ResourceTag/Project": "ekp"})


def test_the_boundary_fits_a_managed_policy() -> None:
    assert policy_size(boundary_policy(CTX)) <= MANAGED_LIMIT


def test_roles_are_told_apart_from_each_other_and_from_the_platforms() -> None:
    pairs = [("a-b", "c"), ("a", "b-c"), ("rancher", "agent")]
    names = [service_role(CTX, namespace=space, service=name) for space, name in pairs]

    assert len(set(names)) == len(pairs)
    # Of the platform's own none holds a dot.
    assert all(name.count(".") == 1 for name in names)


def test_a_role_name_longer_than_iam_takes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"service a{46}/cart has 65 characters, IAM allows 64"):
        service_role(CTX, namespace="a" * 46, service="cart")
    assert service_role(CTX, namespace="a" * 45, service="cart") == f"{'a' * 45}.cart"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: granted(bucket("read"), bucket("write")), "buckets names cart data/ twice"),
        (lambda: granted(queue(), queue()), f"queues names cart send {QUEUE} twice"),
        (lambda: granted(key("encrypt"), key("decrypt")), f"keys names cart {KEY} twice"),
        (lambda: bucket(bucket="s3://data"), "'s3://data' is no name of a bucket"),
        (lambda: bucket(bucket="data*"), "is no name of a bucket"),
        (lambda: bucket(bucket="a..b"), "is no name of a bucket"),
        (lambda: bucket(bucket="10.0.0.1"), "is no name of a bucket"),
        (lambda: bucket(prefix="a"), "prefix"),
        (lambda: bucket(prefix="*/"), "prefix"),
        (lambda: bucket(prefix="${aws:username}/"), "prefix"),
        (lambda: queue(queue=QUEUE.replace("shop-orders", "*")), "queue"),
        (lambda: queue(queue=QUEUE.replace(REGION, "eu-wst-1")), "'eu-wst-1' is not a region"),
        (lambda: key(key=KEY.replace("key/0a1b", "alias/shop")), "key"),
        (lambda: key(key=KEY.replace(REGION, "mars-1")), "'mars-1' is not a region"),
    ],
)
def test_a_grant_that_says_something_else_is_refused(
    build: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message.replace("*", r"\*")):
        build()


def test_who_sends_to_a_queue_may_be_granted_to_receive_too() -> None:
    assert len(granted(queue(), queue("receive")).queues) == 2
