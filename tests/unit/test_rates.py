"""Rates carry unit and key, and narrow from the edge inwards."""

from typing import Any

from modules.core.rates import Key, Rate, Rates, Window

import pytest
from pydantic import ValidationError


def rate(requests: int, **changes: Any) -> Rate:
    return Rate(requests=requests, **changes)


def test_the_default_rates_narrow_inwards() -> None:
    rates = Rates()

    assert rates.edge.per_second >= rates.region.per_second >= rates.gateway.per_second


def test_rates_are_compared_by_the_second_whatever_their_windows() -> None:
    rates = Rates(
        edge=rate(1000, window=Window.ONE_MINUTE),
        region=rate(4000, window=Window.FIVE_MINUTES),
        gateway=rate(100, window=Window.TEN_MINUTES),
    )

    assert rates.region.per_second == pytest.approx(13.33, abs=0.01)


@pytest.mark.requirement("R11")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"region": Rate(requests=4000)},
            (
                r"edge \(3000 requests in 60 s a client, 50 a second\) is below region \(4000 "
                r"requests in 60 s a client, 66\.6667 a second\), which would never act; raise "
                "edge or lower region"
            ),
        ),
        ({"gateway": Rate(requests=2500)}, r"region .* is below gateway .*; raise region or lower"),
        (
            {"region": Rate(requests=4000, window=Window.ONE_MINUTE)},
            "edge .* is below region",
        ),
        (
            {"gateway": Rate(requests=100, key=Key.POD)},
            "gateway counts by pod, edge, region and gateway count by client; leave key out",
        ),
    ],
)
def test_rates_that_do_not_narrow_are_refused(changes: dict[str, Rate], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Rates(**changes)


@pytest.mark.parametrize("requests", [9, 2_000_000_001])
def test_a_rate_that_the_web_acl_cannot_count_is_refused(requests: int) -> None:
    with pytest.raises(ValidationError, match="than or equal to"):
        rate(requests)


def test_a_share_of_a_rate_stays_countable() -> None:
    assert rate(1000).share(20).requests == 200
    assert rate(20).share(1).requests == 10
