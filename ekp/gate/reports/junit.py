"""The report as JUnit XML: a suite for each stack, a case for each finding."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from ..findings import Finding, Report
from .wording import printable

EXCEPTIONS = "policies/exceptions.yaml"
"""The suite that fails for the exceptions' own problems, which close the gate too."""


def render(report: Report) -> str:
    """Return the XML.

    An open finding fails. One that an exception explains is skipped with its reason, and so is a
    third-party chart's, which is never gated. A stack without findings has one case that passes.
    """
    cases: dict[str, list[ET.Element]] = {one.name: [] for one in report.scanned}
    for one in report.findings:
        cases.setdefault(one.subject.stack, []).append(_gated(one))
    for one in report.charts:
        cases.setdefault(one.subject.stack, []).append(_reported(one))
    suites = [_suite(stack, found or [_passed("no findings")]) for stack, found in cases.items()]
    problems = [_problem(text) for text in report.problems]
    suites.append(_suite(EXCEPTIONS, problems or [_passed("no problems")]))
    root = ET.Element("testsuites", name="ekp policy", time=f"{report.seconds:.2f}")
    _add(root, suites)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(name: str, cases: Iterable[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", name=printable(name), time="0")
    _add(suite, cases)
    for case in suite:
        case.set("classname", printable(name))
    return suite


def _add(parent: ET.Element, parts: Iterable[ET.Element]) -> None:
    parent.extend(parts)
    kinds = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in kinds.items():
        parent.set(name, str(sum(1 for _ in parent.iter(tag))))


def _passed(name: str) -> ET.Element:
    return ET.Element("testcase", name=name)


def _gated(one: Finding) -> ET.Element:
    case = _named(one)
    if one.exemption is not None:
        reason = f"{one.exemption.reason} ({one.exemption.owner}, until {one.exemption.expires})"
        ET.SubElement(case, "skipped", message=printable(reason))
        return case
    failure = ET.SubElement(case, "failure", message=printable(one.title), type=one.severity.value)
    failure.text = "\n".join(
        (
            f"severity: {one.severity}",
            f"construct: {printable(one.subject.path)}",
            f"resource: {printable(one.subject.resource)}",
            f"seen in: {', '.join(one.seen)}",
        )
    )
    return case


def _reported(one: Finding) -> ET.Element:
    case = _named(one)
    ET.SubElement(case, "skipped", message="A third-party chart: reported, never gated.")
    return case


def _named(one: Finding) -> ET.Element:
    return ET.Element("testcase", name=printable(f"{one.check} at {one.subject.path}"))


def _problem(text: str) -> ET.Element:
    case = ET.Element("testcase", name=printable(text))
    ET.SubElement(case, "failure", message=printable(text), type="exception")
    return case
