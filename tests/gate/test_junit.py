"""The gate's report as JUnit XML, read back by a reader that others keep."""

import pytest
from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from ekp.gate.findings import Report
from ekp.gate.reports import junit
from tests.gate import made_up


def suites(report: Report) -> dict[str, TestSuite]:
    return {suite.name: suite for suite in JUnitXml.fromstring(junit.render(report).encode())}


def only_case(report: Report, suite: str) -> TestCase:
    (case,) = suites(report)[suite]
    return case


def test_each_stack_is_a_suite() -> None:
    report = made_up.report()
    stacks = [one.name for one in report.scanned]
    assert [*suites(report)] == [*stacks, "istiod", junit.EXCEPTIONS]


def test_an_open_finding_fails_and_names_its_construct() -> None:
    case = only_case(made_up.report(), "prod-eu-west-1-cluster")
    assert case.name == "EKP_EKS_1 at prod-eu-west-1-cluster/eks/Resource"
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert failure.message == "The endpoint of a cluster is private"
    assert failure.type == "critical"
    assert "resource: aws_eks_cluster.eks_1\nseen in: synthesized, plan" in failure.text


def test_an_explained_finding_is_skipped_with_its_reason() -> None:
    (skipped,) = only_case(made_up.report(), "dev-eu-west-1-ingress").result
    assert isinstance(skipped, Skipped)
    assert skipped.message == f"{made_up.LOGS.reason} (platform, until 2026-12-21)"


def test_a_chart_s_finding_does_not_fail() -> None:
    assert only_case(made_up.report(), "istiod").is_skipped


@pytest.mark.parametrize("suite", ["prod-eu-west-1-network", "prod-services"])
def test_a_stack_without_findings_passes(suite: str) -> None:
    assert only_case(made_up.clean(), suite).is_passed


def test_a_problem_of_an_exception_fails_too() -> None:
    assert only_case(made_up.clean(), junit.EXCEPTIONS).is_passed
    (failure,) = only_case(made_up.report(), junit.EXCEPTIONS).result
    assert isinstance(failure, Failure)
    assert failure.message == made_up.PROBLEM


def test_the_counts_are_those_of_the_cases() -> None:
    whole = JUnitXml.fromstring(junit.render(made_up.report()).encode())
    assert (whole.tests, whole.failures, whole.skipped, whole.errors) == (8, 4, 3, 0)
    ingress = suites(made_up.report())["prod-eu-west-1-ingress"]
    assert (ingress.tests, ingress.failures, ingress.skipped) == (2, 2, 0)


def test_any_name_can_be_written() -> None:
    cases = [*suites(made_up.report())["prod-eu-west-1-ingress"]]
    assert made_up.HOSTILE in cases[1].name
    assert made_up.ESCAPE not in cases[1].name
