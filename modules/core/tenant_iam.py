"""IAM policies of tenants' services, made of their grants."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .context import Context, StateConfig
from .grants import BucketAccess, Grants, KeyAccess, QueueAccess
from .iam import Conditions, Statement, allow, document

# Source: IAM user guide, "IAM and AWS STS quotas": white space does not count.
INLINE_LIMIT = 10_240
"""Characters of all inline policies of a role."""
MANAGED_LIMIT = 6_144
"""Characters of a managed policy."""
ROLE_NAME_LIMIT = 64

_GET = ("s3:GetObject",)
_PUT = ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
_LIST = ("s3:ListBucket",)
OBJECT_ACTIONS: Mapping[BucketAccess, tuple[str, ...]] = {
    BucketAccess.READ: _GET,
    BucketAccess.WRITE: _PUT,
    BucketAccess.READ_WRITE: (*_GET, *_PUT),
}
BUCKET_ACTIONS: Mapping[BucketAccess, tuple[str, ...]] = {
    BucketAccess.READ: _LIST,
    BucketAccess.WRITE: (),
    BucketAccess.READ_WRITE: _LIST,
}
_QUEUE = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes")
# The batches of each are allowed with it. Source: SQS developer guide, "Amazon SQS batch actions".
QUEUE_ACTIONS: Mapping[QueueAccess, tuple[str, ...]] = {
    QueueAccess.SEND: ("sqs:SendMessage", *_QUEUE),
    QueueAccess.RECEIVE: (
        *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"),
        *_QUEUE,
    ),
}
_ENCRYPT = ("kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext")
_DECRYPT = ("kms:Decrypt",)
KEY_ACTIONS: Mapping[KeyAccess, tuple[str, ...]] = {
    KeyAccess.ENCRYPT: _ENCRYPT,
    KeyAccess.DECRYPT: _DECRYPT,
    KeyAccess.ENCRYPT_DECRYPT: (*_ENCRYPT, *_DECRYPT),
}
_OF_PROJECT = "aws:ResourceTag/Project"


@dataclass(frozen=True)
class _Wanted:
    """Actions on one resource; those that differ in nothing else make one statement."""

    actions: tuple[str, ...]
    resource: str
    conditions: Conditions = field(default_factory=dict)


def service_role(ctx: Context, *, namespace: str, service: str) -> str:
    """Return what a service's role is called behind the prefix: ``<namespace>.<service>``.

    Neither part holds a dot, so no two services' names run together, nor with the platform's own.

    Raises:
        ValueError: the whole name is longer than IAM allows.
    """
    name = f"{namespace}.{service}"
    if (size := len(ctx.name(name))) > ROLE_NAME_LIMIT:
        raise ValueError(
            f"the role {ctx.name(name)} of service {namespace}/{service} has {size} characters, "
            f"IAM allows {ROLE_NAME_LIMIT}; shorten the namespace or the service's name"
        )
    return name


def service_policy(ctx: Context, *, service: str, grants: Grants) -> str:
    """Return what one service of a tenant may do.

    A key of the platform's own cannot be told by its ARN, so its tags keep services off it.

    Raises:
        ValueError: its grants are more than a role's policy holds.
    """
    together: dict[str, list[_Wanted]] = {}
    for one in _wanted(ctx, grants.of(service)):
        together.setdefault(json.dumps([one.actions, one.conditions]), []).append(one)
    text = document(
        *(
            allow(
                f"Grant{number}",
                alike[0].actions,
                [one.resource for one in alike],
                conditions=alike[0].conditions,
            )
            for number, alike in enumerate(together.values(), start=1)
        )
    )
    if (size := policy_size(text)) > INLINE_LIMIT:
        raise ValueError(
            f"the grants of {service} make a policy of {size} characters, IAM takes "
            f"{INLINE_LIMIT} a role; grant prefixes that hold others, or split the service"
        )
    return text


def boundary_policy(ctx: Context) -> str:
    """Return the most that any tenant's service may do: what can be granted, on what is not ours.

    It allows nobody anything; a role's own policy has to allow it too.
    """
    arn = f"arn:{ctx.partition}"
    objects = sorted({*_GET, *_PUT})
    queues = sorted({action for found in QUEUE_ACTIONS.values() for action in found})
    keys = sorted({action for found in KEY_ACTIONS.values() for action in found})
    own = dict.fromkeys([f"{arn}:s3:::{ctx.project}-*", *_state_objects(ctx)])
    return document(
        allow("Objects", objects, [f"{arn}:s3:::*/*"]),
        allow("Buckets", _LIST, [f"{arn}:s3:::*"]),
        allow("Queues", queues, [f"{arn}:sqs:*:*:*"]),
        allow("Keys", keys, [f"{arn}:kms:*:*:key/*"]),
        _deny("PlatformBuckets", [*objects, *_LIST], list(own)),
        _deny("PlatformQueues", queues, [f"{arn}:sqs:*:*:{ctx.project}-*"]),
        _deny(
            "PlatformKeys",
            keys,
            [f"{arn}:kms:*:*:key/*"],
            {"StringEquals": {_OF_PROJECT: ctx.project}},
        ),
    )


def policy_size(text: str) -> int:
    """Return how many characters of a document count against IAM's limits."""
    return len(re.sub(r"\s", "", text))


def _wanted(ctx: Context, grants: Grants) -> Iterator[_Wanted]:
    for bucket in grants.buckets:
        arn = f"arn:{ctx.partition}:s3:::{bucket.bucket}"
        whose = {"StringEquals": {"aws:ResourceAccount": bucket.account_id or ctx.account_id}}
        yield _Wanted(OBJECT_ACTIONS[bucket.access], f"{arn}/{bucket.prefix}*", whose)
        if listing := BUCKET_ACTIONS[bucket.access]:
            within = {"StringLike": {"s3:prefix": f"{bucket.prefix}*"}} if bucket.prefix else {}
            yield _Wanted(listing, arn, {**whose, **within})
    for queue in grants.queues:
        yield _Wanted(QUEUE_ACTIONS[queue.access], queue.queue)
    for key in grants.keys:
        not_ours = {"StringNotEquals": {_OF_PROJECT: ctx.project}}
        yield _Wanted(KEY_ACTIONS[key.access], key.key, not_ours)


def _state_objects(ctx: Context) -> Iterator[str]:
    """Yield the ARNs of a state that lies in this organisation's own bucket."""
    if isinstance(ctx.state, StateConfig):
        bucket = f"arn:{ctx.partition}:s3:::{ctx.state.bucket}"
        yield from (bucket, f"{bucket}/*")


def _deny(
    sid: str, actions: list[str], resources: list[str], conditions: Conditions | None = None
) -> Statement:
    return {**allow(sid, actions, resources, conditions=conditions), "Effect": "Deny"}
