"""Checks that need every environment, or the date: overlaps, shared names, Kubernetes support."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations

from modules.core.kubernetes_versions import Finding, Level, check_version

from .schema import Environment


def check(environments: Sequence[Environment], today: date) -> list[Finding]:
    """Return everything wrong or worth a warning, each with the path of the setting.

    ``today`` decides which Kubernetes versions are still supported.
    """
    return [
        *_overlapping_networks(environments),
        *_shared("name", ((e.name, e.name) for e in environments)),
        *_shared("edge.domain", ((e.name, e.edge.domain) for e in environments)),
        *_unsupported_versions(environments, today),
    ]


def _overlapping_networks(environments: Sequence[Environment]) -> Iterator[Finding]:
    # Networks that overlap can never be peered, and a hub could not tell them apart.
    networks = [
        (f"{e.name}.regions[{region}].network.vpc.cidr", settings.network.vpc.cidr)
        for e in environments
        for region, settings in e.regions.items()
    ]
    for (one, first), (other, second) in combinations(networks, 2):
        if first.overlaps(second):
            yield Finding(
                Level.ERROR,
                f"{other} = {second}: overlaps {one} = {first}; give each region a block of its "
                "own",
            )


def _shared(setting: str, values: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for environment, value in values:
        if value in seen:
            yield Finding(
                Level.ERROR,
                f"{environment}.{setting} = {value!r}: {seen[value]} has the same; "
                "give each environment its own",
            )
        seen.setdefault(value, environment)


def _unsupported_versions(environments: Sequence[Environment], today: date) -> Iterator[Finding]:
    for environment in environments:
        for region, settings in environment.regions.items():
            version = settings.cluster.eks.version
            if finding := check_version(version, today):
                path = f"{environment.name}.regions[{region}].cluster.eks.version = '{version}'"
                yield Finding(finding.level, f"{path}: {finding.message}")
