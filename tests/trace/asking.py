"""Requests to an environment, and changes of what stands before its clusters."""

from collections.abc import Callable, Mapping
from typing import Any

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.stage import Stage
from ekp.trace.front import Front, front
from ekp.trace.question import Question
from tests.support.configured import Change, with_stack

EDGE, IRELAND, VIRGINIA = "prod-edge", "prod-eu-west-1-ingress", "prod-us-east-1-ingress"
APP, API = "app.prod.ekp.example", "api.prod.ekp.example"
ORIGIN = "origin.prod.ekp.example"


def ask(configured: Configured, **changes: Any) -> Front:
    """Follow a GET of the application's page, with changes of the question."""
    asked: dict[str, Any] = {"scheme": "https", "host": APP, "path": "/"}
    return front(configured, Question(**asked | changes))


def at(found: Front, stage: Stage) -> list[Hop]:
    """Return the hops of a stage."""
    return [hop for hop in found.hops if hop.stage is stage]


def missing(found: Front) -> list[Hop]:
    """Return what is not configured."""
    return [hop for hop in found.hops if hop.verdict is Verdict.MISSING]


def region(found: Front) -> str | None:
    """Return the region whose target group is reached."""
    return found.entered.region if found.entered else None


def each(kind: str, change: Callable[[dict[str, Any]], object]) -> Change:
    """Return what changes every resource of a type."""

    def changed(body: dict[str, Any]) -> None:
        for one in body["resource"][kind].values():
            change(one)

    return changed


def with_origin_records(
    prod: Configured, ireland: Mapping[str, Any], virginia: Mapping[str, Any]
) -> Configured:
    """Return production whose records of the origin have another routing policy."""
    for stack_id, policy in ((IRELAND, ireland), (VIRGINIA, virginia)):

        def change(record: dict[str, Any], policy: Mapping[str, Any] = policy) -> None:
            del record["latency_routing_policy"]
            record.update(policy)

        prod = with_stack(prod, stack_id, each("aws_route53_record", change))
    return prod
