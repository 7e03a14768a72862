"""Availability: what the platform's own services survive, as one setting of a cluster."""

from enum import StrEnum


class Availability(StrEnum):
    """Whether services run in several copies."""

    HIGH = "high"
    """They survive the loss of a node or a zone: copies, disruption budgets, spread over zones."""
    SINGLE = "single"
    """One copy of each: an upgrade or a lost node interrupts them."""

    @property
    def high(self) -> bool:
        """Whether services run in several copies."""
        return self is Availability.HIGH

    def replicas(self, high: int = 2) -> int:
        """Return how many copies of a service run: ``high``, or one."""
        return high if self.high else 1
