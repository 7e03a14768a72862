"""Each policy passes and fails the examples that say so; the platform passes all of them."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import main
from ekp.synth import project_root

FIXTURES = Path(__file__).parent / "fixtures"
POLICIES = sorted(p for p in (project_root() / "policies").glob("*.py") if p.stem != "__init__")


def checkov(folder: Path, framework: str, *checks: str) -> dict[str, Any]:
    """Return checkov's report of a folder; it asks nobody and downloads nothing."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "checkov.main", "--directory", str(folder)),
            *("--framework", framework, "--output", "json"),
            *("--external-checks-dir", str(project_root() / "policies")),
            *("--check", ",".join(checks), "--skip-download", "--soft-fail"),
        ],
        capture_output=True,
        check=True,
        env={**os.environ, "LOG_LEVEL": "ERROR", "BC_SKIP_MAPPING": "TRUE"},
        text=True,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def identifier(policy: Path) -> str:
    """Return a policy's id, which opens its file."""
    return policy.read_text(encoding="utf-8").removeprefix('"""').partition(":")[0]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.stem)
def test_a_policy_passes_and_fails_the_examples_that_are_named_so(policy: Path) -> None:
    report = checkov(FIXTURES / policy.stem, "terraform", identifier(policy))

    passed = {found["resource"].split(".")[1] for found in report["results"]["passed_checks"]}
    failed = {found["resource"].split(".")[1] for found in report["results"]["failed_checks"]}
    assert passed
    assert failed
    assert {name.partition("_")[0] for name in passed} == {"pass"}
    assert {name.partition("_")[0] for name in failed} == {"fail"}
    assert report["summary"]["parsing_errors"] == 0


def test_no_stack_of_any_environment_fails_a_policy(tmp_path: Path) -> None:
    main.synth(str(tmp_path), today=date(2026, 11, 21))

    report = checkov(tmp_path / "stacks", "terraform_json", *map(identifier, POLICIES))

    assert report["results"]["failed_checks"] == []
    assert report["summary"]["parsing_errors"] == 0
    # One cluster in each region of each environment was looked at.
    assert report["summary"]["passed"] == 5
