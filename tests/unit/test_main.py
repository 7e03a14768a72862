"""The app stops on bad settings with exit code 2, every error and no traceback."""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import main
from environments import SettingsError

ROOT = Path(main.__file__).parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the app, to be spoilt."""
    unwanted = shutil.ignore_patterns("__pycache__")
    for folder in ("modules", "environments"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=unwanted)
    for file in ("main.py", "cdktf.json"):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


def spoil(tree: Path, environment: str, right: str, wrong: str) -> None:
    """Replace a piece of an environment's file."""
    file = tree / "environments" / f"{environment}.py"
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")


def run(tree: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the app as the CLI of CDKTF does."""
    return subprocess.run(
        [sys.executable, "main.py"],
        cwd=tree,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_bad_settings_end_with_every_error_and_exit_code_2(tree: Path) -> None:
    spoil(tree, "dev", '"10.10.0.0/16"', '"10.40.128.0/17"')
    spoil(tree, "dev", "max_size=4", "max_size=1")
    spoil(tree, "qa", "owner=", "ownr=")
    spoil(
        tree,
        "dev",
        "log_shipping=FluentBitConfig(retention_days=30)",
        "log_shipping=FluentBitConfig(retention_days=31)",
    )

    result = run(tree, EKP_TODAY="2099-01-01")

    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("The settings are invalid:\n")
    for expected in (
        "dev.regions[eu-west-1].cluster.node_groups.general: min_size 2, desired_size 2, max_size",
        "qa.ownr = 'platform': there is no such setting; did you mean owner?",
        "qa.owner: this setting is required; add it",
        "dev.regions[eu-west-1].platform.log_shipping.retention_days: CloudWatch Logs keeps no log",
        "network.vpc.cidr = 10.40.0.0/16: overlaps dev.regions[eu-west-1].network.vpc.cidr",
        "prod.regions[us-east-1].cluster.eks.version = '1.35': Kubernetes 1.35 left extended",
    ):
        assert expected in result.stderr
    assert not (tree / "cdktf.out").exists()


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('"10.20.0.0/16"', '"10.20.0.1/16"', "ValueError: 10.20.0.1/16 has host bits set"),
        ('owner="platform",', 'owner="platform', "unterminated string literal"),
    ],
)
def test_a_settings_file_that_is_wrong_as_python_is_named_by_its_line(
    tree: Path, right: str, wrong: str, message: str
) -> None:
    spoil(tree, "qa", right, wrong)

    result = run(tree)

    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    lines = (tree / "environments" / "qa.py").read_text(encoding="utf-8").split("\n")
    number = next(i for i, text in enumerate(lines, 1) if wrong in text)
    assert f"environments/qa.py:{number}: {message}" in result.stderr
    assert "; correct this line" in result.stderr


def test_the_day_of_the_calendar_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKP_TODAY", "2027-06-01")

    assert main.today() == date(2027, 6, 1)


def test_the_day_of_the_calendar_is_today_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EKP_TODAY", raising=False)

    assert (date.today() - main.today()).days <= 1  # noqa: DTZ011 - the app reads the local day too


def test_a_day_that_is_none_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKP_TODAY", "tomorrow")

    with pytest.raises(SettingsError, match="EKP_TODAY = 'tomorrow': not a date; write it as YYYY"):
        main.today()
