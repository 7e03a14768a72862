"""Several drills in one go: each says what it came to, whatever becomes of the others."""

import importlib
import json
from types import SimpleNamespace

import pytest

from ekp.configured.environment import Configured
from ekp.configured.reading import Reader
from ekp.drill import drills, together
from ekp.drill.drills import BREAKS, NAMES
from ekp.drill.place import Place
from ekp.drill.report import Drill, Outcome
from ekp.evaluate.request import Unsupported
from ekp.runner.errors import RunnerError

from . import made_up

EMPTY = Configured("prod", Reader({}), ())


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three drills, of which the one in the middle is given by a test."""

    def run(_configured: Configured, _place: Place) -> Drill:
        return made_up.HELD

    monkeypatch.setattr(
        importlib, "import_module", lambda name: SimpleNamespace(run=run, __name__=name)
    )
    return ["region-down", "overload", "secret-leak"]


def breaks_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    known = drills.run

    def run(name: str, configured: Configured, place: Place) -> Drill:
        if name == "overload":
            raise error
        return known(name, configured, place)

    monkeypatch.setattr(drills, "run", run)


@pytest.mark.parametrize(
    ("error", "told", "remedy"),
    [
        (
            Unsupported("Sidecar shop/x", "spec.egress", "is new"),
            "Sidecar shop/x: spec.egress: is new",
            "`ekp/evaluate`",
        ),
        (KeyError("rules"), "KeyError: 'rules'", "mistake of the drill"),
        (RunnerError("Prometheus does not start.", remedy="Install it."), "does not start", "it."),
    ],
)
def test_a_drill_that_cannot_be_run_fails_and_the_others_run(
    three: list[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    told: str,
    remedy: str,
) -> None:
    breaks_with(monkeypatch, error)
    begun: list[str] = []
    ended: list[Drill] = []

    report = together.run(three, EMPTY, Place(), begun.append, ended.append)

    outcomes = [drill.outcome for drill in report.drills]
    assert outcomes == [Outcome.PASSED, Outcome.FAILED, Outcome.PASSED]
    assert report.outcome is Outcome.FAILED
    assert begun == three
    assert tuple(ended) == report.drills
    broken = report.drills[1]
    (check,) = broken.checks
    assert (broken.name, broken.environment) == ("overload", "prod")
    assert told in check.observed
    assert remedy in check.remedy


def test_a_drill_that_is_not_there_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NAMES, "overload", "nowhere")

    (drill,) = together.run(["overload"], EMPTY, Place()).drills

    assert drill.outcome is Outcome.FAILED
    assert "ekp.drill.nowhere" in drill.checks[0].observed


def test_every_drill_says_what_it_breaks() -> None:
    assert list(BREAKS) == list(NAMES)


def test_a_report_is_the_same_json_every_time() -> None:
    told = [json.dumps(made_up.REPORT.to_json(), sort_keys=True) for _ in range(2)]

    assert told[0] == told[1]
    whole = json.loads(told[0])
    assert list(whole) == ["drills", "environment", "outcome"]
    assert whole["outcome"] == "failed"
    assert [one["outcome"] for one in whole["drills"]] == ["passed", "failed"]
    assert {frozenset(one) for one in whole["drills"]} == {
        frozenset(
            ("broken", "checks", "environment", "local", "name", "outcome", "tables", "title")
        )
    }
    assert {frozenset(check) for one in whole["drills"] for check in one["checks"]} == {
        frozenset(("by", "must", "observed", "outcome", "remedy"))
    }


def test_skipped_checks_alone_prove_nothing() -> None:
    assert Outcome.of([Outcome.SKIPPED]) is Outcome.SKIPPED
    assert Outcome.of([]) is Outcome.SKIPPED
    assert Outcome.of([Outcome.SKIPPED, Outcome.PASSED]) is Outcome.PASSED
    assert Outcome.of([Outcome.PASSED, Outcome.FAILED]) is Outcome.FAILED
