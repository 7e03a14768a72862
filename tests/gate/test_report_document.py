"""The gate's report as JSON."""

import json

from ekp.gate.reports import document
from tests.gate import made_up


def test_it_is_plain_json_and_says_everything() -> None:
    report = made_up.report()
    said = document.render(report)
    assert json.loads(json.dumps(said)) == said
    assert said["gate"] == "closed"
    assert said["environments"] == ["prod", "dev"]
    assert said["counts"] == {
        "open": 3,
        "open_by_severity": {"critical": 1, "high": 1, "medium": 1, "low": 0},
        "explained": 2,
        "charts": 1,
        "passed": 1234,
    }
    paths = [one["path"] for one in said["findings"]]
    assert paths == [one.subject.path for one in report.findings]
    assert [one["path"] for one in said["charts"]] == [made_up.CHART.subject.path]
    assert said["problems"] == [made_up.PROBLEM]
    assert said["versions"] == {"checkov": "3.3.30", "Python": "3.11.2"}
    assert (said["day"], said["seconds"]) == ("2026-11-21", 4.25)


def test_a_finding_says_what_where_and_which_exception() -> None:
    first, *_, last = document.render(made_up.report())["findings"]
    assert first == {
        "check": "EKP_EKS_1",
        "title": "The endpoint of a cluster is private",
        "severity": "critical",
        "path": "prod-eu-west-1-cluster/eks/Resource",
        "environment": "prod",
        "region": "eu-west-1",
        "layer": "cluster",
        "stack": "prod-eu-west-1-cluster",
        "resource": "aws_eks_cluster.eks_1",
        "seen": ["synthesized", "plan"],
        "exception": None,
    }
    assert last["exception"]["line"] == 9
    assert last["exception"]["reason"] == made_up.IMAGES.reason


def test_an_exception_says_how_long_it_holds_and_what_it_explains() -> None:
    logs, images, expired = document.render(made_up.report())["exceptions"]
    assert (logs["environments"], logs["days_left"], logs["findings"]) == (["dev"], 30, 1)
    assert (images["environments"], images["plan_only"]) == ("all", False)
    assert (expired["days_left"], expired["plan_only"], expired["findings"]) == (-1, True, 0)


def test_planned_is_null_where_there_is_no_plan_to_be_had() -> None:
    planned = {one["name"]: one["planned"] for one in document.render(made_up.report())["scanned"]}
    assert planned == {
        "prod-eu-west-1-cluster": True,
        "prod-eu-west-1-ingress": False,
        "prod-eu-west-1-network": True,
        "dev-eu-west-1-ingress": True,
        "prod-services": None,
    }


def test_a_report_without_findings_has_the_same_keys() -> None:
    clean = document.render(made_up.clean())
    assert clean.keys() == document.render(made_up.report()).keys()
    assert (clean["gate"], clean["why"]) == ("open", "no check failed")
