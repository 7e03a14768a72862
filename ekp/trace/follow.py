"""A request followed from its client to the pods that answer it, through what is synthesized."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Unsupported
from ekp.evaluate.stage import Stage
from ekp.runner.errors import RunnerError

from .front import front
from .inside import inside
from .question import Question
from .traced import Trace
from .verdict import outcome as came_to
from .verdict import sentence

SECRET = "<secret>"  # noqa: S105 - what stands in a secret's place
_VARIABLE = re.compile(r"\$\{var\.[^}]*\}")
# What callers prove themselves by; its value is nobody else's to read.
_PROOFS = ("authorization", "cookie", "proxy-authorization")


class NotFollowedError(RunnerError):
    """The way goes on where no evaluator can follow; ``trace`` is the way up to there."""

    def __init__(self, trace: Trace, cause: Unsupported) -> None:
        """Say what is not understood."""
        super().__init__(
            f"The trace ends early: it is not understood what comes next. {cause}",
            remedy="Nothing is guessed. Take that part out of the object, or teach "
            "`ekp/evaluate` what it does.",
        )
        self.trace = trace


class MalformedObjectError(RunnerError):
    """An object of another folder is not of the form that Kubernetes has for its kind."""

    def __init__(self, folder: Path, cause: Exception) -> None:
        """Say where it is, as far as that is known."""
        super().__init__(
            f"An object in {folder} is not of the form of its kind: {type(cause).__name__}: "
            f"{cause}.",
            remedy="Compare it with what `ekp services render` writes, or ask the API server:"
            f" `kubectl apply --dry-run=server -f {folder}`.",
        )


def follow(configured: Configured, question: Question, notes: Sequence[str] = ()) -> Trace:
    """Follow a request.

    Args:
        configured: The environment.
        question: What is asked.
        notes: What was assumed of its token.

    Raises:
        NotFollowedError: the answer hangs on something that is not evaluated.
    """
    hops: list[Hop] = []
    try:
        for hop in _hops(configured, question, notes):
            hops.append(hop)  # noqa: PERF402 - what was met before an error is kept
    except Unsupported as error:
        found = _trace(configured, question, hops)
        verdict = f"is followed up to {found.hops[-1].name} alone" if hops else "is not followed"
        raise NotFollowedError(replace(found, verdict=verdict), error) from error
    return _trace(configured, question, hops)


def _hops(configured: Configured, question: Question, notes: Sequence[str]) -> Iterator[Hop]:
    before = front(configured, question)
    yield from before.hops
    if before.entered is not None:
        yield from inside(configured, question, before.entered, notes)


def _trace(configured: Configured, question: Question, met: Iterable[Hop]) -> Trace:
    hops = tuple(_plain(hop, question) for hop in met)
    outcome = came_to(hops)
    ended = outcome in (Verdict.ANSWERS, Verdict.REFUSES, Verdict.MISSING)
    last = hops[-1] if hops else None
    regions = [hop.region for hop in hops if hop.region]
    return Trace(
        environment=configured.environment,
        question=question,
        hops=hops,
        outcome=outcome,
        verdict=sentence(configured, question, hops),
        status=last.status if last and ended else None,
        region=regions[-1] if regions else None,
        target=last.name if last and last.stage is Stage.WORKLOAD and not ended else None,
    )


def _plain(hop: Hop, question: Question) -> Hop:
    """Return a hop without the values of secrets and of proofs."""
    proofs = [value for name, value in question.headers.items() if name.lower() in _PROOFS]

    def told(text: str) -> str:
        for proof in filter(None, proofs):
            text = text.replace(proof, SECRET)
        return _VARIABLE.sub(SECRET, text)

    return replace(
        hop, name=told(hop.name), by=told(hop.by), why=told(hop.why), remedy=told(hop.remedy)
    )
