"""`ekp upgrade plan` shows the legal way to a minor, and refuses every other."""

import json

from modules.core.chart_compatibility import COMPATIBILITY, Compatibility

import pytest
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands.console import err, out
from ekp.runner.errors import UnknownEnvironmentError


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals as wide as a message, on a day that does not change."""
    monkeypatch.setenv("EKP_TODAY", "2026-11-21")
    for console in (out, err):
        monkeypatch.setattr(console, "width", 300)


def plan(environment: str, minor: str, *more: str) -> Result:
    return CliRunner().invoke(app, ["upgrade", "plan", environment, f"--kubernetes={minor}", *more])


def test_dev_s_way_is_shown_with_what_to_know_before() -> None:
    done = plan("dev", "1.36")

    assert done.exit_code == 0, done.output
    for part in (
        "dev to Kubernetes 1.36, from what the settings say",
        "1.35: standard support until 2027-03-27 (126 days left)",
        "environments, one after the other: dev, qa, prod, management",
        "1. eu-west-1, cluster ekp-dev-euw1-eks",
        "warns argo-cd 10.1.1 on the hub",
        "warns policy gate, CKV_AWS_339",
        'dev.regions[eu-west-1].cluster.eks.version = "1.36"',
        "control plane 1.35 -> 1.36",
        "cannot be stopped once begun",
    ):
        assert part in done.stdout


def test_prod_goes_region_by_region_after_dev_and_qa() -> None:
    done = plan("prod", "1.36")

    assert done.exit_code == 0, done.output
    assert "dev comes before prod, and runs 1.35: upgrade it first" in done.stdout
    assert done.stdout.index("1. us-east-1, cluster") < done.stdout.index("2. eu-west-1, cluster")
    found = json.loads(plan("prod", "1.36", "--json").stdout)
    assert [one["region"] for one in found["regions"]] == ["us-east-1", "eu-west-1"]


def test_the_day_decides_what_support_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKP_TODAY", "2027-03-27")
    assert "1.35: standard support until 2027-03-27 (0 days left)" in plan("dev", "1.36").stdout
    monkeypatch.setenv("EKP_TODAY", "2027-03-28")
    ended = plan("dev", "1.36").stdout
    assert "1.35: standard support ended on 2027-03-27" in ended
    assert "EKS upgrades the control plane by itself" in ended


def test_there_is_nothing_to_do_at_the_target() -> None:
    done = plan("prod", "1.35")

    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "prod us-east-1 runs 1.35: nothing to do.",
        "prod eu-west-1 runs 1.35: nothing to do.",
    ]


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        ("v1.36", "write 1.36."),
        ("1.36.1", "write 1.36."),
        ("newest", "is no Kubernetes minor"),
        ("1.37", "is not in the support calendar"),
        ("1.34", "1.34 is older"),
    ],
)
def test_what_eks_would_not_take_is_a_mistake_of_one_line(minor: str, said: str) -> None:
    done = plan("dev", minor)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    error = plan("devv", "1.36").exception

    assert isinstance(error, UnknownEnvironmentError)
    assert error.remedy == "Did you mean dev? Known environments: dev, management, prod, qa."


def test_what_refuses_the_minor_is_a_failure_without_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(COMPATIBILITY, dict)
    monkeypatch.setitem(COMPATIBILITY, "loki", Compatibility("its Chart.yaml", below="1.36"))
    done = plan("dev", "1.36")

    assert done.exit_code == 1
    assert "refuses loki 18.11.0: " in done.stdout
    assert "No steps: first mend what refuses." in done.stdout
    assert "control plane 1.35" not in done.stdout
    assert json.loads(plan("dev", "1.36", "--json").stdout)["refused"] is True


def test_help_shows_an_example() -> None:
    for arguments in (["upgrade", "--help"], ["upgrade", "plan", "--help"]):
        shown = CliRunner().invoke(app, arguments).stdout.replace("│", " ")
        assert "ekp upgrade plan dev --kubernetes 1.36" in " ".join(shown.split())
