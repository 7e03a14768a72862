"""Conditions of an analysis mean here what they mean to Argo Rollouts."""

from math import inf, nan

import pytest

from ekp.drill.bad_deploy.condition_parts import ConditionError, Result
from ekp.drill.bad_deploy.conditions import evaluate
from ekp.evaluate.request import Unsupported

GENERATED = "len(result) > 0 && !isNaN(result[0]) && result[0] >= 0.999"


@pytest.mark.parametrize(
    ("condition", "result", "holds"),
    [
        # Argo's own tests, utils/evaluate/evaluate_test.go, and its documentation.
        ("true", (), True),
        ("false", (), False),
        ("result > 1", 5.0, True),
        ("result[0] >= 0.95", (0.95,), True),
        ("result[0] >= 0.95", (0.94,), False),
        ("isInf(result[0])", (-inf,), True),
        ("default(result, 0) < 0.05", 0.01, True),
        (GENERATED, (0.999,), True),
        (GENERATED, (0.9989,), False),
        (GENERATED, (), False),
        (GENERATED, (nan,), False),
        ("len(result) > 0 && !isNaN(result[0]) && !(result[0] <= 500)", (501.0,), True),
        # What binds how.
        ("false && false || true", (), True),
        ("true || false && false", (), True),
        ("(true || false) && false", (), False),
        ("!false && false", (), False),
        ("not (result[0] < 1 or result[0] > 3) and true", (2.0,), True),
        ("-1 < result[0]", (0.0,), True),
        ("result[1] == 2 && result[0] != 2", (1.0, 2.0), True),
        ("result[0] >= 1.", (1.0,), True),
        # No number compares with none.
        ("result[0] >= 0 || result[0] < 0", (nan,), False),
        # The second part is looked at only where it counts.
        ("len(result) == 0 || result[0] > 1", (), True),
    ],
)
def test_a_condition_holds_as_argo_would_say(
    condition: str, result: Result, *, holds: bool
) -> None:
    assert evaluate(condition, result) is holds


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        ("result[0] > 1", ()),
        ("result[1] > 1", (1.0,)),
        ("1", ()),
        ("result[0]", (1.0,)),
        ("result > 1", (5.0,)),
        ("result == result", (5.0,)),
        ("len(result) > 0", 5.0),
        ("invalidVariable", ()),
        ("a == true", ()),
        ("!result[0] > 1", (2.0,)),
        ("true && 1", ()),
        # Argo checks all of it before it evaluates any.
        ("false && result", (1.0,)),
        ("isNaN(result)", (1.0,)),
        ("true == 1", ()),
        ("-true", ()),
    ],
)
def test_what_argo_cannot_evaluate_is_an_error_and_no_verdict(
    condition: str, result: Result
) -> None:
    with pytest.raises(ConditionError):
        evaluate(condition, result)


@pytest.mark.parametrize(
    "condition",
    [
        "all(result, {# > 1})",
        "2 in result",
        "result[0] > 1e-5",
        "result[0] + 1 > 2",
        "result[0] > 1 ? true : false",
        "1 < result[0] < 2",
        "result[-1] > 1",
        "result[len(result)] > 1",
        "asInt(result[0]) == 1",
        "(result[0] > 1",
        "result[0] >",
        "len(result, 1) > 0",
        "true true",
        "",
    ],
)
def test_what_is_not_understood_is_said_and_not_guessed(condition: str) -> None:
    with pytest.raises(Unsupported, match="is not understood"):
        evaluate(condition, (1.0,))
