"""The report as SARIF 2.1.0, in the part of it that GitHub's code scanning reads.

What it reads: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..findings import Exemption, Finding, Report, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
"""Within GitHub's bounds: critical is over 9.0, high from 7.0, medium from 4.0."""
PINS = "modules/addons/charts.py"
"""Where charts are pinned."""
EXCEPTIONS = "policies/exceptions.yaml"

_HELP = (
    "Correct the module that makes the construct. An exception in policies/exceptions.yaml is for "
    "what is right as it is."
)
_CHART_HELP = "The chart is its makers' work: set it by its values, or ask them. It is not gated."


def render(report: Report) -> str:
    """Return the log of one run as JSON.

    A result is located twice. Its logical location is the construct's path. Its physical one, which
    code scanning cannot do without, is the first line of the environment's settings: synthesis
    keeps no lines, and these are what differs between a finding here and none there.

    A finding that an exception explains has a suppression. A chart's finding is a note under a
    rule of its own, since code scanning takes a result's security severity from its rule.
    """
    rules = {_rule_id(one): _rule(one) for one in report.findings}
    rules |= {_chart_rule_id(one): _chart_rule(one) for one in report.charts}
    index = {id_: position for position, id_ in enumerate(rules)}
    results = [_gated(one, index) for one in report.findings]
    results += [_chart(one, index) for one in report.charts]
    run = {
        "tool": {"driver": {"name": "ekp policy", "rules": [*rules.values()]}},
        "automationDetails": {
            "id": f"ekp-policy/{'+'.join(report.environments)}/{report.day}",
            "description": {"text": f"The policy gate over {', '.join(report.environments)}."},
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolConfigurationNotifications": [_notification(one) for one in report.problems],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "versions": dict(report.versions),
            "scanned": [one.name for one in report.scanned],
            "notPlanned": [one.name for one in report.scanned if one.planned is False],
            "passed": report.passed,
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def fingerprint(one: Finding) -> str:
    """Return what tells a finding from all others, in every run: its check and construct path."""
    return hashlib.sha256(f"{one.check}\0{one.subject.path}".encode()).hexdigest()


def _rule_id(one: Finding) -> str:
    return one.check


def _chart_rule_id(one: Finding) -> str:
    return f"{one.check}/chart"


def _rule(one: Finding) -> dict[str, Any]:
    return {
        **_described(_rule_id(one), one, _HELP),
        "defaultConfiguration": {"level": LEVELS[one.severity]},
        "properties": {
            "tags": ["security", one.severity.value],
            "severity": one.severity.value,
            "security-severity": SCORES[one.severity],
        },
    }


def _chart_rule(one: Finding) -> dict[str, Any]:
    return {
        **_described(_chart_rule_id(one), one, _CHART_HELP),
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["chart"], "severity": one.severity.value},
    }


def _described(id_: str, one: Finding, help_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "name": id_,
        "shortDescription": {"text": one.title},
        "fullDescription": {"text": one.title},
        "help": {"text": help_},
    }


def _gated(one: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    id_ = _rule_id(one)
    # As the standard has it: if one result lists suppressions, all do, an open one none.
    suppressions = [] if one.exemption is None else [_suppression(one.exemption)]
    return {
        **_result(one, id_, index[id_], f"environments/{quote(one.subject.environment)}.py"),
        "level": LEVELS[one.severity],
        "suppressions": suppressions,
    }


def _chart(one: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    id_ = _chart_rule_id(one)
    return {**_result(one, id_, index[id_], PINS), "level": "note", "suppressions": []}


def _result(one: Finding, id_: str, index: int, file: str) -> dict[str, Any]:
    subject = one.subject
    return {
        "ruleId": id_,
        "ruleIndex": index,
        "message": {"text": f"{one.title}: {subject.path}"},
        "locations": [
            {
                "physicalLocation": _line(file, 1),
                "logicalLocations": [
                    {
                        "name": subject.path.rpartition("/")[2],
                        "fullyQualifiedName": subject.path,
                        "kind": "resource",
                    }
                ],
            }
        ],
        # The action that uploads fills in the first one, from the line, where it is missing: then
        # all findings of a check in an environment would be one.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint(one)}:1",
            "checkAndConstruct/v1": fingerprint(one),
        },
        "properties": {
            "environment": subject.environment,
            "region": subject.region,
            "layer": subject.layer,
            "stack": subject.stack,
            "resource": subject.resource,
            "seen": [place.value for place in one.seen],
        },
    }


def _suppression(one: Exemption) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": one.reason,
        "location": {"physicalLocation": _line(EXCEPTIONS, one.line)},
        "properties": {"owner": one.owner, "expires": one.expires.isoformat(), "path": one.path},
    }


def _line(file: str, line: int) -> dict[str, Any]:
    # Code scanning asks for all four bounds; the end is the character after the last one.
    region = {"startLine": max(line, 1), "startColumn": 1, "endLine": max(line, 1), "endColumn": 2}
    return {"artifactLocation": {"uri": file}, "region": region}


def _notification(problem: str) -> dict[str, Any]:
    return {"level": "error", "message": {"text": problem}}
