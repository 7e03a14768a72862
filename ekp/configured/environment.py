"""Configured: one environment as stacks and services' objects, to ask what they would do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ekp.charts import releases
from ekp.charts.releases import Release
from ekp.evaluate.world import World
from ekp.runner import stacks as synthesized_stacks
from ekp.runner.stacks import Stack

from . import services as rendered
from .cluster import world
from .reading import Reader

GLOBAL = "global"


@dataclass(frozen=True)
class Configured:
    """One environment as it is synthesized. Nothing of it is changed or called."""

    environment: str
    reader: Reader
    services: tuple[Mapping[str, Any], ...]
    """The objects that Git holds, the same in every region."""
    _worlds: dict[str, World] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        stacks: Mapping[str, Stack],
        environment: str,
        services: Iterable[Mapping[str, Any]],
    ) -> "Configured":
        """Return an environment of some stacks.

        Raises:
            UnknownEnvironmentError: no stack belongs to it.
        """
        synthesized_stacks.of_environment(stacks, environment)
        return cls(environment, Reader(stacks), tuple(services))

    @classmethod
    def load(cls, outdir: Path, environment: str, services: Path | None = None) -> "Configured":
        """Return an environment of ``cdktf.out``.

        Args:
            outdir: What `ekp synth` writes.
            environment: Its name.
            services: A folder of services' objects in place of the synthesized ones.

        Raises:
            NotSynthesizedError: there are no stacks, or no services' objects.
            BrokenSynthesisError: a stack cannot be read.
            BrokenServicesError: a file of services cannot be read.
            UnknownEnvironmentError: no stack belongs to it.
        """
        stacks = synthesized_stacks.load(outdir)
        synthesized_stacks.of_environment(stacks, environment)
        found = rendered.read(services) if services else rendered.synthesized(outdir, environment)
        return cls.of(stacks, environment, found)

    @property
    def stacks(self) -> tuple[Stack, ...]:
        """The environment's stacks."""
        return tuple(
            synthesized_stacks.of_environment(self.reader.stacks, self.environment).values()
        )

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that have a cluster, in the order of their names."""
        return tuple(sorted({stack.region for stack in self.stacks} - {GLOBAL}))

    def of_region(self, region: str) -> tuple[Stack, ...]:
        """Return the stacks of a region."""
        return tuple(stack for stack in self.stacks if stack.region == region)

    def releases(self, region: str) -> list[Release]:
        """Return the releases of charts in a region, with their merged values."""
        return releases.of(self.of_region(region))

    def bundled(self, region: str) -> list[Mapping[str, Any]]:
        """Return the objects of Terraform's bundles in a region; Git's are not among them."""
        return [one for stack in self.of_region(region) for one in self.reader.objects(stack)]

    def layer(self, layer: str, region: str = GLOBAL) -> Stack | None:
        """Return the stack of a layer, such as ``ingress`` of a region; None: there is none."""
        for stack in self.stacks:
            if (stack.layer, stack.region) == (layer, region):
                return stack
        return None

    def world(self, region: str) -> World:
        """Return what a region's cluster holds, of Terraform and of Git; made once.

        Raises:
            Unsupported: an object would change an answer and is not evaluated.
        """
        if region not in self._worlds:
            self._worlds[region] = world(self.reader, self.of_region(region), self.services)
        return self._worlds[region]
