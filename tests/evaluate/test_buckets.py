"""A bucket lets through its burst and its rate, and never more in any stretch of time."""

from fractions import Fraction
from itertools import accumulate, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ekp.evaluate.istio.buckets import Bucket, admitted, fits

buckets = st.builds(
    Bucket,
    max_tokens=st.integers(1, 20),
    tokens_per_fill=st.integers(1, 20),
    fill_seconds=st.fractions(min_value="1/20", max_value=5, max_denominator=20),
)
pauses = st.lists(st.fractions(min_value=0, max_value=3, max_denominator=50), max_size=60)


def passed(bucket: Bucket, times: list[Fraction]) -> list[Fraction]:
    return [time for time, ok in zip(times, admitted(bucket, times), strict=True) if ok]


@pytest.mark.requirement("R12")
@given(bucket=buckets, waits=pauses)
def test_no_stretch_of_time_has_more_than_the_burst_and_the_rate(
    bucket: Bucket, waits: list[Fraction]
) -> None:
    found = passed(bucket, list(accumulate(waits)))

    for (first, start), (last, end) in combinations(enumerate(found), 2):
        assert last - first + 1 <= bucket.most(end - start)


@given(bucket=buckets, waits=pauses)
def test_a_refused_request_would_have_been_too_much(bucket: Bucket, waits: list[Fraction]) -> None:
    times = list(accumulate(waits))
    through: list[Fraction] = []
    bound = {"at_once": bucket.max_tokens, "a_second": bucket.per_second}
    for time, ok in zip(times, admitted(bucket, times), strict=True):
        assert fits([*through, time], **bound) == ok  # type: ignore[arg-type]
        through += [time] if ok else []


def test_a_full_bucket_is_emptied_at_once_and_fills_without_steps() -> None:
    bucket = Bucket(3, 2, Fraction(1))
    times = [Fraction(n, 4) for n in (0, 0, 0, 0, 1, 2, 3, 4)]

    # Half a second for each token: a timer would have given none before the first second.
    assert admitted(bucket, times) == [True, True, True, False, False, True, False, True]


def test_a_bucket_holds_no_more_than_its_most_however_long_nobody_asks() -> None:
    bucket = Bucket(2, 5, Fraction(1))

    assert admitted(bucket, [0, 0, 1000, 1000, 1000]) == [True, True, True, True, False]


def test_the_rate_itself_passes_for_ever_and_a_little_more_does_not() -> None:
    bucket = Bucket(1, 20, Fraction(3))

    assert all(admitted(bucket, [Fraction(3 * n, 20) for n in range(500)]))
    assert not all(admitted(bucket, [Fraction(29 * n, 200) for n in range(500)]))


@given(times=st.lists(st.integers(0, 50), max_size=30).map(sorted), at_once=st.integers(1, 5))
def test_a_stretch_fits_exactly_when_all_of_its_parts_do(times: list[int], at_once: int) -> None:
    rate = Fraction(1, 3)
    every = all(
        last - first + 1 <= at_once + rate * (times[last] - times[first])
        for first in range(len(times))
        for last in range(first, len(times))
    )

    assert fits(times, at_once=at_once, a_second=rate) == every


def test_no_requests_are_never_too_many() -> None:
    assert admitted(Bucket(1, 1, Fraction(1)), []) == []
    assert fits([], at_once=1, a_second=Fraction(1))
