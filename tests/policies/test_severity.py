"""The table of severities knows every check of ours, and no check that does not exist."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from ekp.gate import severity
from ekp.gate.findings import Severity
from ekp.gate.severity import Severities
from ekp.synth import project_root

POLICIES = project_root() / "policies"
OURS = re.compile(r'@\w+_check\(\s*"(EKP_[A-Z]+_\d+)"')
CHECKOV_S = re.compile(r"\bCKV2?_[A-Z0-9]+_\d+\b")


@pytest.fixture(scope="module")
def table() -> Severities:
    return severity.load(POLICIES / "severity.yaml")


def ours() -> set[str]:
    """Return the ids of our checks, as their files give them."""
    return {
        found[1]
        for file in POLICIES.glob("*.py")
        if (found := OURS.search(file.read_text(encoding="utf-8")))
    }


def checkov_s() -> Iterator[str]:
    """Yield the ids in checkov's own checks, without loading it: it changes logging."""
    spec = find_spec("checkov")
    assert spec is not None
    assert spec.origin is not None
    for framework in ("terraform", "kubernetes"):
        for file in (Path(spec.origin).parent / framework / "checks").rglob("*"):
            if file.suffix in (".py", ".json", ".yaml"):
                yield from CHECKOV_S.findall(file.read_text(encoding="utf-8"))


def test_every_check_of_ours_has_a_severity_of_its_own(table: Severities) -> None:
    found = ours()

    assert "EKP_EKS_1" in found
    assert found <= set(table.checks)


def test_every_severity_is_one_of_a_check_that_exists(table: Severities) -> None:
    assert set(table.checks) <= ours() | set(checkov_s())


def test_what_stands_nowhere_is_medium_and_each_severity_has_checks(table: Severities) -> None:
    assert table.of("CKV_AWS_999999") is Severity.MEDIUM
    assert set(table.checks.values()) == set(Severity)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("EKP_EKS_1", "EKP_TAGS_1"),
        ("CKV_AWS_20", "CKV_AWS_145"),
        ("CKV_K8S_16", "CKV_K8S_15"),
    ],
    ids=["an open API before a missing tag", "a public bucket before a key", "a way out of a pod"],
)
def test_a_report_begins_with_what_lets_somebody_in(
    table: Severities, worse: str, better: str
) -> None:
    assert table.of(worse).rank < table.of(better).rank


def test_whoever_accepts_a_finding_knows_how_bad_it_is(table: Severities) -> None:
    file = POLICIES / "exceptions.yaml"
    accepted = yaml.safe_load(file.read_text(encoding="utf-8"))["exceptions"]

    assert {one["check"] for one in accepted} <= set(table.checks)
