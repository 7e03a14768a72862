"""One local rate limit as it holds for a request: whom it counts, and how much it lets through."""

from dataclasses import dataclass
from fractions import Fraction

from .buckets import Bucket

CLIENT, POD = "client", "pod"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A bucket of a filter that counts a request. Every pod of the proxy counts for itself."""

    by: str
    """``EnvoyFilter <namespace>/<name>``."""
    where: str
    """The field in it that holds the bucket."""
    name: str
    """The filter's, as Envoy knows it."""
    per: str
    """``client``: each has a bucket of its own; ``pod``: all requests to a pod have one."""
    key: str
    """How clients are told apart: ``address`` or ``header <name>``; "" where they are not."""
    cluster: str | None
    """The destination whose requests alone are counted, by Envoy's name; None: all requests."""
    bucket: Bucket
    status: int
    """HTTP status of a refusal."""
    told: tuple[tuple[str, str], ...]
    """Headers of a refusal, with their values."""
    enabled: Fraction
    """The part of requests that is counted."""
    enforced: Fraction
    """The part of what is too much that is refused; 0: it is counted and let through."""
    share: Fraction
    """The part of the requests that goes to ``cluster``; 1 where all are counted."""
    remembered: int | None
    """Clients that a pod knows at a time; who was forgotten starts with a full bucket. None:
    clients are not told apart."""
    why: str

    @property
    def tokens(self) -> int:
        """What the bucket holds."""
        return self.bucket.max_tokens

    @property
    def fill(self) -> int:
        """The tokens that come in ``fill_seconds``."""
        return self.bucket.tokens_per_fill

    @property
    def fill_seconds(self) -> float:
        """The time in which ``fill`` tokens come."""
        return float(self.bucket.fill_seconds)

    @property
    def per_second(self) -> float:
        """Requests a second that one pod lets through for ever."""
        return float(self.bucket.per_second)

    @property
    def burst(self) -> int:
        """Requests that one pod lets through at once."""
        return self.bucket.max_tokens

    @property
    def binds(self) -> bool:
        """Whether all that is too much is refused."""
        return self.enabled == self.enforced == 1

    def admits(self, rate: float, *, pods: int = 1) -> bool:
        """Return whether a steady rate of one client, kept up for ever, is never refused.

        Of a limit that counts all together the client is taken for the only one that asks.

        Args:
            rate: Requests a second.
            pods: Over how many of the proxy's pods they are spread evenly.
        """
        counted = Fraction(rate) * self.share * self.enabled / pods
        return not self.enforced or counted <= self.bucket.per_second
