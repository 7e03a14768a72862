"""Grants: what of AWS a tenant's service may use; typed, so that nobody writes IAM policies."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .config import Config
from .service_words import ServiceName


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


class BucketGrant(Config):
    """Objects of an S3 bucket, or those under a prefix."""

    service: ServiceName
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: Annotated[str, Field(pattern=r"^([A-Za-z0-9!_.'()-]+/)*$", max_length=512)] = ""
    """With a slash at its end; none: all objects."""
    access: BucketAccess


class QueueGrant(Config):
    """Messages of an SQS queue."""

    service: ServiceName
    queue: Annotated[
        str, Field(pattern=r"^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}(\.fifo)?$")
    ]
    """ARN of the queue."""
    access: QueueAccess


class KeyGrant(Config):
    """A KMS key: of an encrypted bucket or queue, or for data of the service's own."""

    service: ServiceName
    key: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+$")]
    """ARN of the key itself; an alias may be moved to another."""
    access: KeyAccess


class Grants(Config):
    """Everything a tenant may use in one environment."""

    buckets: tuple[BucketGrant, ...] = ()
    queues: tuple[QueueGrant, ...] = ()
    keys: tuple[KeyGrant, ...] = ()

    def services(self) -> tuple[str, ...]:
        """Return the services that are granted something, in the order of their names."""
        every: tuple[BucketGrant | QueueGrant | KeyGrant, ...] = (
            *self.buckets,
            *self.queues,
            *self.keys,
        )
        return tuple(sorted({grant.service for grant in every}))
