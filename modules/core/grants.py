"""Grants: what of AWS a tenant's service may use; typed, so that nobody writes IAM policies."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .config import Config, named_once
from .context import AccountId, Region
from .regions import known_region
from .service_words import ServiceName

# Source: S3 user guide, "General purpose bucket naming rules".
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


def _bucket(name: str) -> str:
    if not _BUCKET.fullmatch(name) or ".." in name or _ADDRESS.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name of a bucket; write 3 to 63 small letters, digits, dots and "
            "dashes, without s3:// or an ARN"
        )
    return name


def _regional(arn: str) -> str:
    known_region(arn.split(":")[3])
    return arn


BucketName = Annotated[str, AfterValidator(_bucket)]
QueueArn = Annotated[
    str,
    Field(pattern=r"^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}(\.fifo)?$"),
    AfterValidator(_regional),
]
KeyArn = Annotated[
    str,
    Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"),
    AfterValidator(_regional),
]


class BucketAccess(StrEnum):
    """What a service does with the objects of a bucket."""

    READ = "read"
    WRITE = "write"
    """Puts and deletes, and does not read."""
    READ_WRITE = "read-write"


class QueueAccess(StrEnum):
    """What a service does with the messages of a queue."""

    SEND = "send"
    RECEIVE = "receive"


class KeyAccess(StrEnum):
    """What a service does with a KMS key."""

    ENCRYPT = "encrypt"
    DECRYPT = "decrypt"
    ENCRYPT_DECRYPT = "encrypt-decrypt"
    """Also what sending to an encrypted queue takes, and uploading in parts to an encrypted bucket.
    """


class BucketGrant(Config):
    """Objects of an S3 bucket, or those under a prefix."""

    service: ServiceName
    """Name of the tenant's service that may."""
    bucket: BucketName
    """Name of the bucket."""
    region: Region | None = None
    """Where the bucket is; None: in the only region that the tenant is in."""
    account_id: AccountId | None = None
    """Whose the bucket is, None: the environment's own. Names of buckets are global: whoever takes
    the name of a deleted one is sent nothing."""
    # No wildcard and no variable of IAM can be written in it.
    prefix: Annotated[str, Field(pattern=r"^([A-Za-z0-9!_.'()-]+/)*$", max_length=512)] = ""
    """With a slash at its end; none: all objects."""
    access: BucketAccess
    """What it may do; ``write`` puts and deletes, and does not read."""

    @property
    def objects(self) -> str:
        """What its objects' names begin with: ``<bucket>/<prefix>``."""
        return f"{self.bucket}/{self.prefix}"


class QueueGrant(Config):
    """Messages of an SQS queue."""

    service: ServiceName
    """Name of the tenant's service that may."""
    queue: QueueArn
    """ARN of the queue; one of another region is reached over its own addresses."""
    access: QueueAccess
    """Whether it sends or receives."""


class KeyGrant(Config):
    """A KMS key: of an encrypted bucket or queue, or for data of the service's own.

    The key's own policy has to let the account's IAM policies govern it.
    """

    service: ServiceName
    """Name of the tenant's service that may."""
    key: KeyArn
    """ARN of the key itself; an alias may be moved to another."""
    access: KeyAccess
    """What it may do; an encrypted queue is sent to with ``encrypt-decrypt``."""


class Grants(Config):
    """Everything a tenant may use in one environment."""

    buckets: tuple[BucketGrant, ...] = ()
    """Objects of S3 buckets."""
    queues: tuple[QueueGrant, ...] = ()
    """Messages of SQS queues."""
    keys: tuple[KeyGrant, ...] = ()
    """KMS keys."""

    @model_validator(mode="after")
    def each_stands_once(self) -> Self:
        """Refuse two grants of one thing: whoever removes one would believe that it is gone."""
        named_once("buckets", [f"{one.service} {one.objects}" for one in self.buckets])
        named_once("queues", [f"{one.service} {one.access} {one.queue}" for one in self.queues])
        named_once("keys", [f"{one.service} {one.key}" for one in self.keys])
        return self

    def services(self) -> tuple[str, ...]:
        """Return the services that are granted something, in the order of their names."""
        every: tuple[BucketGrant | QueueGrant | KeyGrant, ...] = (
            *self.buckets,
            *self.queues,
            *self.keys,
        )
        return tuple(sorted({grant.service for grant in every}))

    def of(self, service: str) -> "Grants":
        """Return those of one service."""
        return Grants(
            buckets=tuple(one for one in self.buckets if one.service == service),
            queues=tuple(one for one in self.queues if one.service == service),
            keys=tuple(one for one in self.keys if one.service == service),
        )
