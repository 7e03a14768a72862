"""An analysis counts its measurements, and a rollout follows it, as Argo Rollouts does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from ekp.drill.bad_deploy.analysis import Metric, Phase, Run, Tally, assess, worst
from ekp.drill.bad_deploy.condition_parts import Result
from ekp.drill.bad_deploy.course import AwayError, Course, Ending, follow, judged
from ekp.drill.bad_deploy.plan import Plan, Stage, plan_of
from ekp.drill.durations import seconds, whole
from ekp.evaluate.request import Unsupported

METRIC = Metric(
    name="success-rate",
    interval=60.0,
    initial_delay=60.0,
    success="len(result) > 0 && result[0] >= 0.95",
    failure="len(result) > 0 && result[0] < 0.95",
    failure_limit=1,
    inconclusive_limit=100,
)
HOUR = Plan(stages=(Stage(start=0.0, lasts=3600.0, weight=5),), analysis={"templates": []})


def course(values: Mapping[float, Result | None], metric: Metric = METRIC) -> Course:
    """Follow an hour in which a metric measures something else than a good value at some times."""

    def measure(_: Metric, at: float) -> Result:
        found = values.get(at, (1.0,))
        if found is None:
            raise AwayError
        return found

    return follow(HOUR, (metric,), measure)


def rollout(steps: Sequence[Any], starting: int | None = None) -> dict[str, Any]:
    analysis = {"templates": [{"templateName": "a"}]}
    if starting is not None:
        analysis["startingStep"] = starting  # type: ignore[assignment]
    return {
        "kind": "Rollout",
        "metadata": {"namespace": "shop", "name": "orders"},
        "spec": {"strategy": {"canary": {"steps": steps, "analysis": analysis}}},
    }


@pytest.mark.parametrize(
    ("tally", "limits", "running", "stopped"),
    [
        # argo-rollouts v1.9.0, analysis/analysis_test.go: TestAssessMetricStatusFailureLimit,
        # ...InconclusiveLimit, ...ConsecutiveErrors, ...NoMeasurements, ...CountReached.
        (Tally(failed=3, last=Phase.FAILED), {"failure_limit": 2}, Phase.FAILED, Phase.FAILED),
        (
            Tally(failed=3, last=Phase.FAILED),
            {"failure_limit": 3},
            Phase.RUNNING,
            Phase.SUCCESSFUL,
        ),
        (
            Tally(inconclusive=3, last=Phase.INCONCLUSIVE),
            {"inconclusive_limit": 2},
            Phase.INCONCLUSIVE,
            Phase.INCONCLUSIVE,
        ),
        (
            Tally(inconclusive=3, last=Phase.INCONCLUSIVE),
            {"inconclusive_limit": 3},
            Phase.RUNNING,
            Phase.SUCCESSFUL,
        ),
        (Tally(errors_in_a_row=5, last=Phase.ERROR), {}, Phase.ERROR, Phase.ERROR),
        (Tally(errors_in_a_row=4, last=Phase.ERROR), {}, Phase.RUNNING, Phase.SUCCESSFUL),
        (Tally(), {}, Phase.PENDING, Phase.SUCCESSFUL),
        (
            Tally(successful=10, last=Phase.SUCCESSFUL),
            {"count": 10, "interval": None},
            Phase.SUCCESSFUL,
            Phase.SUCCESSFUL,
        ),
        (
            Tally(successful=5, inconclusive=5, last=Phase.SUCCESSFUL),
            {"count": 10, "interval": None},
            Phase.INCONCLUSIVE,
            Phase.INCONCLUSIVE,
        ),
        # A failureLimit below none is no limit.
        (Tally(failed=9, last=Phase.FAILED), {"failure_limit": -1}, Phase.RUNNING, None),
    ],
)
def test_a_metric_comes_to_what_argo_says(
    tally: Tally, limits: Mapping[str, Any], running: Phase, stopped: Phase | None
) -> None:
    metric = replace(Metric(name="success-rate", interval=60.0), **limits)

    assert assess(metric, tally) is running
    if stopped is not None:
        assert assess(metric, tally, terminating=True) is stopped


@pytest.mark.parametrize(
    ("success", "failure", "phase"),
    [
        # argo-rollouts v1.9.0, utils/evaluate/evaluate_test.go.
        ("true", "false", Phase.SUCCESSFUL),
        ("true", "true", Phase.FAILED),
        ("false", "false", Phase.INCONCLUSIVE),
        ("", "false", Phase.SUCCESSFUL),
        ("", "true", Phase.FAILED),
        ("false", "", Phase.FAILED),
        ("true", "", Phase.SUCCESSFUL),
        ("", "", Phase.SUCCESSFUL),
        ("a == true", "true", Phase.ERROR),
        ("true", "a == true", Phase.ERROR),
    ],
)
def test_a_measurement_is_judged_by_both_conditions(
    success: str, failure: str, phase: Phase
) -> None:
    assert judged(Metric(name="a", success=success, failure=failure), ()) is phase


def test_the_worst_metric_decides_a_run() -> None:
    assert worst([Phase.SUCCESSFUL, Phase.INCONCLUSIVE, Phase.ERROR]) is Phase.ERROR
    assert worst([Phase.FAILED, Phase.ERROR]) is Phase.FAILED
    assert worst([]) is Phase.SUCCESSFUL


def test_the_second_bad_minute_ends_a_rollout() -> None:
    found = course({60.0: (0.5,), 300.0: (0.5,)})

    assert (found.ending, found.at, found.by) == (Ending.ABORTED, 300.0, "success-rate")
    assert [one.at for one in found.measurements] == [60.0, 120.0, 180.0, 240.0, 300.0]


def test_one_bad_minute_is_forgiven() -> None:
    found = course({60.0: (0.5,)})

    assert (found.ending, found.at) == (Ending.PROMOTED, 3600.0)
    assert len(found.measurements) == 59


def test_an_error_is_tried_again_after_ten_seconds_and_a_row_of_them_ends_a_rollout() -> None:
    away: dict[float, Result | None] = {60.0 + 10 * number: None for number in range(20)}

    found = course(away)

    assert (found.ending, found.phase) == (Ending.ABORTED, Phase.ERROR)
    assert found.at == 60 + 4 * 10


def test_errors_that_end_in_time_do_no_harm_and_are_counted_anew() -> None:
    away: dict[float, Result | None] = {
        60.0 + 10 * number: None for number in range(9) if number != 4
    }

    assert course(away).ending is Ending.PROMOTED


@pytest.mark.parametrize(
    ("limit", "ending", "at"), [(100, Ending.PROMOTED, 3600.0), (2, Ending.PAUSED, 180.0)]
)
def test_having_nothing_to_measure_leaves_a_rollout_where_it_is_past_its_limit(
    limit: int, ending: Ending, at: float
) -> None:
    nothing: dict[float, Result | None] = {60.0 * number: () for number in range(60)}

    found = course(nothing, replace(METRIC, inconclusive_limit=limit))

    assert (found.ending, found.at) == (ending, at)


def test_a_run_without_an_interval_measures_once() -> None:
    run = Run((Metric(name="once"),), started=0.0)
    run.take(0.0, lambda _: Phase.SUCCESSFUL)

    assert (run.due(), run.phase) == (None, Phase.SUCCESSFUL)


def test_a_rollout_goes_on_when_its_analysis_has_measured_often_enough() -> None:
    found = course({300.0: (0.0,), 360.0: (0.0,)}, replace(METRIC, count=3))

    assert (found.ending, found.at) == (Ending.PROMOTED, 3600.0)
    assert len(found.measurements) == 3


def test_blue_green_is_over_when_its_analysis_is() -> None:
    kept = Plan(stages=(Stage(start=0.0, lasts=720.0, weight=100),), analysis={}, at_once=True)

    found = follow(kept, (replace(METRIC, count=10),), lambda *_: (1.0,))

    assert (found.ending, found.at, found.weight) == (Ending.PROMOTED, 600.0, 100)


def test_shares_last_as_long_as_the_pauses_after_them() -> None:
    # Argo Rollouts, "Analysis & Progressive Delivery": the analysis starts with setWeight 40.
    steps: list[dict[str, Any]] = []
    for weight in (20, 40, 60, 80):
        steps += [{"setWeight": weight}, {"pause": {"duration": "10m"}}]

    plan = plan_of(rollout(steps, starting=2))

    assert [(one.start, one.end, one.weight) for one in plan.stages] == [
        (0.0, 600.0, 20),
        (600.0, 1200.0, 40),
        (1200.0, 1800.0, 60),
        (1800.0, 2400.0, 80),
    ]
    assert plan.measured_from == 600.0
    assert [plan.weight(at) for at in (0.0, 599.0, 600.0, 2399.0, 2400.0)] == [20, 20, 40, 80, 100]


def test_a_share_that_waits_for_a_person_is_looked_at_for_a_while() -> None:
    steps = [{"setWeight": 5}, {"pause": {}}, {"setWeight": 50}, {"pause": {"duration": 60}}]
    plan = plan_of(rollout(steps, starting=3))

    short = plan.shortened(900.0)

    assert plan.length == inf
    assert [(one.start, one.end) for one in short.stages] == [(0.0, 900.0), (900.0, 960.0)]
    assert short.measured_from == 900.0


@pytest.mark.parametrize("step", [{"analysis": {}}, {"experiment": {}}, {"plugin": {}}])
def test_a_step_that_is_not_understood_is_said(step: Mapping[str, Any]) -> None:
    with pytest.raises(Unsupported, match="is not evaluated"):
        plan_of(rollout([step]))


@pytest.mark.parametrize(
    ("written", "length"),
    [("60s", 60.0), (90, 90.0), ("90", 90.0), ("1m30s", 90.0), ("1.5h", 5400.0), ("500ms", 0.5)],
)
def test_durations_are_read_as_go_writes_them(written: object, length: float) -> None:
    assert seconds(written, "here") == length


@pytest.mark.parametrize("written", ["", "soon", "1d", "5 m"])
def test_what_is_no_duration_is_said(written: str) -> None:
    with pytest.raises(Unsupported, match="is no duration"):
        seconds(written, "here")


def test_limits_may_be_text() -> None:
    assert [whole(one, "here", 4) for one in (None, 1, "2")] == [4, 1, 2]
    with pytest.raises(Unsupported, match="is no whole number"):
        whole("50%", "here", 0)
