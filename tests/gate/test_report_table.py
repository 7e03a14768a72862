"""The gate's report in a terminal."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from ekp.gate.findings import Report
from ekp.gate.reports import table
from tests.gate import made_up


def printed(report: Report) -> str:
    console = Console(file=StringIO(), width=200, force_terminal=True, color_system=None)
    console.print(table.render(report))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def line_with(text: str, report: Report) -> str:
    return next(line for line in printed(report).splitlines() if text in line)


def test_open_findings_are_listed_worst_first() -> None:
    shown = printed(made_up.report())
    first = shown.index("EKP_EKS_1")
    assert first < shown.index("CKV_AWS_145") < shown.index("CKV_AWS_18")
    assert "critical" in line_with("EKP_EKS_1", made_up.report())
    for fact in (
        "The endpoint of a cluster is private",
        "prod-eu-west-1-cluster/eks/Resource",
        "aws_eks_cluster.eks_1",
        "synthesized",
        "plan",
    ):
        assert fact in shown


def test_a_narrow_terminal_loses_no_part_of_a_path() -> None:
    console = Console(file=StringIO(), width=60, color_system=None)
    console.print(table.render(made_up.report(findings=(made_up.BUCKET,))))
    assert isinstance(console.file, StringIO)
    cells = [
        line.split("│")[3].strip()
        for line in console.file.getvalue().splitlines()[4:16]
        if line.count("│") == 5
    ]
    assert "prod-eu-west-1-ingress/alb/logs/Resource" in "".join(cells)


def test_explained_findings_and_those_of_charts_are_counted_alone() -> None:
    shown = printed(made_up.report())
    assert "2 findings explained by exceptions." in shown
    assert "1 finding in third-party charts: reported, never gated." in shown
    assert "dev-eu-west-1-ingress/alb" not in shown
    assert "istiod" not in shown


def test_an_exception_is_shown_from_30_days_before_its_end() -> None:
    shown = printed(made_up.report())
    assert "in 30 days" in shown
    assert "CKV_AWS_18 at **/alb/logs/**" in shown
    assert made_up.LOGS.reason in shown
    assert made_up.IMAGES.path not in shown


def test_problems_of_exceptions_are_shown() -> None:
    assert made_up.PROBLEM in printed(made_up.report())


def test_a_stack_says_whether_it_was_planned() -> None:
    report = made_up.clean()
    assert "│ planned" in line_with("prod-eu-west-1-cluster", report)
    assert "│ not planned" in line_with("prod-eu-west-1-ingress", report)
    assert "│ has no plan" in line_with("prod-services", report)


def test_the_last_line_says_whether_the_gate_is_open_and_why() -> None:
    explained = made_up.report(findings=(made_up.EXPLAINED,), problems=())
    planned = [replace(one, planned=True) for one in made_up.clean().scanned]
    lasts = {
        "closed": printed(made_up.report()).splitlines()[-1],
        "problem": printed(made_up.clean(problems=(made_up.PROBLEM,))).splitlines()[-1],
        "explained": printed(explained).splitlines()[-1],
        "clean": printed(made_up.clean(scanned=tuple(planned))).splitlines()[-1],
    }
    assert lasts == {
        "closed": "The gate is closed: 3 findings without an exception (1 critical, 1 high, "
        "1 medium); 1 problem of exceptions. 1234 checks passed in 4.2 s; 1 stack not planned.",
        "problem": "The gate is closed: 1 problem of exceptions. 1234 checks passed in 4.2 s; "
        "1 stack not planned.",
        "explained": "The gate is open: 1 finding, each with an exception. 1234 checks passed "
        "in 4.2 s; 1 stack not planned.",
        "clean": "The gate is open: no check failed. 1234 checks passed in 4.2 s.",
    }


def test_a_name_by_others_is_neither_markup_nor_a_command_to_the_terminal() -> None:
    shown = printed(made_up.report(findings=(made_up.NAMED_BY_OTHERS,), problems=("a\x1b[2Jb",)))
    assert made_up.HOSTILE[:20] in shown
    assert "[red]" in shown
    assert "\x1b" not in shown
