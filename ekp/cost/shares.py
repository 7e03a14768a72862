"""Sharing money out to the cent: the parts add up to the whole, in whatever order they come.

Fractions of a cent go by the largest remainder; where remainders are alike, by name.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

CENT = Decimal("0.01")
_CENTS = 100


class Rule(StrEnum):
    """How the shared cost of an environment is split among its tenants."""

    PROPORTIONAL = "proportional"
    EVEN = "even"

    @property
    def meaning(self) -> str:
        """The rule in one sentence, as reports state it."""
        if self is Rule.EVEN:
            return "Every tenant of an environment carries the same part of its shared cost."
        return (
            "Each tenant carries the part of its environment's shared cost that its direct cost"
            " has in the direct costs of all tenants there; where nobody has any, equal parts."
        )


def to_cents(amount: Decimal) -> Decimal:
    """Round an amount to the cent, half a cent away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def rounded(parts: Mapping[str, Decimal], whole: Decimal) -> dict[str, Decimal]:
    """Round each part to the cent, up or down, so that together they are ``whole``.

    ``whole`` is a number of whole cents, less than one away from the parts' exact sum.
    """
    return _dealt({name: Fraction(part) * _CENTS for name, part in parts.items()}, whole)


def split(whole: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Split a number of whole cents by weights; one below zero counts as none.

    Without any weight above zero all parts are equal. Each part is less than a cent away from
    its exact share, and of the sign of the whole.
    """
    counted = {name: Fraction(max(weight, Decimal(0))) for name, weight in weights.items()}
    total = sum(counted.values())
    if not total:
        counted, total = dict.fromkeys(counted, Fraction(1)), Fraction(len(counted))
    exact = Fraction(whole) * _CENTS
    return _dealt({name: exact * weight / total for name, weight in counted.items()}, whole)


def _dealt(exact: Mapping[str, Fraction], whole: Decimal) -> dict[str, Decimal]:
    """Return whole cents below each exact part, and one more for the largest remainders."""
    low = {name: floor(part) for name, part in exact.items()}
    missing = int(whole * _CENTS) - sum(low.values())
    by_remainder = sorted(exact, key=lambda name: (low[name] - exact[name], name))
    more = set(by_remainder[:missing])
    return {name: (low[name] + (name in more)) * CENT for name in exact}
