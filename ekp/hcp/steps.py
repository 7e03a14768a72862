"""The way from what HCP Terraform has to what it must have, in the order of doing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .wanted import Wanted

if TYPE_CHECKING:
    from .found import Found

SENSITIVE = "(sensitive)"
READABLE = "(readable)"


class Kind(StrEnum):
    """What a step makes or changes, in the order of the steps."""

    PROJECT = "project"
    SET = "variable set"
    WORKSPACE = "workspace"
    MEMBERS = "set applied to"
    VARIABLES = "variables"
    READERS = "state readers"
    TRIGGERS = "run triggers"


@dataclass(frozen=True)
class Change:
    """One field; None is nothing. The value of what is sensitive is not in it."""

    field: str
    old: object
    new: object


@dataclass(frozen=True)
class Step:
    """One thing to make or to change.

    Members, readers and triggers are changed name by name: added (``old`` is None) or taken away.
    """

    kind: Kind
    name: str
    changes: tuple[Change, ...] = ()
    creates: bool = False

    @property
    def added(self) -> tuple[str, ...]:
        """The fields that are not there yet."""
        return tuple(each.field for each in self.changes if each.old is None)

    @property
    def removed(self) -> tuple[str, ...]:
        """The fields that must go."""
        return tuple(each.field for each in self.changes if each.new is None)


@dataclass(frozen=True)
class Plan:
    """The steps for one organisation, and what no step does anything about.

    ``missing`` maps a variable without any value to the workspaces that need it.
    """

    wanted: Wanted
    found: "Found"
    steps: tuple[Step, ...]
    missing: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]

    @property
    def left(self) -> int:
        """How many projects, sets and workspaces are as they should be."""
        touched = {step.name for step in self.steps}
        every = (*self.wanted.projects, *self.wanted.sets, *self.wanted.workspaces)
        return sum(name not in touched for name in every)

    @property
    def gets_values(self) -> frozenset[str]:
        """The environments whose workspaces get values of sensitive variables."""
        names = {step.name for step in self.steps if step.kind is Kind.VARIABLES}
        return frozenset(self.wanted.workspaces[name].environment for name in names)
