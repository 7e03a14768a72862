"""HelmRelease: one chart of the pins, installed in a cluster."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_helm.release import Release
from constructs import Construct

from ..core.charts import Chart
from ..core.helm_size import CHART_LIMIT, SYNTH_LIMIT, estimate
from .yaml_document import from_yaml, to_yaml

VALUES = Path(__file__).resolve().parents[2] / "helm-values"
# Each revision is a Secret; that many can be gone back to.
HISTORY = 5


class HelmRelease(Construct):
    """The release of a chart with the values of its file and the overrides over them.

    Args:
        scope: the construct it belongs to.
        id_: its id there.
        chart: the pin; ``helm-values/<folder>.yaml`` holds what is the same everywhere.
        namespace: exists already, made with its labels; Helm makes none.
        overrides: values that depend on settings or on other resources.
        name: of the release, in its namespace; the chart's name unless said otherwise.
        after: what must stand before it, and stays until it is gone.
        timeout_seconds: how long Helm waits for the objects to be ready.
        skip_crds: leaves out the chart's folder ``crds``, where another release brings them.
        atomic: takes a failed install or upgrade back.
        wait: waits until Deployments and Jobs are ready; custom resources and DaemonSets are not
            waited for (terraform-provider-helm#1364).

    Raises:
        ValueError: the release would not fit in the Secret in which Helm keeps it.
    """

    resource: Release

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        chart: Chart,
        namespace: str,
        overrides: Mapping[str, Any] | None = None,
        name: str | None = None,
        after: Sequence[ITerraformDependable] = (),
        timeout_seconds: int = 600,
        skip_crds: bool = False,
        atomic: bool = True,
        wait: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        values = [to_yaml(values_of(chart))]
        if overrides:
            values.append(to_yaml(overrides))
        fits(name or chart.name, values, chart)
        self.resource = Release(
            self,
            "Resource",
            name=name or chart.name,
            repository=chart.repository,
            chart=chart.name,
            version=chart.version,
            namespace=namespace,
            create_namespace=False,
            values=values,
            atomic=atomic,
            cleanup_on_fail=True,
            wait=wait,
            wait_for_jobs=wait,
            timeout=timeout_seconds,
            max_history=HISTORY,
            skip_crds=skip_crds,
            depends_on=list(after) or None,
        )


def values_of(chart: Chart) -> Mapping[str, Any]:
    """Return the chart's values file; its comments are for readers and never change a release.

    Raises:
        FileNotFoundError: there is none; write ``helm-values/<folder>.yaml``.
    """
    return from_yaml((VALUES / f"{chart.folder}.yaml").read_text()) or {}


def fits(release: str, values: Sequence[str], chart: Chart | None = None) -> None:
    """Refuse a release that Helm could not keep.

    What is measured of a chart has values in it already; the release's own are counted on top, so
    that values that grew since are in.

    Raises:
        ValueError: with its estimated size and the limit.
    """
    limit, remedy = SYNTH_LIMIT, "split it into bundles of one concern each"
    measured = chart.stored_bytes if chart else None
    if measured is not None:
        limit = CHART_LIMIT
        remedy = "give it smaller values, or leave parts of the chart to releases of their own"
    if (size := sum(estimate(text) for text in values) + (measured or 0)) > limit:
        raise ValueError(
            f"release {release} takes about {size} bytes of the Secret in which Helm keeps it, "
            f"{limit} are allowed here; {remedy}"
        )
