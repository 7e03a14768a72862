"""What a web ACL says of a request, as hops: one a rule that does something, and one for the rest.

Source: AWS WAF developer guide, "Setting rule priority": rules are asked in their order until one
allows or blocks.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ekp.configured.reading import Reader, Resource
from ekp.evaluate.blocks import block, blocks
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Request
from ekp.evaluate.stage import Stage
from ekp.evaluate.waf.acl import judge
from ekp.evaluate.waf.inspected import Effect, Inspected, Judgement, RuleResult

from .question import Question


def inspected(request: Request, question: Question, address: str) -> Inspected:
    """Return a request as a web ACL sees it.

    Args:
        request: As it arrives there.
        question: For what the request does not tell of its client.
        address: Of who opened the connection.
    """
    return Inspected(
        method=request.method,
        host=request.host,
        path=request.path,
        headers={"host": request.host, **request.headers},
        address=address,
        country=question.client.country,
        rate=question.rate,
        body_bytes=question.body_bytes,
    )


def judged(
    reader: Reader, acl: Resource, request: Inspected, *, stage: Stage, region: str | None = None
) -> tuple[Hop, ...]:
    """Return the hops of a web ACL; the last one refuses where a rule blocks.

    Raises:
        Unsupported: a rule would change the answer and is not evaluated.
    """

    def lookup(arn: str) -> Mapping[str, Any] | None:
        found = reader.referred(acl.stack, arn)
        return found.body if found else None

    found = judge(acl.body, lookup, request)
    here: dict[str, Any] = {"stage": stage, "region": region, "name": f"web ACL {acl.label}"}
    told = [
        Hop(
            **here,
            verdict=Verdict.PASSES,
            by=f"{acl.path} rule {one.name}",
            why=f"counts, and lets it go on: {one.why}",
        )
        for one in found.results
        if one.effect is Effect.COUNTS
    ]
    told += [
        Hop(**here, verdict=Verdict.MAY_REFUSE, by=by, why=why)
        for by, why in _unsure(acl, found.may_block)
    ]
    if found.ending is not None and found.ending.effect is Effect.BLOCKS:
        return (*told, _blocked(acl, found.ending, here))
    return (*told, _passed(acl, found, here))


def _unsure(acl: Resource, found: Sequence[RuleResult]) -> Iterator[tuple[str, str]]:
    """Yield who may refuse, and why: AWS's groups together, each rule of ours by itself."""
    groups = {
        str(rule["name"])
        for rule in blocks(acl.body, "rule")
        if block(block(rule, "statement") or {}, "managed_rule_group_statement") is not None
    }
    if names := [one.name for one in found if one.name in groups]:
        listed = ", ".join(names)
        why = f"AWS's own rules may block what they find suspicious, with 403: {listed}"
        yield f"{acl.path} rule", why
    for one in found:
        if one.name not in groups:
            yield f"{acl.path} rule {one.name}", f"it may block: {one.why}"


def _blocked(acl: Resource, rule: RuleResult, here: dict[str, Any]) -> Hop:
    return Hop(
        **here,
        verdict=Verdict.REFUSES,
        by=f"{acl.path} rule {rule.name}",
        why=rule.why,
        status=rule.status or 403,
    )


def _passed(acl: Resource, found: Judgement, here: dict[str, Any]) -> Hop:
    every: Sequence[Any] = blocks(acl.body, "rule")
    quiet = [one.name for one in found.results if one.effect is Effect.NO_MATCH]
    why = f"{len(quiet)} of {len(every)} rules match nothing"
    if quiet:
        why += f" ({', '.join(quiet)})"
    why += (
        f"; {found.ending.name} allows it: {found.ending.why}"
        if found.ending
        else "; no rule blocks it"
    )
    return Hop(**here, verdict=Verdict.PASSES, by=f"{acl.path} rule", why=why)
