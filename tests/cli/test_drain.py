"""What `ekp deploy` and `ekp destroy` ask of clusters, and when they ask nothing."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from ekp.cluster.drain import STEPS
from ekp.cluster.hooks import Drain, Probe
from ekp.commands import destroy, policy, runs
from ekp.commands.workspace import Workspace
from ekp.runner import teardown
from ekp.runner.leftovers.search import Found
from ekp.runner.results import RunResult
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from tests.gate.made_up import clean


def stack(**provider: object) -> Stack:
    facts = {"//": {"ekp": {"protected": False}}, "provider": provider}
    return Stack("dev-one", Path(), "dev", "eu-west-1", "one", (), {}, facts)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the runner was called with; it does nothing."""
    given: dict[str, Any] = {}

    def run(_stacks: object, **options: Any) -> RunResult:
        given.update(options)
        return RunResult("destroy", "aws", (), 0.0)

    def target(_space: Workspace, _chosen: object, *, local: bool) -> Target:
        return Target("local" if local else "aws", {}, Path())

    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path))
    monkeypatch.setattr(destroy, "run_destroy", run)
    monkeypatch.setattr(destroy, "_search", lambda *_, **__: Found())
    monkeypatch.setattr(teardown, "look", lambda *_, **__: teardown.Teardown(()))
    monkeypatch.setattr(runs, "run_deploy", run)
    monkeypatch.setattr(policy, "opened", lambda *_: nullcontext())
    monkeypatch.setattr(policy, "judged", lambda *_, **__: clean())
    monkeypatch.setattr(Workspace, "target", target)
    chosen_is(monkeypatch, {"dev-one": stack(helm=[{"kubernetes": {}}])})
    return given


def chosen_is(monkeypatch: pytest.MonkeyPatch, chosen: Mapping[str, Stack]) -> None:
    def found(_environment: str, *, local: bool) -> tuple[Workspace, Any, Any]:
        del local
        return Workspace(Path()), chosen, chosen

    monkeypatch.setattr(runs, "select", found)
    monkeypatch.setattr(destroy, "select", found)


def ekp(*arguments: str, typed: str = "") -> Any:
    # A pipe of a width in which no line is broken.
    return CliRunner().invoke(app, [*arguments], input=typed, env={"COLUMNS": "1000"})


def test_a_destroy_probes_and_drains_and_says_that_data_goes(asked: dict[str, Any]) -> None:
    done = ekp("destroy", "dev", typed="y\n")

    assert done.exit_code == 0
    assert isinstance(asked["probe"], Probe)
    assert isinstance(asked["drain"], Drain)
    shown = " ".join(done.stderr.split())
    assert all(f"{number}. {step.says}" in shown for number, step in enumerate(STEPS, start=2))
    assert "EBS volumes of claims in the clusters, and the data in them" in shown


def test_a_destroy_without_a_drain_says_what_may_be_left(
    asked: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    done = ekp("destroy", "dev", "--yes", "--skip-drain")

    assert done.exit_code == 0
    assert asked["probe"] is None
    assert asked["drain"] is None
    told = " ".join((done.stderr + capfd.readouterr().err).split())
    for word in ("warning:", "load balancers", "network interfaces", "EBS volumes", "Karpenter"):
        assert word in told


def test_stacks_without_kubernetes_are_neither_probed_nor_drained(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen_is(monkeypatch, {"dev-one": stack(aws=[{}])})

    done = ekp("destroy", "dev", typed="y\n")

    assert done.exit_code == 0
    assert asked["probe"] is None
    assert asked["drain"] is None
    assert "EBS" not in done.output


@pytest.mark.parametrize(("options", "times"), [(["--json"], 0), ([], 1)])
def test_the_local_aws_has_nothing_to_drain_and_says_so(
    options: list[str], times: int, asked: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    done = ekp("destroy", "dev", "--local", *options)

    assert done.exit_code == 0
    assert asked["probe"] is None
    assert asked["drain"] is None
    told = done.output + capfd.readouterr().out
    assert told.count("The local AWS has no Kubernetes: there was nothing to drain.") == times


@pytest.mark.parametrize(("option", "kind"), [("--yes", Probe), ("--local", type(None))])
def test_a_deploy_probes_real_clusters_alone(
    option: str, kind: type[object], asked: dict[str, Any]
) -> None:
    assert ekp("deploy", "dev", option).exit_code == 0

    assert isinstance(asked["probe"], kind)
