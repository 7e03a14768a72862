"""What is wrong with the grants of an environment's tenants, beyond each by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from .context import Context, StateConfig
from .tenant_iam import service_policy
from .tenants import Tenancy

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class GrantProblem:
    """Something wrong with a tenant's grants."""

    tenant: str
    loc: Loc
    """The setting, inside the tenant."""
    text: str
    """Follows the setting's path."""


@dataclass(frozen=True, slots=True)
class _Thing:
    """What a grant names, and where the grant is written."""

    tenant: str
    loc: Loc
    name: str
    """A bucket with its prefix, or an ARN."""


def grant_problems(tenancies: Sequence[Tenancy], places: Sequence[Context]) -> list[GrantProblem]:
    """Return everything wrong with the grants of one environment.

    What a tenant is granted is its own: no other tenant has it, and it is not the platform's.

    Args:
        tenancies: the environment's tenants.
        places: where the environment is, one for each of its regions.
    """
    found = [problem for one in tenancies for problem in _of_tenancy(one, places)]
    shared = [
        GrantProblem(
            other.tenant,
            other.loc,
            f" = {other.name!r}: tenant {one.tenant} is granted {one.name}; give each a bucket, "
            "prefix, queue or key of its own, and let services call each other for the rest",
        )
        for one, other in combinations([t for one in tenancies for t in _things(one)], 2)
        if one.tenant != other.tenant and _overlap(one.name, other.name)
    ]
    return [*found, *shared]


def _of_tenancy(tenancy: Tenancy, places: Sequence[Context]) -> Iterator[GrantProblem]:
    here = [place for place in places if tenancy.runs_in(place.region)]
    if not here:
        return
    grants = tenancy.settings.grants
    for service in grants.services():
        try:
            service_policy(here[0], service=service, grants=grants)
        except ValueError as error:
            yield GrantProblem(tenancy.name, _loc(tenancy), f": {error}")
    for number, bucket in enumerate(grants.buckets):
        if bucket.region is None and len(here) > 1:
            regions = ", ".join(place.region for place in here)
            yield GrantProblem(
                tenancy.name,
                (*_loc(tenancy), "buckets", number, "region"),
                f" is left out, {tenancy.name} is in {regions}; write where {bucket.bucket} is",
            )
    for thing in _things(tenancy):
        if why := _not_theirs(thing.name, here[0]):
            yield GrantProblem(tenancy.name, thing.loc, f" = {thing.name!r}: {why}")


def _things(tenancy: Tenancy) -> Iterator[_Thing]:
    grants = tenancy.settings.grants
    named = {
        ("buckets", "bucket"): [one.objects for one in grants.buckets],
        ("queues", "queue"): [one.queue for one in grants.queues],
        ("keys", "key"): [one.key for one in grants.keys],
    }
    for (kind, setting), names in named.items():
        for number, name in enumerate(names):
            yield _Thing(tenancy.name, (*_loc(tenancy), kind, number, setting), name)


def _overlap(one: str, other: str) -> bool:
    """Tell whether two grants reach a common thing: objects under a common prefix, or one ARN."""
    if one.startswith("arn:") or other.startswith("arn:"):
        return one == other
    return one.startswith(other) or other.startswith(one)


def _not_theirs(name: str, place: Context) -> str | None:
    """Return why a tenant may not be granted it; None: it may."""
    own = f"{place.project}-"
    platform = "belongs to the platform; grant one of the tenant's own"
    if not name.startswith("arn:"):
        bucket = name.partition("/")[0]
        ours = bucket.startswith(own) or bucket in _state(place)
        return f"{platform}, whose name does not begin with {own}" if ours else None
    _, partition, _, _, _, resource = name.split(":", 5)
    if partition != place.partition:
        return f"is of partition {partition}, the environment of {place.partition}; correct the ARN"
    if name in _state(place):
        return platform
    return f"{platform}, whose name does not begin with {own}" if resource.startswith(own) else None


def _state(place: Context) -> Sequence[str | None]:
    """Return the bucket and the key that keep the state, where it is in S3."""
    state = place.state
    return (state.bucket, state.kms_key_arn) if isinstance(state, StateConfig) else ()


def _loc(tenancy: Tenancy) -> Loc:
    return ("environments", tenancy.environment, "grants")
