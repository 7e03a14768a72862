"""PodDisruptionBudgets: how many pods they let go at a time."""

import math
from dataclasses import dataclass

from ekp.evaluate.request import Unsupported

Amount = int | str | None
"""A number of pods, a part of them such as ``10%``, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a PodDisruptionBudget says."""

    by: str
    """The object, or the release with the value, that makes it."""
    max_unavailable: Amount = None
    min_available: Amount = None
    others: int = 0
    """Pods of other workloads that it selects as well: all of what it lets go may be of one."""

    def lets_go(self, pods: int) -> int:
        """Return how many of so many healthy pods may be evicted before others are ready.

        Both settings round a percentage up. Source: Kubernetes documentation, "Specifying a
        Disruption Budget for your Application", "Rounding logic when specifying percentages".

        Raises:
            Unsupported: it says neither, both, or no amount.
        """
        if (self.max_unavailable is None) == (self.min_available is None):
            raise Unsupported(
                self.by, "spec", "a budget says one of minAvailable and maxUnavailable"
            )
        every = pods + self.others
        if self.max_unavailable is not None:
            return min(pods, self._of(self.max_unavailable, every))
        return min(pods, max(0, every - self._of(self.min_available, every)))

    def _of(self, amount: Amount, pods: int) -> int:
        text = str(amount)
        if text.removesuffix("%").isdecimal():
            number = int(text.removesuffix("%"))
            return math.ceil(pods * number / 100) if text.endswith("%") else number
        raise Unsupported(self.by, "spec", f"{amount!r} is no number of pods")

    def __str__(self) -> str:
        """Return it as its setting reads."""
        if self.max_unavailable is not None:
            return f"maxUnavailable {self.max_unavailable}"
        return f"minAvailable {self.min_available}"
