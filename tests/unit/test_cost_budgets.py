"""A budget is a month's; a window is held against its part of it."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from ekp.cost.answer import Period
from ekp.cost.budget import State, judge, months


def period(start: str, end: str) -> Period:
    return Period(
        datetime.fromisoformat(start).replace(tzinfo=UTC),
        datetime.fromisoformat(end).replace(tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        ("2026-11-01", "2026-12-01", Fraction(1)),
        ("2026-11-01", "2026-11-16", Fraction(1, 2)),
        ("2028-02-01", "2028-02-02", Fraction(1, 29)),
        ("2026-11-30T12:00", "2026-12-01T12:00", Fraction(1, 60) + Fraction(1, 62)),
        ("2026-12-01", "2027-02-01", Fraction(2)),
    ],
)
def test_a_window_is_as_long_as_its_parts_of_calendar_months(
    start: str, end: str, length: Fraction
) -> None:
    assert months([period(start, end)]) == length


@pytest.mark.parametrize(
    ("cost", "covered", "state"),
    [
        ("50.00", Fraction(1, 2), State.WITHIN),
        ("50.01", Fraction(1, 2), State.AHEAD),
        ("100.00", Fraction(1, 2), State.AHEAD),
        ("100.01", Fraction(1, 2), State.OVER),
        ("100.00", Fraction(1), State.WITHIN),
        ("100.01", Fraction(1), State.OVER),
        ("200.00", Fraction(2), State.WITHIN),
        ("200.01", Fraction(2), State.OVER),
        ("-3.00", Fraction(1, 30), State.WITHIN),
    ],
)
def test_a_cost_is_over_budget_or_on_the_way_there(
    cost: str, covered: Fraction, state: State
) -> None:
    assert judge(Decimal(cost), Decimal(100), covered).state is state


def test_a_budget_tells_the_windows_part_and_where_the_pace_leads() -> None:
    found = judge(Decimal("12.34"), Decimal("99.99"), Fraction(1, 30))

    assert found.allowed == Decimal("3.33")
    assert found.expected == Decimal("370.20")
