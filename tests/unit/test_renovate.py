"""Renovate finds every pin: charts, images of our own jobs and of the autoscaler, tools."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modules.addons.charts import CHARTS

import pytest

from ekp.synth import project_root

ROOT = project_root()
CONFIG: dict[str, Any] = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))
# An image with a tag, written out: a registry, a path, a version.
IMAGE = re.compile(r'"((?:[a-z0-9-]+\.)+[a-z]+(?:/[a-z0-9._-]+)+):(v?\d[\w.-]*)"')
FILES = sorted([*(ROOT / "modules").rglob("*.py"), *(ROOT / ".github").rglob("*.yml")])


def managers(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the managers that read a file."""
    name = file.relative_to(ROOT).as_posix()
    for manager in CONFIG["customManagers"]:
        for pattern in manager["managerFilePatterns"]:
            assert pattern.startswith("/")
            assert pattern.endswith("/")
            if re.search(pattern[1:-1], name):
                yield manager


def found(file: Path) -> list[dict[str, str]]:
    """Return what the managers find in a file, as Renovate does."""
    text = file.read_text(encoding="utf-8")
    return [
        {
            "datasource": manager.get("datasourceTemplate", ""),
            "depName": manager.get("depNameTemplate", ""),
        }
        | {key: value for key, value in match.groupdict().items() if value}
        for manager in managers(file)
        for expression in manager["matchStrings"]
        # JavaScript names groups without the letter that Python wants.
        for match in re.finditer(expression.replace("(?<", "(?P<"), text)
    ]


def test_every_chart_is_found_at_its_version_and_where_it_comes_from() -> None:
    pins = found(ROOT / "modules" / "addons" / "charts.py")

    assert [pin["currentValue"] for pin in pins] == [chart.version for chart in CHARTS]
    for pin, chart in zip(pins, CHARTS, strict=True):
        if chart.repository.startswith("oci://"):
            place = f"{chart.repository.removeprefix('oci://')}/{chart.name}"
            assert (pin["datasource"], pin["depName"]) == ("docker", place)
        else:
            assert (pin["datasource"], pin["depName"]) == ("helm", chart.name)
            assert pin["registryUrl"].rstrip("/") == chart.repository.rstrip("/")


def test_every_image_that_is_written_out_is_found() -> None:
    seen = 0
    for file in FILES:
        for name, version in IMAGE.findall(file.read_text(encoding="utf-8")):
            assert {"datasource": "docker", "depName": name, "currentValue": version} in found(file)
            seen += 1
    assert seen


def test_every_comment_for_renovate_is_followed_by_a_pin() -> None:
    for file in FILES:
        comments = file.read_text(encoding="utf-8").count("# renovate:")
        assert comments == len([pin for pin in found(file) if "currentValue" in pin]) or (
            file.name == "cluster_autoscaler.py"
        )


def test_the_autoscaler_s_image_of_each_minor_is_found_and_keeps_its_minor() -> None:
    pins = found(ROOT / "modules" / "addons" / "cluster_autoscaler.py")
    (rule,) = (
        r
        for r in CONFIG["packageRules"]
        if "registry.k8s.io/autoscaling/cluster-autoscaler" in r["matchPackageNames"]
    )

    assert len(pins) >= 5
    assert {pin["depName"] for pin in pins} == {"registry.k8s.io/autoscaling/cluster-autoscaler"}
    assert rule["matchUpdateTypes"] == ["minor", "major"]
    assert rule["enabled"] is False


def test_python_packages_are_looked_after_and_the_bindings_only_by_people() -> None:
    (rule,) = (r for r in CONFIG["packageRules"] if "cdktf" in r["matchPackageNames"])

    assert set(CONFIG["enabledManagers"]) == {"custom.regex", "github-actions", "pep621"}
    assert rule["enabled"] is False
    assert any(
        re.search(p.strip("/"), "cdktf-cdktf-provider-aws") for p in rule["matchPackageNames"]
    )


@pytest.mark.parametrize("manager", CONFIG["customManagers"], ids=lambda m: m["description"][:20])
def test_every_manager_reads_some_file_and_finds_something(manager: dict[str, Any]) -> None:
    files = [file for file in FILES if manager in list(managers(file))]

    assert files
    assert any(
        re.search(expression.replace("(?<", "(?P<"), file.read_text(encoding="utf-8"))
        for file in files
        for expression in manager["matchStrings"]
    )
