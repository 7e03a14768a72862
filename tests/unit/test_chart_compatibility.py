"""Every pinned chart admits the Kubernetes minors that the platform supports."""

import re
from dataclasses import replace
from datetime import date

from modules.addons.charts import CERT_MANAGER, CHARTS, RANCHER, TIGERA_OPERATOR
from modules.core.chart_compatibility import COMPATIBILITY, SUPPORTED, admits, untested
from modules.core.charts import Chart
from modules.core.eks_addons import VERSIONS, Addon
from modules.core.kubernetes_versions import SUPPORT

import pytest
import yaml
from semantic_version import NpmSpec, Version

from environments import load
from tests.support.chart_values import CHARTS as FOLDERS

TODAY = date(2026, 11, 21)
by_folder = pytest.mark.parametrize("chart", CHARTS, ids=[chart.folder for chart in CHARTS])


def range_of(chart: Chart) -> str | None:
    """Return ``kubeVersion`` of the chart itself; skip without the charts."""
    file = FOLDERS / chart.folder / "Chart.yaml"
    if not file.is_file():
        pytest.skip(f"the charts are not at hand: {file} is missing")
    found: str | None = yaml.safe_load(file.read_text(encoding="utf-8")).get("kubeVersion")
    return found


def test_something_is_known_of_every_pinned_chart_and_of_no_other() -> None:
    assert set(COMPATIBILITY) == {chart.folder for chart in CHARTS}
    assert all(known.source for known in COMPATIBILITY.values())


@by_folder
def test_what_helm_refuses_is_what_the_chart_itself_says(chart: Chart) -> None:
    written = range_of(chart)
    # Helm takes a space after the sign and a minor without its patch; the library takes neither.
    plain = re.sub(r"([<>=]) ", r"\1", re.sub(r"( \d\.\d+)-0", r"\1.0-0", written or "*"))
    spec = NpmSpec(plain)

    for minor in range(15, 45):
        # EKS names a patch and a build after the minor, which no range of these looks at.
        assert (admits(chart, f"1.{minor}") is None) == (Version(f"1.{minor}.3") in spec)


@by_folder
def test_the_pinned_version_is_the_chart_s_own(chart: Chart) -> None:
    range_of(chart)
    found = yaml.safe_load((FOLDERS / chart.folder / "Chart.yaml").read_text(encoding="utf-8"))

    assert (chart.name, chart.version) == (found["name"], str(found["version"]))
    assert chart.app_version == str(found["appVersion"])


@by_folder
@pytest.mark.parametrize("minor", SUPPORTED)
def test_every_pinned_chart_is_for_every_minor_that_the_platform_supports(
    chart: Chart, minor: str
) -> None:
    assert admits(chart, minor) is None
    assert not untested(chart, minor)


def test_the_supported_minors_are_all_that_every_chart_is_for() -> None:
    fit = [m for m in SUPPORT if not any(admits(c, m) or untested(c, m) for c in CHARTS)]

    assert tuple(fit) == SUPPORTED


def test_every_supported_minor_has_its_row_of_eks_add_ons() -> None:
    assert all(set(VERSIONS[minor]) == set(Addon) for minor in SUPPORTED)


def test_every_environment_runs_a_minor_that_every_chart_is_for() -> None:
    environments, _ = load(TODAY)
    running = {
        settings.cluster.eks.version
        for environment in environments.values()
        for settings in environment.regions.values()
    }

    assert running
    assert running <= set(SUPPORTED)


def test_a_minor_that_a_chart_leaves_out_is_refused_with_what_to_do() -> None:
    assert admits(RANCHER, "1.37") == (
        "chart rancher 2.15.0 is for Kubernetes before 1.37, the cluster runs 1.37; upgrade the "
        "cluster one minor at a time, or pin another version in modules/addons/charts.py"
    )
    assert admits(CERT_MANAGER, "1.21") == (
        "chart cert-manager v1.21.1 is for Kubernetes 1.22 or newer, the cluster runs 1.21; "
        "upgrade the cluster one minor at a time, or pin another version in "
        "modules/addons/charts.py"
    )


def test_a_minor_that_the_makers_of_a_chart_do_not_name_is_untested() -> None:
    assert untested(TIGERA_OPERATOR, "1.33")
    assert not untested(TIGERA_OPERATOR, "1.34")


def test_a_chart_that_nothing_is_known_of_is_an_error() -> None:
    with pytest.raises(KeyError, match="unheard-of"):
        admits(replace(RANCHER, folder="unheard-of"), "1.35")
