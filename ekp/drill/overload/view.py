"""What the drill looks at: the ways into every region, and what stands before them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ekp.configured.environment import Configured
from ekp.evaluate.request import Workload
from ekp.evaluate.world import World

from .entrances import regions, ways
from .outer import Outers, outers
from .processes import processes
from .services import backends, capacity_of
from .simulation import Course, course
from .ways import Guard, Way, Ways


@dataclass(frozen=True, slots=True)
class View:
    """An environment as the drill sees it."""

    configured: Configured
    outer: Outers
    regions: tuple[Ways, ...]

    @property
    def ways(self) -> dict[Way, list[str]]:
        """Every way to a service, with the regions that have it."""
        found: dict[Way, list[str]] = {}
        for each in self.regions:
            for way in each.services:
                found.setdefault(way, []).append(each.region)
        return found

    @property
    def services(self) -> list[str]:
        """The services that Git brings, whether users reach them or not."""
        return sorted({name for each in self.regions for name in self.of(each.region)})

    @property
    def acls(self) -> list[str]:
        """The web ACLs' rules that count clients."""
        return [each.by for each in self.outer.all]

    @property
    def limits(self) -> list[str]:
        """The objects that hold the entrances' limits of clients."""
        return list(dict.fromkeys(guard.by for way in self.ways for guard in way.guards))

    @property
    def capacities(self) -> dict[tuple[str, Guard | None, tuple[str, ...]], list[str]]:
        """Each service with what one pod takes and limits that refuse nobody, and its regions."""
        found: dict[tuple[str, Guard | None, tuple[str, ...]], list[str]] = {}
        for each in self.regions:
            for name in self.of(each.region):
                taken = capacity_of(self.world(each.region), name)
                found.setdefault((name, *taken), []).append(each.region)
        return found

    def of(self, region: str) -> dict[str, Workload]:
        """Return the services of a region with the workload behind each."""
        world = self.world(region)
        found = {}
        for each in world.objects:
            if each["kind"] == "Service":
                name = f"{each['metadata']['namespace']}/{each['metadata']['name']}"
                if workloads := backends(world, name):
                    found[name] = workloads[0][0]
        return found

    def world(self, region: str) -> World:
        """Return what a region's cluster holds."""
        return self.configured.world(region)

    def courses(self) -> Iterator[tuple[Way, list[str], Course]]:
        """Yield what becomes of every process on every way that has a limit."""
        for way, places in self.ways.items():
            for process in processes(way):
                yield way, places, course(way, process)


def view(configured: Configured) -> View:
    """Return what the drill looks at.

    Raises:
        Unsupported: an object would change an answer and is not evaluated.
    """
    outer = outers(configured)
    headers: Mapping[str, str | None] = {
        region: found.header if found else None for region, found in outer.regions.items()
    }
    return View(configured, outer, tuple(ways(each) for each in regions(configured, headers)))
