"""Grants for tests, all of the service cart unless said otherwise."""

from typing import Any

from modules.core.grants import (
    BucketAccess,
    BucketGrant,
    Grants,
    KeyAccess,
    KeyGrant,
    QueueAccess,
    QueueGrant,
)
from modules.core.services import Service

from . import settings

REGION = "eu-west-1"
Grant = BucketGrant | QueueGrant | KeyGrant
QUEUE = f"arn:aws:sqs:{REGION}:{settings.ACCOUNT}:shop-orders"
KEY = f"arn:aws:kms:{REGION}:{settings.ACCOUNT}:key/0a1b"


def bucket(access: str = "read", bucket: str = "data", **more: Any) -> BucketGrant:
    return BucketGrant(service="cart", bucket=bucket, access=BucketAccess(access), **more)


def queue(access: str = "send", queue: str = QUEUE, service: str = "cart") -> QueueGrant:
    return QueueGrant(service=service, queue=queue, access=QueueAccess(access))


def key(access: str = "decrypt", key: str = KEY) -> KeyGrant:
    return KeyGrant(service="cart", key=key, access=KeyAccess(access))


def granted(*given: Grant) -> Grants:
    return Grants(
        buckets=tuple(one for one in given if isinstance(one, BucketGrant)),
        queues=tuple(one for one in given if isinstance(one, QueueGrant)),
        keys=tuple(one for one in given if isinstance(one, KeyGrant)),
    )


def service(name: str = "cart", **changes: Any) -> Service:
    image = "registry.example.org/shop/cart:1.0.0"
    return Service(**{"name": name, "namespace": "shop", "image": image} | changes)
