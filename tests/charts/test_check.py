"""Values are held against the keys and the schema of their chart."""

import builtins
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.addons.charts import CHARTS

import pytest
import yaml

from ekp.charts import releases
from ekp.charts.check import check
from ekp.charts.compare import OPEN, ChartFiles, complaints
from tests.support.chart_values import CHARTS as SHARED
from tests.support.chart_values import complaints as shared_complaints

from .stacks import release, stack

VALUES = """
replicas: 1
image:
  repository: example
resources: {}
tolerations: []
podAnnotations:
  one: two
sub:
  enabled: true
# hostname: example.org
# A sentence: with a colon.
"""


def chart(folder: Path, values: str = VALUES, schema: Any = None, **facts: Any) -> ChartFiles:
    folder.mkdir(parents=True, exist_ok=True)
    about = {"name": "metrics-server", "version": "3.13.1"} | facts
    (folder / "Chart.yaml").write_text(yaml.safe_dump(about), encoding="utf-8")
    (folder / "values.yaml").write_text(values, encoding="utf-8")
    if schema is not None:
        (folder / "values.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    found = ChartFiles.at(folder.parent, folder.name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "values",
    [
        {"replicas": 3, "image": {"repository": "mine"}},
        {"resources": {"limits": {"memory": "1Gi"}}},  # the default is empty
        {"tolerations": [{"key": "x"}]},
        {"podAnnotations": {"three": "four"}},
        {"hostname": "host"},  # named in a comment alone
    ],
)
def test_what_the_chart_has_or_leaves_open_is_taken(
    tmp_path: Path, values: Mapping[str, Any]
) -> None:
    assert complaints(chart(tmp_path / "x"), values) == []


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"replicaCount": 3}, "replicaCount"),
        ({"image": {"name": "x"}}, "image.name"),
        ({"sub": {"replicas": 1}}, "sub.replicas"),
        ({"A sentence": 1}, "A sentence"),
    ],
)
def test_a_key_that_the_chart_has_not_is_a_complaint(
    tmp_path: Path, values: Mapping[str, Any], path: str
) -> None:
    assert complaints(chart(tmp_path / "x"), values) == [f"{path}: no value of this chart"]


def test_below_another_chart_s_name_any_key_may_stand(tmp_path: Path) -> None:
    found = chart(tmp_path / "x", dependencies=[{"name": "other", "alias": "sub"}])

    assert complaints(found, {"sub": {"replicas": 1}, "global": {"x": 1}}) == []


def test_a_chart_says_which_types_it_takes_with_its_own_defaults_under_the_values(
    tmp_path: Path,
) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "required": ["image"],
        "properties": {
            "replicas": {"type": "integer"},
            "image": {"$ref": "https://example.org/elsewhere.json"},
            "tolerations": {"anyOf": [{"type": "array"}]},
        },
    }
    found = chart(tmp_path / "x", schema=schema)

    assert complaints(found, {"tolerations": []}) == []
    assert complaints(found, {"replicas": "two"}) == ["replicas: 'two' is not of type 'integer'"]
    assert complaints(found, {"image": None}) == ["(all): 'image' is a required property"]


def test_without_the_library_of_schemas_keys_are_judged_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = chart(tmp_path / "x", schema={"properties": {"replicas": {"type": "integer"}}})
    real = builtins.__import__

    def without(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name == "jsonschema":
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)

    assert complaints(found, {"replicas": "two"}) == []
    assert len(complaints(found, {"replica": 2})) == 1


def test_a_release_is_held_against_its_chart(tmp_path: Path) -> None:
    chart(tmp_path / "metrics-server")
    every = releases.of([stack("dev-x", a=release("replicas: 2", "image: {tagg: 1}"))])
    (found,) = check(every, tmp_path)

    assert found.to_json() == {
        "stack": "dev-x",
        "release": "metrics-server",
        "chart": "metrics-server",
        "message": "image.tagg: no value of this chart",
    }


def test_a_release_that_is_no_pin_is_a_complaint(tmp_path: Path) -> None:
    every = releases.of([stack(a=release(version="0.1"))])
    (found,) = check(every, tmp_path)

    assert found.message == (
        "0.1 of https://kubernetes-sigs.github.io/metrics-server is not in modules/addons/charts.py"
    )


def test_a_chart_that_is_not_there_or_another_version_is_a_complaint(tmp_path: Path) -> None:
    every = releases.of([stack(a=release())])
    (missing,) = check(every, tmp_path)
    chart(tmp_path / "metrics-server", version="3.0.0")
    (other,) = check(every, tmp_path)

    assert missing.message == "the chart is not here: no metrics-server/values.yaml"
    assert other.message == "the chart here is 3.0.0, the pin is 3.13.1"


@pytest.mark.parametrize("pin", CHARTS, ids=[pin.folder for pin in CHARTS])
def test_the_real_charts_take_their_own_defaults_and_no_invented_key(pin: Any) -> None:
    found = ChartFiles.at(SHARED, pin.folder)
    if found is None:
        pytest.skip(f"the charts are not at hand: {SHARED / pin.folder} is missing")

    assert complaints(found, found.defaults) == []
    if found.defaults:
        assert complaints(found, {"surelyNoKey": 1})[0] == "surelyNoKey: no value of this chart"


def test_places_that_are_open_are_of_charts_that_are_pinned() -> None:
    assert set(OPEN) <= {pin.folder for pin in CHARTS}


def test_an_open_place_takes_what_its_chart_does_not_name(tmp_path: Path) -> None:
    found = ChartFiles.at(SHARED, "istiod")
    if found is None:
        pytest.skip(f"the charts are not at hand: {SHARED / 'istiod'} is missing")
    values = {"meshConfig": {"accessLogEncoding": "JSON"}}

    assert complaints(found, values) == []
    assert shared_complaints("istiod", {"istiod": values}, tmp_path) == []
