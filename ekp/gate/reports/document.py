"""The report as plain values for JSON."""

from typing import Any

from ..findings import Exemption, Finding, Report, Scanned, Use
from .wording import by_severity, days_left, verdict, why


def render(report: Report) -> dict[str, Any]:
    """Return all of a report with the same keys every time, worst findings first.

    ``exception`` of a finding is null for an open one. ``planned`` is null where there is no plan
    to be had.
    """
    return {
        "gate": verdict(report),
        "why": why(report),
        "day": report.day.isoformat(),
        "seconds": round(report.seconds, 2),
        "environments": [*report.environments],
        "counts": {
            "open": len(report.open),
            "open_by_severity": {
                name.value: count for name, count in by_severity(report.open).items()
            },
            "explained": len(report.exempted),
            "charts": len(report.charts),
            "passed": report.passed,
        },
        "findings": [_finding(one) for one in report.findings],
        "problems": [*report.problems],
        "exceptions": [_use(report, one) for one in report.uses],
        "charts": [_finding(one) for one in report.charts],
        "scanned": [_scanned(one) for one in report.scanned],
        "versions": dict(report.versions),
    }


def _finding(one: Finding) -> dict[str, Any]:
    subject = one.subject
    return {
        "check": one.check,
        "title": one.title,
        "severity": one.severity.value,
        "path": subject.path,
        "environment": subject.environment,
        "region": subject.region,
        "layer": subject.layer,
        "stack": subject.stack,
        "resource": subject.resource,
        "seen": [place.value for place in one.seen],
        "exception": None if one.exemption is None else _exemption(one.exemption),
    }


def _exemption(one: Exemption) -> dict[str, Any]:
    return {
        "line": one.line,
        "check": one.check,
        "path": one.path,
        "environments": [*one.environments] or "all",
        "reason": one.reason,
        "owner": one.owner,
        "expires": one.expires.isoformat(),
        "plan_only": one.plan_only,
    }


def _use(report: Report, use: Use) -> dict[str, Any]:
    return {
        **_exemption(use.exemption),
        "days_left": days_left(report, use),
        "findings": use.findings,
    }


def _scanned(one: Scanned) -> dict[str, Any]:
    return {
        "name": one.name,
        "environment": one.environment,
        "region": one.region,
        "layer": one.layer,
        "resources": one.resources,
        "objects": one.objects,
        "planned": one.planned,
    }
