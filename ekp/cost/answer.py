"""Kubecost's allocations as values: what each namespace of each cluster cost in a window.

Source: Kubecost, "Allocation API"; OpenCost, ``core/pkg/opencost/allocation_json.go``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .document import read_document
from .errors import AnswerError
from .question import allocation_curl

IDLE = "__idle__"
UNALLOCATED = "__unallocated__"
UNMOUNTED = "__unmounted__"
_NO_NAMESPACE = {IDLE, UNALLOCATED, UNMOUNTED}
OTHER = "other"
"""GPUs, costs outside of the cluster, and what Kubecost's total has beyond its parts."""
_FIELDS = {
    "cpu": "cpuCost",
    "memory": "ramCost",
    "storage": "pvCost",
    "network": "networkCost",
    "load_balancer": "loadBalancerCost",
}
COMPONENTS = (*_FIELDS, OTHER)
"""What a cost is made of, in the order of reports."""
# Kubecost gives six digits after the point; within these bounds all sums are exact.
_LEAST = Decimal("1E-10")
_MOST = Decimal("1E+12")
_ADJUSTMENT = "Adjustment"
_HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time; its end is not in it."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one namespace of a cluster cost, or what none of them did."""

    cluster: str
    namespace: str
    """Or one of Kubecost's own names, such as ``__idle__``."""
    costs: Mapping[str, Decimal]
    """By component, in US dollars."""
    shared: Decimal
    """What Kubecost itself shared out, such as the price of the control plane."""

    @property
    def has_namespace(self) -> bool:
        """Whether it is a namespace's."""
        return self.namespace not in _NO_NAMESPACE

    @property
    def direct(self) -> Decimal:
        """Its cost without what Kubecost shared out."""
        return sum(self.costs.values(), Decimal(0))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the allocation API."""

    source: str
    """Where it comes from, as errors name it."""
    asked: Period
    """The window that was asked about."""
    period: Period
    """What of it there is data for."""
    allocations: tuple[Allocation, ...]


def read_answer(content: bytes | str, source: str) -> Answer:
    """Return an answer to :func:`allocation_url`.

    Raises:
        AnswerError: it is none, or is one to another question.
    """
    found = read_document(content, source, remedy=allocation_curl())
    rows = _rows(found, source)
    try:
        asked = _span([row["window"] for row in rows.values()])
        # What is idle is so from the window's start to its end, whatever there is data for.
        told = [row for name, row in rows.items() if not name.endswith(IDLE)] or [*rows.values()]
        period = _span(told)
        allocations = tuple(_allocation(name, row) for name, row in sorted(rows.items()))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise AnswerError(
            f"{source} is not an answer of Kubecost's allocation API: {_reason(error)}.",
            remedy=allocation_curl(),
        ) from error
    if period.end <= period.start:
        raise AnswerError(f"{source} covers no time: {period}.", remedy=allocation_curl())
    return Answer(source, asked, period, allocations)


def _rows(found: Any, source: str) -> Mapping[str, Any]:
    if not isinstance(found, dict) or "data" not in found:
        raise AnswerError(
            f"{source} is not an answer of Kubecost's allocation API: it has no data.",
            remedy=allocation_curl(),
        )
    if found.get("code", _HTTP_OK) != _HTTP_OK:
        said = found.get("message") or found["data"] or "no reason given"
        raise AnswerError(f"{source} is an error of Kubecost's: {said}.", remedy=allocation_curl())
    sets = found["data"]
    if not isinstance(sets, list) or any(not isinstance(one, dict | None) for one in sets):
        raise AnswerError(
            f"{source} is not an answer of Kubecost's allocation API: data is no list of sets.",
            remedy=allocation_curl(),
        )
    filled = [one for one in sets if one]
    if len(filled) > 1:
        raise AnswerError(
            f"{source} holds {len(filled)} sets of costs, one is read: it was asked without"
            " accumulate=true.",
            remedy=allocation_curl(),
        )
    # A bare name of Kubecost's own without a cost is no matter.
    rows = {name: row for one in filled for name, row in one.items() if "/" in name or _costs(row)}
    if not rows:
        raise AnswerError(
            f"{source} holds no costs.",
            remedy="Ask about another window; a new Kubecost has costs after some 25 minutes.",
        )
    if wrong := sorted(name for name in rows if name.count("/") != 1):
        raise AnswerError(
            f"{source} is not by cluster and namespace: it has {', '.join(wrong[:3])}.",
            remedy=allocation_curl(),
        )
    return rows


def _costs(row: Any) -> bool:
    return not isinstance(row, dict) or row.get("totalCost") != 0


def _allocation(name: str, row: Mapping[str, Any]) -> Allocation:
    cluster, _, namespace = name.partition("/")
    if not cluster or not namespace:
        raise ValueError(f"{name!r} has no cluster or no namespace")
    costs = {
        component: _amount(row, field) + _amount(row, field + _ADJUSTMENT)
        for component, field in _FIELDS.items()
    }
    shared = _amount(row, "sharedCost")
    if "totalCost" not in row:
        raise ValueError(f"{name} has no totalCost")
    total = _amount(row, "totalCost")
    return Allocation(
        cluster, namespace, {**costs, OTHER: total - shared - sum(costs.values())}, shared
    )


def _amount(row: Mapping[str, Any], field: str) -> Decimal:
    value = row.get(field, Decimal(0))
    if not isinstance(value, Decimal) or abs(value) > _MOST:
        shown = value if isinstance(value, Decimal) else repr(value)
        raise ValueError(f"{field} of {row.get('name', '?')} is {shown}, no amount")
    return value.quantize(_LEAST)


def _span(spans: list[Mapping[str, str]]) -> Period:
    moments = [(_moment(one["start"]), _moment(one["end"])) for one in spans]
    return Period(min(start for start, _ in moments), max(end for _, end in moments))


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found.astimezone(UTC)


def _reason(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
