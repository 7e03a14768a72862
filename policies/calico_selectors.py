"""Calico's selectors, read so that nothing is taken for closed that is open.

Plain terms, joined by ``&&``, are read exactly. All else (``||``, brackets, ``contains``) is not:
a denial by it counts for nothing, and what it allows is allowed to everybody.

Source: Calico documentation, "Global network policy", Selectors.
"""

import re
from collections.abc import Mapping
from typing import Any

TERM = re.compile(
    r"""(?P<all>all\(\))
    |(?P<not>!\s*)?has\((?P<has>[\w./-]+)\)
    |(?P<key>[\w./-]+)\s*(?P<operator>==|!=|in|not\s+in)\s*(?P<values>'[^']*'|"[^"]*"|\{[^{}]*\})""",
    re.VERBOSE,
)
TEXT = re.compile(r"""["']([^"']*)["']""")
# Every pod has this one.
ORCHESTRATOR = "projectcalico.org/orchestrator"
ACCOUNT = "projectcalico.org/serviceaccount"
# Calico gives pods labels that say their namespace, and those of their namespace.
OF_NAMESPACE = ("projectcalico.org/", "pcns.")


def everyone(selector: Any) -> bool:
    """Tell whether a selector certainly selects everything."""
    return str(selector or "all()").strip() == "all()"


def met(selector: Any, labels: Mapping[str, str]) -> bool:
    """Tell whether labels certainly meet a selector."""
    return everyone(selector) or all(
        (term := TERM.fullmatch(text)) is not None and _holds(term, labels)
        for text in _terms(selector)
    )


def may_be_met(selector: Any, labels: Mapping[str, str]) -> bool:
    """Tell whether labels meet a selector, or it is not plain."""
    return not _plain(selector) or met(selector, labels)


def names_some(selector: Any) -> bool:
    """Tell whether a selector says by a label whom it means, rather than whom it does not."""
    return any(
        term["operator"] in ("==", "in") and term["key"] != ORCHESTRATOR
        if term["key"]
        else term["has"] and not term["not"] and not term["has"].startswith(OF_NAMESPACE)
        for term in _plain(selector)
    )


def names_pods(selector: Any) -> bool:
    """Tell whether a selector means some pods of a namespace, by the value of a label of theirs."""
    return any(
        term["operator"] in ("==", "in")
        and (term["key"] == ACCOUNT or not term["key"].startswith(OF_NAMESPACE))
        for term in _plain(selector)
        if term["key"]
    )


def _plain(selector: Any) -> list[re.Match[str]]:
    """Return the terms of a selector; none if one of them is not plain."""
    found = [TERM.fullmatch(text) for text in _terms(selector or "all()")]
    return [] if None in found else [term for term in found if term]


def _terms(selector: Any) -> list[str]:
    return [text.strip() for text in str(selector).split("&&")]


def _holds(term: re.Match[str], labels: Mapping[str, str]) -> bool:
    if term["all"]:
        return True
    if term["has"]:
        return (term["has"] in labels) != bool(term["not"])
    among = labels.get(term["key"]) in TEXT.findall(term["values"])
    return among == (term["operator"] in ("==", "in"))
