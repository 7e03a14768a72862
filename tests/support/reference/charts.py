"""The pinned charts: versions, where they are installed, and the Kubernetes that they are for."""

from collections.abc import Mapping
from pathlib import Path

from modules.core.chart_compatibility import COMPATIBILITY, SUPPORTED, Compatibility

from ekp.charts import pins, releases
from ekp.runner import stacks as synthesized

from .tables import table

INTRO = (
    "Pins are in `modules/addons/charts.py`, what is the same everywhere in "
    "`helm-values/<chart>.yaml`; what their makers say of Kubernetes is in "
    "`modules/core/chart_compatibility.py`."
)
SAID = "Minors that the makers of all of them test, or say nothing of:"
UPGRADES = "[How a chart goes to a new version](../platform.md#charts-of-a-new-version)."


def charts_page(made: str, stacks: Path) -> str:
    """Return the page of the charts."""
    every = synthesized.load(stacks.parent)
    layers: Mapping[str, str] = {name: stack.layer for name, stack in every.items()}
    rows = []
    for pin in pins.table(releases.of(every.values())):
        chart = pin.chart
        used = dict.fromkeys(
            f"`{one.namespace}/{one.name}`, layer {layers[one.stack]}" for one in pin.releases
        )
        rows.append(
            (
                f"`{chart.folder}`",
                chart.version,
                chart.app_version,
                chart.repository,
                "<br>".join(used) or "nowhere: a setting brings it",
                ", ".join(dict.fromkeys(one.environment for one in pin.releases)),
                _kubernetes(COMPATIBILITY[chart.folder]),
            )
        )
    head = ("chart", "version", "installs", "from", "installed as", "in", "Kubernetes")
    return (
        "\n\n".join(
            [
                "# Charts",
                f"{INTRO} {made}",
                table(head, rows),
                f"{SAID} {', '.join(SUPPORTED)}. {UPGRADES}",
            ]
        )
        + "\n"
    )


def _kubernetes(known: Compatibility) -> str:
    said = []
    if known.tested:
        said.append(f"tested {known.tested[0]} to {known.tested[-1]}")
    if known.at_least:
        said.append(f"{known.at_least} or newer")
    if known.below:
        said.append(f"before {known.below}")
    return ", ".join(said) or "says nothing"
