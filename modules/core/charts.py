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
    stored_bytes: int | None = None
    """What Helm stores of a release, measured; None: the chart's source could not be had.

    Of the largest release of any environment, rounded up to a thousand: Helm's own library
    installs the chart with the release's values against an API that keeps nothing, and the text
    that it puts into the Secret is counted. A new version makes the number stale, so a release
    may take no more than ``helm_size.CHART_LIMIT``.
    """
