"""What a rule that matches does, and what the client is answered.

Source: AWS WAF developer guide, "How AWS WAF handles rule and rule group actions", "CAPTCHA and
Challenge action behavior"; API reference, ``CaptchaAction`` and ``ChallengeAction``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..blocks import Block, block, only
from ..request import Unsupported
from .inspected import Effect, Inspected
from .statements import Answer

BLOCKED = 403
_PUZZLES: Mapping[str, int] = {"captcha": 405, "challenge": 202}
_TOKEN = "aws-waf-token="  # noqa: S105 - the name of a cookie


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule came to."""

    effect: Effect
    why: str
    status: int | None = None


def outcome(action: Block, found: Answer, request: Inspected, where: str) -> Outcome:
    """Return what an action makes of an answer.

    Args:
        action: The rule's ``action``.
        found: Whether the request is what the rule looks for.
        request: The request.
        where: The rule, for messages.

    Raises:
        Unsupported: the action is not known, or nobody knows whether the request is allowed.
    """
    kind, body = only(action, where, "action")
    if found.matches is False:
        return Outcome(Effect.NO_MATCH, found.why)
    if kind == "count":
        return Outcome(Effect.COUNTS, found.why)
    if kind == "allow":
        if found.matches is None:
            raise Unsupported(where, "action.allow", f"it may end the evaluation: {found.why}")
        return Outcome(Effect.ALLOWS, found.why)
    if kind in _PUZZLES:
        return _puzzle(kind, found, request)
    if kind != "block":
        raise Unsupported(where, f"action.{kind}", "it is not evaluated")
    if found.matches is None:
        return Outcome(Effect.MAY_BLOCK, found.why)
    return Outcome(Effect.BLOCKS, found.why, status(body))


def status(refusal: Block) -> int:
    """Return what AWS WAF answers to a request that a ``block`` stops."""
    answered = block(refusal, "custom_response")
    return int(answered["response_code"]) if answered else BLOCKED


def _puzzle(kind: str, found: Answer, request: Inspected) -> Outcome:
    """A valid token makes it count; AWS alone can tell whether one is valid."""
    if _TOKEN in (request.header("cookie") or ""):
        return Outcome(Effect.MAY_BLOCK, f"{found.why}; AWS decides whether its token is valid")
    if found.matches is None:
        return Outcome(Effect.MAY_BLOCK, found.why)
    return Outcome(Effect.BLOCKS, f"{found.why}; {kind} without a token", _PUZZLES[kind])
