"""The comparison lets versions differ, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from .difference import differences


def stack(version: str = "5.100.0", source: str = "aws", **resource: Any) -> dict[str, Any]:
    return {
        "//": {"metadata": {"version": version}},
        "terraform": {"required_providers": {"aws": {"source": source, "version": version}}},
        "resource": {"aws_vpc": {"main": {"cidr_block": "10.0.0.0/16", **resource}}},
    }


def written(folder: Path, body: Any, name: str = "cdk.tf.json") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(body if isinstance(body, str) else json.dumps(body))
    return folder


def test_versions_and_the_two_ways_to_write_a_provider_may_differ(tmp_path: Path) -> None:
    ours = written(tmp_path / "ours", stack())
    theirs = written(tmp_path / "theirs", stack("6.69.1", "hashicorp/aws"))

    assert list(differences(ours, theirs)) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (stack(cidr_block="10.1.0.0/16"), '"10.0.0.0/16" -> "10.1.0.0/16"'),
        (stack(region="eu-west-1"), '"(none)" -> "eu-west-1"'),
        (stack(tags=["a"]), '"(none)" -> ["a"]'),
        (stack(source="elsewhere/aws"), '"aws" -> "elsewhere/aws"'),
    ],
)
def test_any_other_value_that_differs_is_told_with_its_place(
    tmp_path: Path, other: dict[str, Any], told: str
) -> None:
    found = list(differences(written(tmp_path / "a", stack()), written(tmp_path / "b", other)))

    assert [line.partition(": ")[2].partition(": ")[2] for line in found] == [told]


def test_a_list_of_another_length_differs(tmp_path: Path) -> None:
    ours = written(tmp_path / "ours", stack(zones=["a"]))
    theirs = written(tmp_path / "theirs", stack(zones=["a", "b"]))

    assert list(differences(ours, theirs)) == [
        'cdk.tf.json: resource.aws_vpc.main.zones: ["a"] -> ["a", "b"]'
    ]


def test_files_that_one_has_alone_and_other_text_are_told(tmp_path: Path) -> None:
    ours = written(written(tmp_path / "ours", stack()), "one", "chart.yaml")
    theirs = written(written(tmp_path / "theirs", stack()), "two", "chart.yaml")
    written(theirs, stack(), "more.json")

    assert list(differences(ours, theirs)) == [
        "more.json: only in theirs",
        "chart.yaml: differs",
    ]
