"""Whether a credential stands somewhere in clear: in stacks, values, objects, outputs, or logs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import every
from ekp.drill.report import Check, holds
from ekp.evaluate.blocks import entries
from ekp.evaluate.literal_secrets import secrets
from ekp.evaluate.request import named
from ekp.runner.stacks import Stack

from .header import Header

_VARIABLE = re.compile(r"\bvar\.([A-Za-z0-9_-]+)")
_WORD = re.compile(r"\w")
_SECRET_NAME = re.compile(r"header|secret|password|token|private|credential", re.IGNORECASE)


def checks(configured: Configured, header: Header | None) -> Iterator[Check]:
    """Yield what must hold of what is written down."""
    yield _literals(configured)
    yield _variables(configured, header)
    if header:
        yield _logs(configured, header)


def _literals(configured: Configured) -> Check:
    bad = [
        f"{stack.id} {place.lstrip('.')}"
        for stack in configured.stacks
        for place in secrets(stack.configuration)
    ]
    bad += [
        f"{named(one)} {place.lstrip('.')}" for one in configured.services for place in secrets(one)
    ]
    return holds(
        not bad,
        "No credential stands in clear in the stacks, in values of charts, or in what Git holds.",
        f"In clear: {', '.join(bad)}."
        if bad
        else f"{len(configured.stacks)} stacks with the values of their releases, and "
        f"{len(configured.services)} objects of services: no text that looks like a credential "
        "stands where one is asked for.",
        bad,
        remedy="Name a Secret there (`existingSecret` and the like), put the value into Vault or "
        "into a Secret that `ekp secrets` lists, and replace the value: it was in a file.",
    )


def _variables(configured: Configured, header: Header | None) -> Check:
    asked = set(header.variables) if header else set()
    bad = [
        f"{one.path} custom_header: the value of {header.name} is written out"
        for one in (header.written_out if header else ())
        if header
    ]
    bad += [
        f"{one.path}: a value of {header.name} is written out"
        for way in (header.ways if header else ())
        for one in (*way.rules, *way.groups)
        if header and any(map(_written, _asked(one.body, header.name)))
    ]
    seen = 0
    for stack in configured.stacks:
        declared: Mapping[str, Mapping[str, Any]] = stack.configuration.get("variable", {})
        for name, body in declared.items():
            if name in asked or _SECRET_NAME.search(name):
                seen += 1
                bad += _open(stack, name, body)
    return holds(
        not bad,
        "Secrets that Terraform is given are sensitive variables without a default, and in no "
        "output.",
        f"{'; '.join(bad)}." if bad else f"{seen} such variables.",
        bad or sorted({f"variable {name}" for name in asked}),
        remedy="Declare it sensitive and without a default: `modules/stacks/origin_header.py`.",
    )


def _asked(body: Any, header: str) -> Iterator[str]:
    """Yield the texts that a listener's rule or a rule group compares a header with."""
    if isinstance(body, list):
        for inner in body:
            yield from _asked(inner, header)
    elif isinstance(body, Mapping):
        if str(body.get("http_header_name", "")).lower() == header:
            yield from map(str, body.get("values", ()))
        for field in entries(body.get("field_to_match")):
            if any(one.get("name") == header for one in entries(field.get("single_header"))):
                yield str(body.get("regex_string") or body.get("search_string") or "")
        for inner in body.values():
            yield from _asked(inner, header)


def _written(text: str) -> bool:
    """Tell whether a text has more than variables, and what regular expressions put around them."""
    return any(_WORD.search(part) for part in re.split(r"\$\{[^}]*\}", text))


def _open(stack: Stack, name: str, body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("sensitive") is not True:
        yield f"{stack.id} variable {name} is not sensitive: plans and logs show it"
    if "default" in body:
        yield f"{stack.id} variable {name} has a default, which is in the stack's file"
    for output, value in stack.configuration.get("output", {}).items():
        if name in _VARIABLE.findall(str(value.get("value", ""))):
            yield f"{stack.id} output {output} tells variable {name}"


def _logs(configured: Configured, header: Header) -> Check:
    bad: list[str] = []
    logs = 0
    for one in every(configured.stacks, "aws_wafv2_web_acl_logging_configuration"):
        if one.stack.region not in configured.regions:
            continue  # The edge's web ACL judges before CloudFront adds the header.
        logs += 1
        hidden = {
            str(found.get("name", "")).lower()
            for field in entries(one.body.get("redacted_fields"))
            for found in entries(field.get("single_header"))
        }
        if header.name not in hidden:
            bad.append(f"{one.path} redacted_fields")
    for kind in ("aws_wafv2_web_acl", "aws_wafv2_rule_group"):
        bad += [
            f"{one.path} sampled_requests_enabled"
            for one in every(configured.stacks, kind)
            if one.stack.region in configured.regions and _sampled(one.body)
        ]
    return holds(
        not bad,
        f"No log and no sample of a web ACL shows the value of {header.name}.",
        f"Shown by {', '.join(bad)}."
        if bad
        else f"{logs} logs of regional web ACLs leave it out, and requests are not sampled.",
        bad,
        remedy=f"Redact {header.name}: `modules/aws/waf_log.py`; set sampled_requests_enabled to "
        "false: `modules/aws/waf.py`.",
    )


def _sampled(body: Mapping[str, Any]) -> bool:
    """Tell whether AWS WAF keeps samples of requests, which have their headers.

    Source: AWS WAF developer guide, "Viewing a sample of web requests".
    """
    configs = [*entries(body.get("visibility_config"))]
    for rule in entries(body.get("rule")):
        configs += entries(rule.get("visibility_config"))
    return any(one.get("sampled_requests_enabled") is not False for one in configs)
