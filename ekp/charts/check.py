"""Every release of the stacks against the charts, as they lie in a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.addons.charts import CHARTS
from modules.core.charts import Chart

from .compare import ChartFiles, complaints
from .pins import uses
from .releases import Release


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one release."""

    stack: str
    release: str
    chart: str
    message: str

    def to_json(self) -> Mapping[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "stack": self.stack,
            "release": self.release,
            "chart": self.chart,
            "message": self.message,
        }


def check(
    releases: Sequence[Release], charts: Path, pins: Sequence[Chart] = CHARTS
) -> list[Complaint]:
    """Return what is wrong: releases of no pin, charts that are not there, values that do not fit.

    The folder holds a chart below the name that its file in ``helm-values`` has.
    """
    files = {pin.folder: ChartFiles.at(charts, pin.folder) for pin in pins}
    return [
        Complaint(release.stack, release.name, release.chart, message)
        for release in releases
        for message in _judge(release, files, pins)
    ]


def _judge(
    release: Release, files: Mapping[str, ChartFiles | None], pins: Sequence[Chart]
) -> list[str]:
    pin = next((pin for pin in pins if uses(release, pin)), None)
    if pin is None:
        return [f"{release.version} of {release.repository} is not in modules/addons/charts.py"]
    chart = files[pin.folder]
    if chart is None:
        return [f"the chart is not here: no {pin.folder}/values.yaml"]
    if (found := str(chart.facts["version"])) != pin.version:
        return [f"the chart here is {found}, the pin is {pin.version}"]
    return complaints(chart, release.values)
