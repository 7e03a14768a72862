"""Checks of what comes after a limit: retries, and bounds of a service's callers."""

from collections.abc import Callable
from dataclasses import dataclass

from ..report import Check, holds
from .pools import Pool, pool
from .retries import UNSAFE, Tries, at_shards, chains, tries
from .view import View
from .words import by_regions, listed

_GIT = "Render the services anew (`ekp services render`) and let Argo CD bring what Git holds."


@dataclass(frozen=True, slots=True)
class _Found:
    """What one region's objects say."""

    wrong: list[str]
    told: list[str]
    by: list[str]


def unsafe_is_never_retried(view: View) -> Check:
    """Check that no proxy sends a request that changes something a second time."""
    return _over_regions(
        view,
        lambda region: _unsafe(view, region),
        "Requests that change something are never tried again by a proxy",
    )


def retries_stay_few(view: View) -> Check:
    """Check that refusals are not tried again; say how far tries of other failures multiply."""
    return _over_regions(
        view,
        lambda region: _tries(view, region),
        "Refusals are never tried again, and retries under way are bounded at every caller",
    )


def callers_are_bounded(view: View) -> Check:
    """Check that each service's DestinationRule bounds queues and retries, and ejects pods."""
    return _over_regions(
        view,
        lambda region: _pools(view, region),
        "Queues and retries to each service are bounded, and pods that fail are taken out",
    )


def _over_regions(view: View, look: Callable[[str], _Found], must: str) -> Check:
    found = {each.region: look(each.region) for each in view.regions}
    wrong = {region: listed(each.wrong) for region, each in found.items() if each.wrong}
    told = {region: listed(each.told) for region, each in found.items()}
    by = dict.fromkeys(one for each in found.values() for one in each.by)
    return holds(not wrong, must, by_regions(wrong or told), list(by), remedy=_GIT)


def _of(view: View, region: str) -> dict[str, Tries]:
    world = view.world(region)
    return {name: tries(world, name) for name in view.of(region)}


def _unsafe(view: View, region: str) -> _Found:
    found = _of(view, region).values()
    shards = at_shards(view.world(region))
    return _Found(
        [*(one for each in found for one in each.unsafe), *shards],
        [f"{each.service}: 0 attempts of {', '.join(UNSAFE)}" for each in found],
        [one for each in found for one in each.by],
    )


def _tries(view: View, region: str) -> _Found:
    found = _of(view, region)
    world, of = view.world(region), view.of(region)
    most = chains(world, found, of)
    pools = {name: pool(world, name) for name in found}
    return _Found(
        [
            *(f"{one} tries refusals again" for each in found.values() for one in each.refusals),
            *(
                f"{name}: {most[name]} tries of one request of a user, and nothing bounds those "
                "under way"
                for name in found
                if most[name] > 1 and "maxRetries" not in pools[name].bounds
            ),
        ],
        [
            f"{name}: a user's request that fails is tried {most[name]} times at most, its own "
            f"route {found[name].safe}; {pools[name].bounds.get('maxRetries', 0)} retries under "
            "way at a time from each caller's pod"
            for name in found
        ],
        [one for each in found.values() for one in each.by],
    )


def _pools(view: View, region: str) -> _Found:
    found = [pool(view.world(region), name) for name in view.of(region)]
    return _Found(
        [
            f"{each.service}: {', '.join(each.by) or 'no DestinationRule'} has no {field}"
            for each in found
            for field in each.missing
        ],
        [f"{each.service}, each caller's pod: {_bounds(each)}" for each in found],
        [one for each in found for one in each.by],
    )


def _bounds(found: Pool) -> str:
    bounds = ", ".join(f"{name} {value}" for name, value in found.bounds.items())
    return f"{bounds}; a pod is ejected after {found.ejects} (a 429 is none of these errors)"
