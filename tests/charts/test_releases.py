"""Releases are read from the stacks, with the values that Helm will merge."""

from dataclasses import replace

from modules.addons.charts import CHARTS, METRICS_SERVER

import pytest

from ekp.charts import pins, releases
from ekp.local.helm.failure import RefusedError

from .stacks import release, stack


def test_documents_are_merged_in_their_order_and_lists_are_replaced() -> None:
    (found,) = releases.of(
        [stack(a=release("a: {b: 1, c: [1, 2]}", 'a: {c: [3], d: "${var.x}"}', ""))]
    )

    assert found.values == {"a": {"b": 1, "c": [3], "d": "terraform"}}
    assert (found.stack, found.environment) == ("dev-eu-west-1-platform", "dev")


def test_a_bundle_of_the_project_s_own_objects_is_no_chart() -> None:
    assert releases.of([stack(a=release(repository=None))]) == []


def test_a_stack_without_releases_has_none() -> None:
    assert releases.of([stack()]) == []


def test_values_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(RefusedError, match=r"values\[0\] is no mapping"):
        releases.of([stack(a=release("- 1"))])


def test_every_pin_is_in_the_table_with_the_releases_that_use_it() -> None:
    every = releases.of(
        [stack("dev-x", a=release()), stack("qa-x", a=release(), b=release(version="9"))]
    )
    found = {pin.chart.folder: pin for pin in pins.table(every)}

    assert list(found) == [chart.folder for chart in CHARTS]
    assert [r.stack for r in found["metrics-server"].releases] == ["dev-x", "qa-x"]
    assert found["vault"].releases == ()


def test_a_row_says_what_where_and_of_which_version() -> None:
    every = releases.of([stack("dev-x", a=release())])
    (row,) = (p.to_json() for p in pins.table(every) if p.chart == METRICS_SERVER)

    assert row == {
        "chart": "metrics-server",
        "version": METRICS_SERVER.version,
        "app_version": METRICS_SERVER.app_version,
        "repository": METRICS_SERVER.repository,
        "stored_bytes": METRICS_SERVER.stored_bytes,
        "stored_percent": 3,
        "releases": [{"stack": "dev-x", "namespace": "kube-system", "name": "metrics-server"}],
    }


def test_how_much_of_a_secret_is_taken_is_rounded_up_and_unknown_of_what_nobody_measured() -> None:
    def percent(stored: int | None) -> int | None:
        return pins.Pin(replace(METRICS_SERVER, stored_bytes=stored), ()).stored_percent

    assert [percent(n) for n in (1, 524_288, 524_289, 1_048_576)] == [1, 50, 51, 100]
    assert percent(None) is None
