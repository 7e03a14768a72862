"""Money is shared out to the cent: nothing is lost, and nothing is made."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ekp.cost.shares import CENT, rounded, split, to_cents

NAMES = st.text("abcdefgh-", min_size=1, max_size=5)
# Kubecost's amounts have five digits after the point; adjustments may be below zero.
AMOUNTS = st.decimals("-9999", "99999", places=5)
COSTS = st.decimals("0", "99999", places=5)
CENTS = st.integers(0, 10**9).map(lambda cents: cents * CENT)


@given(st.dictionaries(NAMES, AMOUNTS, min_size=1))
def test_rounded_parts_add_up_to_the_rounded_whole(parts: Mapping[str, Decimal]) -> None:
    whole = to_cents(sum(parts.values(), Decimal(0)))

    found = rounded(parts, whole)

    assert sum(found.values()) == whole
    assert all(abs(found[name] - parts[name]) < CENT for name in parts)


@given(st.dictionaries(NAMES, COSTS, min_size=1))
def test_no_rounded_part_of_costs_is_below_zero(parts: Mapping[str, Decimal]) -> None:
    assert min(rounded(parts, to_cents(sum(parts.values(), Decimal(0)))).values()) >= 0


@given(CENTS, st.dictionaries(NAMES, AMOUNTS, min_size=1))
def test_the_parts_of_a_split_add_up_and_none_is_below_zero(
    whole: Decimal, weights: Mapping[str, Decimal]
) -> None:
    found = split(whole, weights)

    assert sum(found.values()) == whole
    assert min(found.values()) >= 0


@given(CENTS, st.dictionaries(NAMES, COSTS, min_size=2), st.randoms())
def test_a_split_does_not_depend_on_the_order(
    whole: Decimal, weights: Mapping[str, Decimal], random: Random
) -> None:
    shuffled = list(weights.items())
    random.shuffle(shuffled)

    assert split(whole, dict(shuffled)) == split(whole, weights)


@given(CENTS, st.dictionaries(NAMES, COSTS, min_size=2))
def test_who_weighs_more_never_carries_less(whole: Decimal, weights: Mapping[str, Decimal]) -> None:
    found = split(whole, weights)

    for lighter, heavier in pairwise(sorted(weights, key=lambda name: weights[name])):
        if weights[lighter] < weights[heavier]:
            assert found[lighter] <= found[heavier]


@pytest.mark.parametrize("weight", ["0", "-3.5"])
def test_a_whole_that_nobody_weighs_for_is_split_evenly(weight: str) -> None:
    found = split(Decimal("0.05"), dict.fromkeys("cab", Decimal(weight)))

    # Two cents are left over: they go to the first by name.
    assert found == {"a": Decimal("0.02"), "b": Decimal("0.02"), "c": Decimal("0.01")}


def test_a_credit_is_split_as_a_cost_is() -> None:
    found = split(Decimal("-10.00"), {"a": Decimal(1), "b": Decimal(2)})

    assert found == {"a": Decimal("-3.33"), "b": Decimal("-6.67")}
