"""Who asks, and how often: arrivals that are the same every time."""

from dataclasses import dataclass
from fractions import Fraction

from .ways import Way

SECONDS = 10
"""How long each process goes on."""
_MANY = 1000
_STORM = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Clients that behave alike."""

    name: str
    clients: int
    rate: Fraction
    """Requests of each client a second."""
    at_once: int = 0
    """Requests of each client in the very first moment, beside its rate."""
    again: int = 0
    """How many requests follow each refused one, a second later."""
    most: int = 0
    """Requests of each client a second that it gets to by asking again; 0: it does not."""
    good: bool = False
    """Whether it stays within what a client may ask, so that it is to lose nothing."""

    def in_second(self, second: int, refused: int) -> int:
        """Return how many requests one of its clients sends in a second, from ``0`` on.

        Args:
            second: Which one.
            refused: How many of its requests were refused in the second before.
        """
        steady = int(self.rate * (second + 1)) - int(self.rate * second)
        return min(steady + self.again * refused, self.most) if self.most else steady


@dataclass(frozen=True, slots=True)
class Process:
    """What comes to a way at the same time."""

    name: str
    crowds: tuple[Crowd, ...]

    @property
    def good_alone_lose_nothing(self) -> bool:
        """Whether good clients are so few beside one that floods that they are to lose nothing."""
        return any(each.good for each in self.crowds) and self.clients < _MANY

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return sum(each.clients for each in self.crowds)


def processes(way: Way) -> list[Process]:
    """Return what is simulated on a way: multiples of what its tightest limit allows a client."""
    guard = way.tightest
    if guard is None:
        return []
    allowed, burst = guard.rate(way.door), guard.at_once(way.door)
    steady = Crowd(name="steady", clients=1, rate=allowed * Fraction(9, 10), good=True)
    quick = Crowd(name="burst", clients=1, rate=Fraction(0), at_once=2 * burst)
    storm = Crowd(
        name="storm",
        clients=1,
        rate=2 * allowed,
        at_once=burst,
        again=2,
        most=int(_STORM * allowed) + 1,
    )
    flood = Crowd(name="flood", clients=1, rate=20 * allowed)
    few = Crowd(name="ordinary", clients=10, rate=allowed / 2, good=True)
    many = Crowd(name="many", clients=_MANY, rate=allowed / 2, good=True)
    return [
        Process("one client at 9/10 of its limit", (steady,)),
        Process("one client with twice its burst at once", (quick,)),
        Process("one client that asks twice again for each refusal", (storm,)),
        Process("one client at 20 times its limit, 10 at half of theirs", (flood, few)),
        Process("1,000 clients at half their limit", (many,)),
        Process("all of these at once", (steady, quick, storm, flood, few, many)),
    ]
