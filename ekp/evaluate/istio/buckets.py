"""Token buckets as Envoy's local rate limit counts them, in whole numbers and so exactly.

Simulated is the bucket that is filled when it is asked: ``tokens_per_fill / fill_interval`` a
second, without steps, never above ``max_tokens``, full at first; a request takes one whole token.
Envoy knows no other one since 1.34. Older versions filled it by a timer, in steps; Istio 1.30
brings Envoy 1.38. Sources: Envoy, ``local_ratelimit_impl.cc`` (RateLimitTokenBucket) and
``token_bucket_impl.cc`` (AtomicTokenBucketImpl); its release notes of 1.34, the removed guard
``no_timer_based_rate_limit_token_bucket``; Istio, "Supported Releases", Supported Envoy Versions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket."""

    max_tokens: int
    """What it holds: as many requests may come at once."""
    tokens_per_fill: int
    fill_seconds: Fraction

    @property
    def per_second(self) -> Fraction:
        """The tokens that come in a second."""
        return self.tokens_per_fill / self.fill_seconds

    def most(self, seconds: Fraction | int) -> int:
        """Return the most requests that it can let through in any stretch of so many seconds."""
        return floor(self.max_tokens + self.per_second * seconds)


class Meter:
    """A bucket while requests come; time is counted in ticks."""

    __slots__ = ("_fill", "_full", "_last", "_level", "_token")

    def __init__(self, bucket: Bucket, ticks: int) -> None:
        """Begin with a full bucket.

        Args:
            bucket: The bucket.
            ticks: How many there are in a second.
        """
        a_tick = bucket.per_second / ticks
        # Levels are multiples of what one tick fills in, so that all of them are whole numbers.
        self._fill, self._token = a_tick.numerator, a_tick.denominator
        self._full = self._level = bucket.max_tokens * self._token
        self._last = 0

    def take(self, tick: int) -> bool:
        """Return whether a request passes; no tick is before an earlier request's."""
        self._level = min(self._full, self._level + (tick - self._last) * self._fill)
        self._last = tick
        if self._level < self._token:
            return False
        self._level -= self._token
        return True


def admitted(bucket: Bucket, arrivals: Sequence[Fraction | int]) -> list[bool]:
    """Return for each request whether it passes a bucket that was full at first.

    Args:
        bucket: The bucket.
        arrivals: Seconds at which requests come, none before the one in front of it.
    """
    ticks = lcm(*(Fraction(each).denominator for each in arrivals))
    meter = Meter(bucket, ticks)
    return [meter.take(int(each * ticks)) for each in arrivals]


def fits(
    passed: Iterable[Fraction | int], *, at_once: int, a_second: Fraction, ticks: int = 1
) -> bool:
    """Tell whether no stretch of time, however long, has more requests than are allowed.

    Allowed are so many at once, and beside them what the seconds of the stretch grant.

    Args:
        passed: When requests passed, in ticks and in their order.
        at_once: How many may pass in no time.
        a_second: How many more each second grants.
        ticks: How many there are in a second.
    """
    # Requests n to m fit when m + 1 - n is at most at_once and what the time between them grants.
    # They do for every n when they do for the one that is the least ahead of its time.
    rate = a_second / ticks
    granted, one = rate.numerator, rate.denominator
    least: Fraction | int | None = None
    for number, time in enumerate(passed):
        ahead = number * one - granted * time
        least = ahead if least is None else min(least, ahead)
        if ahead + one - least > at_once * one:
            return False
    return True
