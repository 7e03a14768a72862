"""How long it takes until users are answered by another region: an estimate with its parts."""

from dataclasses import dataclass

from ekp.configured.reading import every
from ekp.drill.report import Check, Table, holds
from ekp.evaluate.blocks import block, blocks

from .alarms import alarm, health_check
from .served import Served

# An alias to a load balancer is answered with the load balancer's own TTL. Sources: Route 53
# developer guide, "Choosing between alias and non-alias records"; Elastic Load Balancing user
# guide, "Request routing".
TTL = 60
# CloudFront tries an origin three times, ten seconds each, and waits for an answer for thirty,
# unless told otherwise. Source: CloudFront developer guide, "Connection attempts", "Connection
# timeout" and "Response timeout".
ATTEMPTS, CONNECTS, ANSWERS = 3, 10, 30
LIMIT = 600
"""What is taken for soon, in seconds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the time."""

    what: str
    seconds: int
    source: str


def parts(served: Served, region: str) -> list[Part]:
    """Return the parts of the time in which a lost region still gets users; () if for ever."""
    found = served.of_region(region)
    slowest: list[Part] = []
    for resource, _ in found:
        check = health_check(served, resource)
        follows = alarm(served, check) if check else None
        if follows is None:
            return []
        period, times = int(follows.body["period"]), int(follows.body["evaluation_periods"])
        own = [
            Part("the period of the alarm in which it happens, at most", period, follows.path),
            Part(f"the alarm: {times} periods of {period} s", period * times, follows.path),
        ]
        slowest = max(slowest, own, key=_total)
    keeps = "CloudFront's resolvers" if waits(served) else "resolvers"
    return [
        *slowest,
        Part(f"answers that {keeps} keep: TTL of a load balancer", TTL, "Route 53"),
    ]


def waits(served: Served) -> list[Part]:
    """Return how long a request that is sent meanwhile waits at most; none without CloudFront.

    One that gets no answer is tried again if it only reads (GET, HEAD).
    """
    connects = answers = 0
    for found in every(served.configured.stacks, "aws_cloudfront_distribution"):
        for origin in blocks(found.body, "origin"):
            if own := block(origin, "custom_origin_config"):
                attempts = int(origin.get("connection_attempts") or ATTEMPTS)
                each = int(origin.get("connection_timeout") or CONNECTS)
                connects = max(connects, attempts * each)
                answers = max(answers, attempts * int(own.get("origin_read_timeout") or ANSWERS))
    if not connects:
        return []
    return [
        Part("a request meanwhile, where nothing takes its connection", connects, "CloudFront"),
        Part("a request meanwhile, where it is taken and not answered", answers, "CloudFront"),
    ]


def check(served: Served, region: str) -> Check:
    """Return whether a lost region is left soon."""
    found = parts(served, region)
    total = sum(part.seconds for part in found)
    told = ", ".join(f"{part.what} {part.seconds} s" for part in found)
    waiting = "".join(f" Up to {part.seconds} s waits {part.what}." for part in waits(served))
    return holds(
        bool(found) and total <= LIMIT,
        f"Users are led away from {region} within {LIMIT // 60} minutes, by nobody's hand.",
        f"About {total} s, an estimate: {told}. How soon CloudWatch has figures, and Route 53 "
        f"acts on them everywhere, AWS does not say: add seconds to a minute.{waiting}"
        if found
        else "Never: no alarm fires for it.",
        list(dict.fromkeys(part.source for part in found)),
        remedy=f"Make `regions[{region}].ingress.health.minutes` smaller, and see that it has an "
        "alarm.",
    )


def table(served: Served) -> Table:
    """Return the parts of every region."""
    return Table(
        title="Until users are led elsewhere",
        columns=("Region", "Part", "At most", "By"),
        rows=tuple(
            (region, part.what, f"{part.seconds} s", part.source)
            for region in served.regions
            for part in [*parts(served, region), *waits(served)]
        ),
    )


def _total(found: list[Part]) -> int:
    return sum(part.seconds for part in found)
