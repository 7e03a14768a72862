"""Every pin, and the releases that use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.addons.charts import CHARTS
from modules.core import helm_size
from modules.core.charts import Chart

from .releases import Release


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned chart and where it is installed."""

    chart: Chart
    releases: tuple[Release, ...]

    @property
    def stored_percent(self) -> int | None:
        """How much of what a Secret holds a release takes, rounded up; None: not measured."""
        stored = self.chart.stored_bytes
        return None if stored is None else -(-100 * stored // helm_size.LIMIT)

    def to_json(self) -> Mapping[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "chart": self.chart.name,
            "version": self.chart.version,
            "app_version": self.chart.app_version,
            "repository": self.chart.repository,
            "stored_bytes": self.chart.stored_bytes,
            "stored_percent": self.stored_percent,
            "releases": [
                {"stack": r.stack, "namespace": r.namespace, "name": r.name} for r in self.releases
            ],
        }


def table(releases: Sequence[Release], charts: Sequence[Chart] = CHARTS) -> list[Pin]:
    """Return the pins in their order; one that nobody uses has no releases."""
    return [Pin(chart, tuple(r for r in releases if uses(r, chart))) for chart in charts]


def uses(release: Release, chart: Chart) -> bool:
    """Tell whether a release is of a pin, at that version."""
    return (release.repository, release.chart, release.version) == (
        chart.repository,
        chart.name,
        chart.version,
    )
