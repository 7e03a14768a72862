"""Trace: one request's way, and what came of it."""

from dataclasses import dataclass
from typing import Any

from ekp.evaluate.hop import Hop, Verdict

from .question import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a request met, and what came of it. It holds no secret and no token."""

    environment: str
    question: Question
    hops: tuple[Hop, ...]
    outcome: Verdict
    """``PASSES`` and ``MAY_REFUSE``: pods answer it; ``MISSING``: it ends where something is not
    configured."""
    verdict: str
    """The outcome in one sentence, without who is spoken of."""
    status: int | None
    """The HTTP status of the answer; None: the application's own, or nobody answers."""
    region: str | None
    """Where it came to; None: to no region."""
    target: str | None
    """Who answers: ``Rollout shop/checkout``; None: nobody behind the platform."""

    @property
    def allowed(self) -> bool:
        """Whether nothing refused it: pods got it, or the platform answered as it should."""
        return self.outcome not in (Verdict.REFUSES, Verdict.MISSING)

    @property
    def unguarded(self) -> tuple[Hop, ...]:
        """Where something is missing and the request went on nevertheless."""
        found = self.hops[:-1] if self.outcome is Verdict.MISSING else self.hops
        return tuple(hop for hop in found if hop.verdict is Verdict.MISSING)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time; of headers it has the names."""
        asked = self.question
        return {
            "environment": self.environment,
            "request": {
                "url": f"{asked.scheme}://{asked.host}{asked.path}",
                "method": asked.method,
                "headers": sorted(asked.headers),
                "token": asked.token is not None,
                "address": asked.client.address,
                "country": asked.client.country,
                "rate_per_second": asked.rate,
                "body_bytes": asked.body_bytes,
                "entry": asked.entry.value,
                "region": asked.region,
                "out_of_service": sorted(asked.out),
            },
            "outcome": self.outcome.value,
            "allowed": self.allowed,
            "verdict": self.verdict,
            "status": self.status,
            "region": self.region,
            "target": self.target,
            "hops": [hop.to_json() for hop in self.hops],
        }
