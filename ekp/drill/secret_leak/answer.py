"""What a region's load balancer answers, with given values in what asks for the header."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource
from ekp.evaluate.request import Request
from ekp.evaluate.stage import Stage
from ekp.trace.balancer import enter
from ekp.trace.call import Call
from ekp.trace.cdn import serve
from ekp.trace.dns import resolve
from ekp.trace.origin import call
from ekp.trace.question import Question

from .header import Values, Way, filled

FORBIDDEN = 403
_HTTPS = 443

Key = tuple[str, str]
"""Of a resource: stack and address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a request at a load balancer."""

    passes: bool
    by: str
    why: str
    status: int | None = None


def applied(configured: Configured, by: Mapping[Key, Values]) -> Configured:
    """Return the environment with values in the variables of some resources."""
    stacks = dict(configured.reader.stacks)
    for (id_, address), values in by.items():
        stack = stacks[id_]
        kind, _, name = address.partition(".")
        kinds: dict[str, Any] = dict(stack.configuration["resource"])
        kinds[kind] = {**kinds[kind], name: filled(kinds[kind][name], values)}
        stacks[id_] = replace(stack, configuration={**stack.configuration, "resource": kinds})
    return Configured.of(stacks, configured.environment, configured.services)


def asked(host: str) -> Question:
    """Return a user's request."""
    return Question(scheme="https", host=host, path="/")


def sent(configured: Configured, host: str) -> Call | None:
    """Return what CloudFront calls origins with for a user's request; None: it calls none.

    Raises:
        Unsupported: a part of what decides is not understood.
    """
    question = asked(host)
    led = resolve(configured, question, host, kind="A", stage=Stage.DNS)
    if led.target is None or led.target.address.startswith("aws_lb."):
        return None
    served = serve(configured, question, led.target, Request(host=host, path="/", port=_HTTPS))
    if served.chosen is None:
        return None
    return call(configured, question, served.chosen, served.request)[1]


def answer(configured: Configured, way: Way, host: str, made: Call) -> Answer:
    """Return what a load balancer does with a call.

    Args:
        configured: The environment, with values in its variables.
        way: Its load balancer.
        host: Whom the user asked for.
        made: CloudFront's call.

    Raises:
        Unsupported: a part of what decides is not understood.
    """
    stack = configured.reader.stacks[way.balancer.stack.id]
    balancer = Resource(stack, way.balancer.address, way.balancer.body)
    hops, entered = enter(configured, asked(host), balancer, made)
    last = hops[-1]
    return Answer(entered is not None, last.by, last.why, last.status)
