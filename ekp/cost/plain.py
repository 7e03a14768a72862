"""The report as plain values for JSON; amounts are text, so that no reader makes floats of them."""

from dataclasses import asdict
from typing import Any

from .report import EnvironmentCosts, Line, Report


def plain(report: Report) -> dict[str, Any]:
    """Return the report with the same keys every time."""
    return {
        "currency": "USD",
        "periods": [
            {"start": one.start.isoformat(), "end": one.end.isoformat()} for one in report.periods
        ],
        "share": report.rule.value,
        "rule": report.rule.meaning,
        "total": str(report.total),
        "environments": [_environment(one) for one in report.environments],
        "unknown_clusters": {name: str(amount) for name, amount in report.unknown.items()},
        "recommendations": [
            {**asdict(one), "monthly_saving": str(one.monthly_saving)}
            for one in report.recommendations
        ],
        "warnings": list(report.warnings),
    }


def _environment(one: EnvironmentCosts) -> dict[str, Any]:
    return {
        "environment": one.environment,
        "total": str(one.total),
        "shared": {part: str(amount) for part, amount in one.shared.items()},
        "tenants": [_line(line) for line in one.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    budget = line.budget
    return {
        "tenant": line.tenant,
        "owner": line.owner,
        "cost_center": line.cost_center,
        "costs": {component: str(amount) for component, amount in line.costs.items()},
        "direct": str(line.direct),
        "shared": str(line.shared),
        "total": str(line.total),
        "budget": None
        if budget is None
        else {
            "monthly": str(budget.monthly),
            "allowed": str(budget.allowed),
            "expected": str(budget.expected),
            "state": budget.state.value,
        },
    }
