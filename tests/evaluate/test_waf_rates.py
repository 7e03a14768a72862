"""Rate-based rules over time: how many requests get through before AWS WAF acts."""

import pytest

from ekp.evaluate.waf.rates import DELAY, blocked


def steady(rate: float, seconds: float) -> list[float]:
    return [number / rate for number in range(int(rate * seconds))]


def test_a_flood_gets_through_until_it_is_above_the_limit_and_aws_has_noticed() -> None:
    found = blocked(steady(100, 180), window=60, limit=600)

    assert found.starts == 6 + DELAY
    assert len(found.passed) == 600 + 100 * DELAY
    assert found.refused == 180 * 100 - len(found.passed)


def test_a_flood_that_goes_on_stays_out() -> None:
    found = blocked(steady(100, 600), window=60, limit=600)

    assert max(found.passed) < 6 + DELAY


@pytest.mark.parametrize("rate", [1, 9, 10])
def test_a_client_up_to_the_limit_loses_nothing(rate: float) -> None:
    found = blocked(steady(rate, 600), window=60, limit=600)

    assert (found.refused, found.starts) == (0, None)


def test_without_a_delay_the_first_request_above_the_limit_is_refused() -> None:
    found = blocked(steady(10, 60), window=60, limit=50, delay=0)

    assert len(found.passed) == 50


def test_who_stops_is_let_in_again_after_the_window_and_the_delay() -> None:
    burst = [number / 100 for number in range(2000)]
    later = 20 + 60 + DELAY

    found = blocked([*burst, 40 + DELAY, later + 1], window=60, limit=600)

    assert found.passed[-1] == later + 1
    assert found.refused == 1, "a burst shorter than the delay gets through, its sequel does not"


def test_nothing_is_refused_of_nothing() -> None:
    assert blocked([], window=60, limit=10).passed == ()
