"""Tenants that nobody wrote: as many as asked for, the same ones for the same seed."""

import random
from collections.abc import Iterator

from modules.core.delivery import BlueGreen, Canary, HeaderCanary
from modules.core.grants import (
    BucketAccess,
    BucketGrant,
    Grants,
    KeyAccess,
    KeyGrant,
    QueueAccess,
    QueueGrant,
)
from modules.core.secrets import Database, Engine, Secret
from modules.core.services import Access, AccessRule, Caller, External, Route, Service
from modules.core.tenants import Quota, Tenant, TenantEnvironment

from .tenants import tenant

# Words that are beginnings of each other: names made of them must not be mistaken for another's.
_WORDS = ("a", "a-b", "ab", "b", "pay", "pay-in", "payments", "shop", "shop-eu", "sh")
_SERVICES = ("api", "web", "worker", "ledger", "api-v", "b-api")
_ACCOUNT = "333333333333"


def random_tenants(count: int, *, seed: int, environment: str = "prod") -> list[Tenant]:
    """Return tenants of one environment; no two share a namespace, a host or a group."""
    source = random.Random(seed)  # noqa: S311 - made-up settings, no secrets
    names: list[str] = []
    while len(names) < count:
        word = source.choice(_WORDS)
        name = word if word not in names else f"{word}-{len(names)}"
        if name not in names:
            names.append(name)
    return [_tenant(source, name, environment) for name in names]


def _tenant(source: random.Random, name: str, environment: str) -> Tenant:
    spaces = [name, f"{name}-x"][: source.randint(1, 2)]
    services = list(_services(source, name, spaces))
    databases = {"main": Database(engine=Engine.POSTGRESQL, host="db.example.org", database="main")}
    here = TenantEnvironment(
        quota=Quota(cpu="40", memory="80Gi", pods=200),
        databases=databases,
        grants=_grants(source, name, services),
    )
    return tenant(
        name,
        services=services,
        namespaces=tuple(spaces),
        environments={environment: here},
    )


def _services(source: random.Random, name: str, spaces: list[str]) -> Iterator[Service]:
    words = source.sample(_SERVICES, source.randint(len(spaces), 4))
    chosen = [(spaces[place % len(spaces)], word) for place, word in enumerate(words)]
    refs = [f"{space}/{word}" for space, word in chosen]
    # Each calls some of those that come after it, of its own tenant.
    calls = {
        ref: [other for other in refs[place + 1 :] if source.random() < 0.5]
        for place, ref in enumerate(refs)
    }
    for (space, word), ref in zip(chosen, refs, strict=True):
        routed = source.random() < 0.5
        yield Service(
            name=word,
            namespace=space,
            image=f"registry.example.org/{name}/{word}:1.0.{source.randint(0, 9)}",
            port=source.choice((8080, 9000)),
            routes=(Route(host=f"{word}-{space}"),) if routed else (),
            access=Access(rules=(AccessRule(paths=("/admin/*",), mfa=True),))
            if routed
            else Access(),
            callers=tuple(Caller(service=one) for one in refs if ref in calls[one]),
            calls=tuple(calls[ref]),
            external=(External(host="api.example.com"),) if source.random() < 0.5 else (),
            secrets=(
                *((Secret(name="key"),) if source.random() < 0.7 else ()),
                *((Secret(name="db", database="main"),) if source.random() < 0.4 else ()),
            ),
            strategy=source.choice((Canary(), HeaderCanary(), BlueGreen())),
        )


def _grants(source: random.Random, name: str, services: list[Service]) -> Grants:
    service = source.choice(services).name
    bucket = BucketGrant(
        service=service,
        # Some tenants share a bucket, each under a prefix of its own.
        bucket=source.choice((f"data-{name}", "shared-data")),
        prefix=f"{name}/",
        region="eu-west-1",
        access=source.choice(list(BucketAccess)),
    )
    queue = QueueGrant(
        service=service,
        queue=f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:{name}-orders",
        access=source.choice(list(QueueAccess)),
    )
    key = KeyGrant(
        service=service,
        key=f"arn:aws:kms:eu-west-1:{_ACCOUNT}:key/{name}-00000000",
        access=source.choice(list(KeyAccess)),
    )
    return Grants(buckets=(bucket,), queues=(queue,), keys=(key,))
