"""A hop of a request's way: what it met, what decided, and what came of it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from .request import Decision
from .stage import Stage


class Verdict(StrEnum):
    """What became of a request at a hop."""

    PASSES = "passes"
    MAY_REFUSE = "may refuse"
    """AWS alone knows: its managed rules look into what is sent. The request goes on."""
    ANSWERS = "answers"
    """The hop answers by itself, and nothing is wrong: a redirect, a kept file."""
    REFUSES = "refuses"
    MISSING = "missing"
    """What should be here is not configured; the request ends here, or goes on unguarded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One hop."""

    stage: Stage
    region: str | None = None
    """None: not in a region."""
    name: str
    """What people call it: ``distribution ekp-prod-global-edge``."""
    verdict: Verdict
    by: str
    """What decided: a construct's path or ``<Kind> <namespace>/<name>``, with the field in it."""
    why: str
    status: int | None = None
    """The HTTP status of the answer; None: it goes on, or nobody answers."""
    remedy: str = ""
    """The setting that would make what is missing."""

    @property
    def ends(self) -> bool:
        """Whether the request gets no further."""
        return self.verdict in (Verdict.ANSWERS, Verdict.REFUSES)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        return {**asdict(self), "stage": self.stage.value, "verdict": self.verdict.value}


def of_decision(found: Decision, region: str, name: str) -> Hop:
    """Return the hop of an evaluator's decision inside a cluster.

    Args:
        found: With its stage.
        region: Where the cluster is.
        name: What decided, as people call it.
    """
    return Hop(
        stage=found.stage,
        region=region,
        name=name,
        verdict=Verdict.PASSES if found.allowed else Verdict.REFUSES,
        by=found.by,
        why=found.why,
        status=found.status,
    )
