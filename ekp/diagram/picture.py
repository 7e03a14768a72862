"""What a picture shows: frozen values, free of how it is drawn."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a node is about; decides its colour, and nothing that its words do not say too."""

    PEOPLE = "people"
    WAY_IN = "way in"
    SHIELD = "shield"
    NETWORK = "network"
    CLUSTER = "cluster"
    PLATFORM = "platform"
    TENANT = "tenant"
    STORE = "store"
    OUTSIDE = "outside"
    REFUSAL = "refusal"
    """Where a request ends that should get no further."""


class Flow(StrEnum):
    """What an edge stands for."""

    REQUEST = "request"
    """Users' requests take it."""
    ACCESS = "access"
    """One calls or administers the other with rights of its own."""
    CONTRACT = "contract"
    """A layer reads what another publishes."""
    ORDER = "order"
    """Nothing: the head is drawn below the tail."""


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a node; an edge may end at it by its ``key``."""

    title: str
    lines: tuple[str, ...] = ()
    kind: Kind | None = None
    """Where it differs from its node's."""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing, or several that are told in one; ``name`` is unique in the picture."""

    name: str
    kind: Kind
    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    columns: tuple[tuple[str, ...], ...] = ()
    """Words side by side, such as the names of charts."""

    @property
    def words(self) -> str:
        """All that it says, in the order of reading."""
        parts = [self.title, *self.lines]
        for row in self.rows:
            parts += [row.title, *row.lines]
        for column in self.columns:
            parts += column
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node (or a row of it) to another; both may be boxes too."""

    tail: str
    head: str
    flow: Flow
    label: str = ""
    tail_row: str = ""
    head_row: str = ""
    upward: bool = False
    """Whether its head stands above its tail."""


@dataclass(frozen=True, slots=True)
class Box:
    """What stands together: an account, a region, a layer."""

    name: str
    title: str
    note: str = ""
    nodes: tuple[Node, ...] = ()
    boxes: tuple["Box", ...] = ()
    level: bool = False
    """Whether its nodes stand side by side."""

    def every_node(self) -> Iterator[Node]:
        """Yield the nodes in this box and the boxes within."""
        yield from self.nodes
        for box in self.boxes:
            yield from box.every_node()

    def every_box(self) -> Iterator["Box"]:
        """Yield this box and those within."""
        yield self
        for box in self.boxes:
            yield from box.every_box()


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole environment."""

    environment: str
    title: str
    nodes: tuple[Node, ...]
    """Those that stand in no box."""
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]

    def every_node(self) -> Iterator[Node]:
        """Yield all nodes, wherever they stand."""
        yield from self.nodes
        for box in self.boxes:
            yield from box.every_node()

    def every_box(self) -> Iterator[Box]:
        """Yield all boxes, wherever they stand."""
        for box in self.boxes:
            yield from box.every_box()

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time, without what orders the picture."""
        drawn = tuple(edge for edge in self.edges if edge.flow is not Flow.ORDER)
        return asdict(replace(self, edges=drawn))
