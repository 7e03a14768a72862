"""One deploy that is tried: what happens, to which service, and when."""

from dataclasses import dataclass

from .labels import Measured
from .plan import Plan
from .scenarios import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """One scenario of one service, at a time of its own and with hashes of its own."""

    measured: Measured
    plan: Plan
    scenario: Scenario
    bound: float
    name: str
    """The service's."""
    number: int
    begins: float
    """Seconds since 1970."""

    @property
    def pod_hash(self) -> str:
        """Of the new version."""
        return f"new{self.number:02d}"
