"""The tables of charts against the charts' own values, where the charts are at hand."""

from collections.abc import Iterator, Mapping
from typing import Any

from modules.addons import charts as pins
from modules.core.charts import Chart as Pin

import pytest
import yaml

from ekp.drill.pod_failure.charts import CHARTS
from ekp.drill.pod_failure.component import Chart, Component
from ekp.drill.pod_failure.workload import PER_NODE
from tests.support.chart_values import CHARTS as FOLDER

PINS = {one.name: one for one in vars(pins).values() if isinstance(one, Pin)}
NOTHING: tuple[Any, ...] = (None, "", {}, [])
CONTAINERS = "spec.template.spec.containers"
# Keys that a chart reads and shows in a comment alone, or not at all: those of its templates, of a
# chart below it (redis-ha), or of an object that it passes on as a whole (Calico's Installation).
IN_COMMENTS = {
    "argo-cd": {
        "redis-ha.priorityClassName",
        "redis-ha.nodeSelector",
        "redis-ha.podDisruptionBudget",
        "redis-ha.redis.resources",
        "redis-ha.sentinel.resources",
        "redis-ha.splitBrainDetection.resources",
        "redis-ha.haproxy.priorityClassName",
        "redis-ha.haproxy.nodeSelector",
        "redis-ha.haproxy.podDisruptionBudget",
        "redis-ha.haproxy.resources",
    },
    "kube-prometheus-stack": {"prometheusOperator.priorityClassName"},
    "tigera-operator": {
        f"installation.calicoNodeDaemonSet.{CONTAINERS}",
        f"installation.typhaDeployment.{CONTAINERS}",
        f"installation.calicoKubeControllersDeployment.{CONTAINERS}",
        f"apiServer.apiServerDeployment.{CONTAINERS}",
    },
    "aws-for-fluent-bit": {"priorityClassName"},
    "aws-cloudwatch-metrics": {"priorityClassName"},
    "jaeger": {"jaeger.resources"},
    "kubecost": {
        "finopsagent.priorityClassName",
        "finopsagent.priority.name",
        "finopsagent.resources",
        "finopsagent.nodeSelector",
        "finopsagent.tolerations",
        "finopsagent.affinity",
        "aggregator.priorityClassName",
        "cloudCost.priorityClassName",
        "cloudCost.priority.name",
        "forecasting.priorityClassName",
        "forecasting.priority.name",
        "frontend.priority.name",
    },
    "nginx-ingress": {
        "controller.priorityClassName",
        "controller.nodeSelector",
        "controller.topologySpreadConstraints",
    },
}


def own_values(name: str) -> Mapping[str, Any]:
    """Return a chart's ``values.yaml``; Istio's lie under a key that is never written."""
    file = FOLDER / PINS[name].folder / "values.yaml"
    if not file.is_file():
        pytest.skip(f"the charts are not at hand: {file} is missing")
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return {**found, **found.get("_internal_defaults_do_not_set", {})}


def value(values: Mapping[str, Any], path: str) -> Any:
    """Return what is at a path; ``...`` where there is nothing."""
    found: Any = values
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return ...
        found = found[key]
    return found


def leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each path of a table's defaults with its value."""
    for key, found in values.items():
        path = f"{above}{key}"
        if isinstance(found, Mapping) and found and not key.startswith("nodeSelector"):
            yield from leaves(found, f"{path}.")
        else:
            yield path, found


def paths(part: Component) -> Iterator[str]:
    """Yield each path of the chart's values that a component is read from."""
    keys = ["priorityClassName", "nodeSelector", "tolerations"]
    if part.kind != PER_NODE:
        keys += ["affinity", "topologySpreadConstraints"]
        if isinstance(part.replicas, str):
            yield part.below(part.replicas)
    for key in keys:
        yield from filter(None, part.at(key).split("|"))
    if not part.cache:
        yield from (part.below(key) for key in part.resources)
    yield from part.switches
    yield from (part.below(path) for path in part.autoscaling or ())
    if part.anti_affinity:
        yield part.anti_affinity[0]
    if part.budget:
        yield part.budget


def elsewhere(chart: Chart, path: str) -> bool:
    """Tell whether a path is another chart's, or an operator's."""
    return any(path == one or path.startswith(f"{one}.") for one in chart.made_elsewhere)


def test_every_chart_that_is_installed_has_a_table() -> None:
    assert set(CHARTS) == set(PINS)


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_what_a_table_says_a_chart_has_is_what_it_has(name: str) -> None:
    own = own_values(name)

    for path, wanted in leaves(CHARTS[name].defaults):
        if not elsewhere(CHARTS[name], path):
            assert (path, value(own, path)) == (path, wanted)


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_where_a_table_looks_a_chart_has_a_setting(name: str) -> None:
    own = own_values(name)
    chart = CHARTS[name]

    missing = {
        path
        for part in chart.components
        for path in paths(part)
        if value(own, path) is ... and not elsewhere(chart, path)
    }
    assert missing - IN_COMMENTS.get(name, set()) == set()


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_what_a_table_leaves_out_is_empty_in_the_chart(name: str) -> None:
    own = own_values(name)
    chart = CHARTS[name]
    known = dict(leaves(chart.defaults))

    for part in chart.components:
        for path in paths(part):
            found = value(own, path)
            if isinstance(found, Mapping) or found is ... or elsewhere(chart, path):
                continue
            # A text is the chart's own anti-affinity, which the table says in a word.
            if part.never_together and path == part.at("affinity"):
                continue
            if path not in known:
                assert found in NOTHING, path
