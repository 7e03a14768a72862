"""What a rate-based rule does to a stream of requests, as far as AWS tells.

Sources, AWS WAF developer guide: "Rate-based rule high-level settings" (it looks back over the
window from each moment at which it checks, and checks often), "Rate-based rule caveats" (it
estimates, near the limit, and notices late, both that a rate is above and that it fell again),
"Options for rate limiting in rate-based rules and targeted Bot Control rules" (how late).
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..blocks import Block, block, blocks

DELAY = 50.0
"""Seconds until AWS WAF acts on a rate: usually 30 to 50, at times several minutes."""
WINDOW = 300
"""Seconds, where a rule names none."""
_MOMENT = 1e-6  # What sums of seconds are not exact by.


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The limit of one rate-based rule."""

    rule: str
    priority: int
    requests: int
    window: int
    """Seconds."""
    key: str
    """``IP``, ``FORWARDED_IP``, ``CONSTANT`` or ``CUSTOM_KEYS``."""
    header: str | None
    """The one that tells the address, for ``FORWARDED_IP``."""
    narrowed: bool
    """Whether it counts only some requests, such as those of a path."""

    @property
    def per_second(self) -> float:
        """The same with another unit, to compare by."""
        return self.requests / self.window

    def __str__(self) -> str:
        return f"{self.requests:,} requests in {self.window} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What became of a client's requests at one rate-based rule."""

    passed: tuple[float, ...]
    """When the requests came that got through."""
    refused: int
    starts: float | None
    """When the first was refused; None: none was."""


def limit_of(rule: Block) -> Limit | None:
    """Return the limit of a rule; None: it is no rate-based rule."""
    found = block(block(rule, "statement") or {}, "rate_based_statement")
    if found is None:
        return None
    forwarded = block(found, "forwarded_ip_config")
    return Limit(
        rule=str(rule["name"]),
        priority=int(rule["priority"]),
        requests=int(found["limit"]),
        window=int(found.get("evaluation_window_sec") or WINDOW),
        key=str(found.get("aggregate_key_type") or "IP"),
        header=str(forwarded["header_name"]) if forwarded else None,
        narrowed=block(found, "scope_down_statement") is not None,
    )


def limits(acl: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Return the limits of a web ACL's own rules, in the order of their priorities."""
    found = (limit_of(rule) for rule in blocks(acl, "rule"))
    return tuple(sorted((each for each in found if each), key=lambda each: each.priority))


def blocked(times: Sequence[float], window: float, limit: int, delay: float = DELAY) -> Stream:
    """Return which of a client's requests get through a rate-based rule.

    A request is refused when, ``delay`` seconds before it, more requests than the limit had come
    in the window before that moment; refused ones count too, so that a flood that goes on stays
    out. AWS estimates instead of counting: the figures are near what happens, not it.

    Args:
        times: Seconds at which the requests come, in order.
        window: Seconds over which they are counted.
        limit: Requests in a window that are not too many.
        delay: Seconds until AWS WAF acts on what it counts.
    """
    passed: list[float] = []
    starts: float | None = None
    for at in times:
        seen = at - delay
        before = bisect_right(times, seen - window + _MOMENT)
        if bisect_right(times, seen + _MOMENT) - before <= limit:
            passed.append(at)
        elif starts is None:
            starts = at
    return Stream(passed=tuple(passed), refused=len(times) - len(passed), starts=starts)
