"""Grants of an environment are its tenants' own, and such that roles can be made of them."""

from modules.core.context import Context
from modules.core.grant_checks import grant_problems
from modules.core.tenants import Tenancy, TenantEnvironment

import pytest

from ..support import settings
from ..support.grants import KEY, QUEUE, REGION, Grant, bucket, granted, key, queue, service
from ..support.tenants import tenancy, tenant

CTX = settings.context()
US = settings.context(region="us-east-1")


def of(name: str, *given: Grant, regions: tuple[str, ...] = (REGION,)) -> Tenancy:
    here = TenantEnvironment(grants=granted(*given), regions=regions)
    services = [service(namespace=name), service("stock", namespace=name)]
    return tenancy(tenant(name, services=services, environments={"prod": here}))


def problems(*tenancies: Tenancy, places: tuple[Context, ...] = (CTX, US)) -> list[str]:
    """Return the problems as people read them, after the name of the file."""
    found = grant_problems(tenancies, places)
    return [f"{one.tenant} {'.'.join(map(str, one.loc))}{one.text}" for one in found]


def test_grants_without_a_fault_have_no_problems() -> None:
    every = (bucket(), bucket("write", prefix="a/"), queue(), queue("receive"), key())

    assert problems(of("shop", *every), of("billing", bucket(bucket="bills"))) == []


@pytest.mark.parametrize(
    "grant",
    [
        bucket(bucket="ekp-prod-euw1-333333333333-vault"),
        bucket(bucket="ekp-tfstate-444444444444"),
        queue(queue=f"arn:aws:sqs:{REGION}:{settings.ACCOUNT}:ekp-prod-euw1-karpenter"),
    ],
)
def test_what_is_the_platforms_is_granted_to_nobody(grant: Grant) -> None:
    (line,) = problems(of("shop", grant))

    assert "ekp-" in line
    assert line.startswith("shop environments.prod.grants.")
    assert "belongs to the platform; grant one of the tenant's own" in line


def test_the_bucket_and_the_key_of_the_state_are_granted_to_nobody() -> None:
    state = CTX.state.model_copy(update={"bucket": "company-state", "kms_key_arn": KEY})
    place = CTX.model_copy(update={"state": state})

    lines = problems(of("shop", bucket(bucket="company-state"), key()), places=(place,))

    assert [line.partition(" = ")[0] for line in lines] == [
        "shop environments.prod.grants.buckets.0.bucket",
        "shop environments.prod.grants.keys.0.key",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bucket(), bucket()),
        (bucket(), bucket(prefix="a/")),
        (bucket(prefix="a/b/"), bucket(prefix="a/")),
        (queue(), queue("receive")),
        (key(), key()),
    ],
)
def test_what_one_tenant_is_granted_no_other_is(one: Grant, other: Grant) -> None:
    (line,) = problems(of("shop", one), of("billing", other))

    assert line.startswith("billing environments.prod.grants.")
    assert "tenant shop is granted" in line
    assert "give each a bucket, prefix, queue or key of its own" in line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bucket(), bucket(bucket="data-2")),
        (bucket(prefix="a/"), bucket(prefix="ab/")),
        (queue(), queue(queue=f"{QUEUE}-2")),
        (queue(), queue(queue=QUEUE.replace(REGION, "us-east-1"))),
    ],
)
def test_neighbours_are_granted_to_two_tenants(one: Grant, other: Grant) -> None:
    assert problems(of("shop", one), of("billing", other)) == []


def test_a_bucket_says_where_it_is_once_its_tenant_is_in_two_regions() -> None:
    (line,) = problems(of("shop", bucket(), regions=()))

    assert line == (
        "shop environments.prod.grants.buckets.0.region is left out, shop is in eu-west-1, "
        "us-east-1; write where data is"
    )
    assert problems(of("shop", bucket(region=REGION), regions=())) == []


def test_an_arn_of_another_partition_is_refused() -> None:
    (line,) = problems(of("shop", queue(queue=QUEUE.replace("arn:aws:", "arn:aws-cn:"))))

    assert "is of partition aws-cn, the environment of aws; correct the ARN" in line


def test_a_policy_that_is_too_large_is_told_where_its_grants_are() -> None:
    many = of("shop", *(bucket("read", f"data-{n}", prefix=f"{n}/") for n in range(60)))

    (line,) = problems(many)

    assert line.startswith("shop environments.prod.grants: the grants of cart make a policy of")


def test_all_problems_are_told_at_once() -> None:
    several = of("shop", bucket(), bucket(bucket="ekp-a", region=REGION), queue(), regions=())

    lines = problems(several, of("billing", queue()))

    said = ["is left out", "belongs to the platform", "tenant shop is granted"]
    assert [next(word for word in said if word in line) for line in lines] == said


def test_what_a_tenant_that_is_in_none_of_the_regions_is_granted_harms_nobody() -> None:
    assert problems(of("shop", bucket(bucket="ekp-a")), places=(US,)) == []
