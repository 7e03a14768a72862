"""The drill ``region-down``."""

from collections.abc import Iterator

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, Table, failed, holds

from . import alarms, alone, capacity, clients, fallback, local, quiet, timing
from .served import Served, listed

NAME, TITLE = "region-down", "A region goes down"
SEVERAL = "Users are led to two regions or more, so that one can be lost."


def run(configured: Configured, place: Place) -> Drill:
    """Lose every region in turn, and look who answers, with what, and what is gone."""
    served = Served.of(configured)
    several = _several(served)
    checks, tables = [several], list[Table]()
    if len(served.regions) > 1:
        asked = clients.every_answer(served)
        for region in served.regions:
            checks += _lost(served, region, asked)
        checks.append(clients.all_out(served, asked))
        tables += [
            clients.table(asked),
            timing.table(served),
            capacity.table(served),
            alone.table(configured, configured.regions),
        ]
    checks.append(fallback.check(configured))
    if place.aws is not None and len(served.regions) > 1:
        checks += local.checks(served, place.aws)
    return Drill(
        name=NAME,
        environment=configured.environment,
        title=TITLE,
        broken=_broken(served),
        checks=tuple(checks),
        tables=tuple(tables),
        local=any(check.must.startswith("On the local AWS") for check in checks),
    )


def _lost(served: Served, region: str, asked: list[clients.Answer]) -> Iterator[Check]:
    configured = served.configured
    yield from alarms.checks(served, region)
    yield from quiet.checks(served, region)
    yield timing.check(served, region)
    yield clients.checks(served, region, asked)
    yield from capacity.checks(served, region)
    yield alone.states(configured, region)
    weak = (
        alarms.shards(served, region),
        alone.deploys(configured, region),
        alone.images(configured, region),
    )
    yield from (check for check in weak if check is not None)


def _several(served: Served) -> Check:
    configured = served.configured
    environment, found = configured.environment, served.regions
    idle = [f"{region} has a load balancer and no record." for region in served.idle]
    if not found and not idle:
        return failed(
            SEVERAL,
            f"{environment} has no record that leads to a region.",
            environment,
            remedy=f"Give {environment} regions in `environments/{environment}.py`.",
        )
    if not found and served.private:
        within = served.private
        return failed(
            SEVERAL,
            f"CloudFront leads to {listed(within)} within a VPC, by no record: while it is lost "
            "nobody answers.",
            *(f"{environment}-{region}-ingress" for region in within),
            remedy="Set `edge.front` to cloudfront, which leads to several regions by records, and "
            f"give {environment} a second region.",
        )
    return holds(
        len(found) > 1,
        SEVERAL,
        " ".join([f"Records lead to {listed(found) or 'no region'}.", *idle])
        + (
            ""
            if len(found) > 1
            else f" While {listed(found) or 'it'} is lost nobody answers, until it is back or is "
            "made again elsewhere from Git and backups."
        ),
        [record.construct for _, record in served.records],
        remedy=f"Set `regions[R].ingress.share.serving` = True for {listed(served.idle)}."
        if idle
        else f"Give {environment} a second region: `regions` in `environments/{environment}.py`.",
    )


def _broken(served: Served) -> str:
    regions = listed(served.regions) or "the regions"
    return (
        f"One after the other {regions}: the alarm of the region's gateway fires, or nothing "
        "comes from it any more. Computed from what is synthesized: records, health checks, "
        "alarms, requests and limits. How much load there is, quotas of the account, and whether "
        "AWS has nodes to give were not looked at."
    )
