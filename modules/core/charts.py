"""Chart: the pin of one Helm chart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chart:
    """One version of one chart, from one place."""

    repository: str
    """``https://`` repository, or ``oci://`` registry and path without the chart's name."""
    name: str
    version: str
    app_version: str
    """Version of what the chart installs, as its ``Chart.yaml`` says."""
    folder: str
    """Stem of its file in ``helm-values``: the chart's name, made telling where it is bare."""
