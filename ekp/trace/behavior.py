"""What a distribution does with a path: scheme, method, cache, functions.

Sources: CloudFront developer guide, "Cache behavior settings" (the first path pattern that matches
counts; a method that is not allowed is answered with 403) and "Require HTTPS for communication
between viewers and CloudFront" (301 for GET and HEAD, 307 for other methods, 403 where only HTTPS
is taken); "Request and response behavior for custom origins" (a GET with a body is answered 403).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ekp.configured.reading import Reader, Resource
from ekp.evaluate.blocks import blocks
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Request, Unsupported
from ekp.traffic.distributions import ordered_behaviors

from .forwarded import Policies
from .patterns import behavior_matches
from .question import Question
from .viewer_function import address_headers, applied


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The behaviour of a distribution that a path falls under."""

    distribution: Resource
    field: str
    body: Mapping[str, Any]
    policies: Policies

    @property
    def by(self) -> str:
        """The behaviour, as reports name it."""
        return f"{self.distribution.path} {self.field}"

    def keeps(self, method: str) -> bool:
        """Return whether answers to a method are kept."""
        return self.policies.kept_seconds > 0 and method in self.body.get("cached_methods", ())


def choose(reader: Reader, distribution: Resource, path_: str) -> Chosen:
    """Return the behaviour of a path.

    Raises:
        Unsupported: one of its policies is not known here.
    """
    field, body = next(
        (field, body)
        for field, body in ordered_behaviors(distribution.body)
        if behavior_matches(str(body.get("path_pattern", "*")), path_)
    )
    policies = Policies.of(reader, distribution, body)
    return Chosen(distribution=distribution, field=field, body=body, policies=policies)


def behave(
    reader: Reader, chosen: Chosen, question: Question, request: Request, here: dict[str, Any]
) -> tuple[list[Hop], Request]:
    """Return the hops of a behaviour, and the request as its functions leave it.

    Raises:
        Unsupported: a function does what is not understood.
    """
    pattern = chosen.body.get("path_pattern", "*")
    if question.scheme != "https" and (hop := _scheme(chosen, request, here)):
        return [hop], request
    allowed = chosen.body.get("allowed_methods", ())
    if request.method not in allowed:
        why = f"{request.method} is none of the methods for {pattern}: {', '.join(allowed)}"
        return [
            Hop(
                **here,
                verdict=Verdict.REFUSES,
                by=f"{chosen.by} allowed_methods",
                why=why,
                status=403,
            )
        ], request
    if request.method == "GET" and question.body_bytes:
        return [
            Hop(
                **here,
                verdict=Verdict.REFUSES,
                by=chosen.by,
                why=f"a GET with a body, of {question.body_bytes} bytes: CloudFront takes none",
                status=403,
            )
        ], request
    kept = "its answers are not kept"
    if chosen.keeps(request.method):
        kept = (
            f"kept: at most {chosen.policies.kept_seconds:,} s, when it was asked before; this "
            "trace follows one that is not kept"
        )
    first = Hop(
        **here, verdict=Verdict.PASSES, by=chosen.by, why=f"the path falls under {pattern}; {kept}"
    )
    rest, request = _functions(reader, chosen, question, request, here)
    return [first, *rest], request


def _scheme(chosen: Chosen, request: Request, here: dict[str, Any]) -> Hop | None:
    by = f"{chosen.by} viewer_protocol_policy"
    match chosen.body.get("viewer_protocol_policy"):
        case "redirect-to-https":
            return Hop(
                **here,
                verdict=Verdict.ANSWERS,
                by=by,
                why=f"redirects to https://{request.host}{request.path}",
                status=301 if request.method in ("GET", "HEAD") else 307,
            )
        case "https-only":
            return Hop(
                **here, verdict=Verdict.REFUSES, by=by, why="only HTTPS is taken", status=403
            )
        case _:
            return None


def _functions(
    reader: Reader, chosen: Chosen, question: Question, request: Request, here: dict[str, Any]
) -> tuple[list[Hop], Request]:
    hops = []
    for one in blocks(chosen.body, "lambda_function_association"):
        if str(one.get("event_type")).endswith("request"):
            raise Unsupported(chosen.by, "lambda_function_association", "its code is not read")
    for one in blocks(chosen.body, "function_association"):
        if one.get("event_type") != "viewer-request":
            continue
        function = reader.referred(chosen.distribution.stack, one.get("function_arn"))
        if function is None:
            hops.append(
                Hop(
                    **here,
                    verdict=Verdict.MISSING,
                    by=f"{chosen.by} function_association",
                    why="the function that writes the client's address is not there, so what the "
                    "client wrote itself goes on",
                    remedy="edge.distribution makes it: synthesize the stack anew",
                )
            )
            continue
        names = ", ".join(address_headers(function))
        spoofed = [name for name in address_headers(function) if request.header(name) is not None]
        note = f" in place of what the client sent in {', '.join(spoofed)}" if spoofed else ""
        request = applied(function, request, question.client.address)
        hops.append(
            Hop(
                **here,
                verdict=Verdict.PASSES,
                by=function.path,
                why=f"function {function.label} writes {question.client.address} to {names}{note}",
            )
        )
    return hops, request
