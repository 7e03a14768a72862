"""A tenant's monthly budget against what it cost in a window."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from .answer import Period
from .shares import to_cents


class State(StrEnum):
    """How a cost stands to its budget."""

    WITHIN = "within budget"
    AHEAD = "over by the month's end at this pace"
    OVER = "over budget"

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look at it."""
        return self is not State.WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget and how a window's cost stands to it; all in US dollars."""

    monthly: Decimal
    allowed: Decimal
    """Its part for the window."""
    expected: Decimal
    """What a month costs at the window's pace."""
    state: State


def months(periods: Iterable[Period]) -> Fraction:
    """Return how many calendar months (UTC) periods last: of each month the part they cover."""
    return sum((_months(one) for one in periods), Fraction(0))


def judge(cost: Decimal, monthly: Decimal, covered: Fraction) -> Budget:
    """Hold a window's cost against the budget; ``covered`` is the window's length in months.

    It is over once the cost alone exceeds the budget of the months, at least one, that the window
    lies in; and ahead when it exceeds the window's part of it.
    """
    allowed = Fraction(monthly) * covered
    state = State.WITHIN
    if Fraction(cost) > Fraction(monthly) * max(covered, Fraction(1)):
        state = State.OVER
    elif Fraction(cost) > allowed:
        state = State.AHEAD
    return Budget(
        monthly=to_cents(monthly),
        allowed=_money(allowed),
        expected=_money(Fraction(cost) / covered),
        state=state,
    )


def _months(period: Period) -> Fraction:
    found = Fraction(0)
    start, end = period.start.astimezone(UTC), period.end.astimezone(UTC)
    while start < end:
        first = datetime(start.year, start.month, 1, tzinfo=UTC)
        length = timedelta(days=monthrange(start.year, start.month)[1])
        until = min(end, first + length)
        found += Fraction((until - start) // timedelta(seconds=1), int(length.total_seconds()))
        start = until
    return found


def _money(amount: Fraction) -> Decimal:
    return to_cents(Decimal(amount.numerator) / Decimal(amount.denominator))
