"""The three moves that replace the header between CloudFront and the load balancers.

CloudFront sends the current value, load balancers take the current and the next one. Whatever
stacks a move has reached, all load balancers take what any distribution sends.
"""

from dataclasses import dataclass
from enum import StrEnum

# Names of the stacks' variables, as modules/stacks/origin_header.py declares them.
CURRENT = "origin_header_current"
NEXT = "origin_header_next"


class Value(StrEnum):
    """One of the two values of a rotation; the file that holds it is called so."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Move:
    """One deploy of every stack that has the variables."""

    number: int
    current: Value
    """What CloudFront sends."""
    next: Value
    """What load balancers take beside it."""


MOVES = (
    Move(1, Value.OLD, Value.NEW),
    Move(2, Value.NEW, Value.OLD),
    Move(3, Value.NEW, Value.NEW),
)
