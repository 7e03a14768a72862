"""Where a load balancer's listener leads a call, as a hop."""

from typing import Any

from ekp.configured.reading import Reader, Resource
from ekp.evaluate.blocks import block
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Unsupported

from .call import Call
from .listener import Matched, action, target_group

_REFUSED = 400


def routed(
    reader: Reader, listener: Resource, call: Call, here: dict[str, Any]
) -> tuple[Hop, Resource | None]:
    """Return the hop of a listener's rules, and the target group that they lead to.

    Raises:
        Unsupported: a condition or an action is not evaluated.
    """
    found = action(listener, call)
    match found.action.get("type"):
        case "fixed-response":
            return _fixed(listener, found, here), None
        case "redirect":
            code = str((block(found.action, "redirect") or {}).get("status_code", "HTTP_302"))
            status = int(code.removeprefix("HTTP_"))
            hop = Hop(**here, verdict=Verdict.ANSWERS, by=found.by, why=found.why, status=status)
            return hop, None
        case "forward":
            return _forward(reader, listener, found, here)
        case other:
            raise Unsupported(found.by, "action.type", f"{other} is not evaluated")


def _fixed(listener: Resource, found: Matched, here: dict[str, Any]) -> Hop:
    answer = block(found.action, "fixed_response") or {}
    status = int(answer.get("status_code", 200))
    said = f"{found.why}: it answers {status} {answer.get('message_body', '')}".strip()
    if not found.rule and found.why.startswith("none of 0 "):
        return Hop(
            **here | {"name": f"listener rules in {listener.stack.region}"},
            verdict=Verdict.MISSING,
            by=found.by,
            why=said,
            status=status,
            remedy="edge.domain and edge.shards have the hosts that rules are made for: synthesize "
            "the stack anew",
        )
    verdict = Verdict.REFUSES if status >= _REFUSED else Verdict.ANSWERS
    return Hop(**here, verdict=verdict, by=found.by, why=said, status=status)


def _forward(
    reader: Reader, listener: Resource, found: Matched, here: dict[str, Any]
) -> tuple[Hop, Resource | None]:
    group = reader.referred(listener.stack, target_group(found.action, found.by))
    if group is None:
        region = listener.stack.region
        return Hop(
            **here | {"name": f"target group in {region}"},
            verdict=Verdict.MISSING,
            by=found.by,
            why=f"{found.why}, and the target group that it forwards to is not there",
            remedy="edge.shards and the gateway have target groups of their own: synthesize the "
            "stack anew",
        ), None
    why = (
        f"{found.why}: it forwards to target group {group.label}, "
        f"{group.body.get('protocol')} port {group.body.get('port')}"
    )
    return Hop(**here, verdict=Verdict.PASSES, by=found.by, why=why), group
