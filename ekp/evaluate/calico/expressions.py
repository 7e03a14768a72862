"""What a selector of Calico means, once it is read: whether an object's labels fit.

Source: projectcalico/calico, libcalico-go/lib/selector/parser/ast.go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Labels = Mapping[str, str]

_COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "in": str.__eq__,
    "contains": str.__contains__,
    "starts with": str.startswith,
    "ends with": str.endswith,
}


@dataclass(frozen=True, slots=True)
class Selector:
    """An expression; what it says of labels is ``matches``."""

    def matches(self, labels: Labels, prefix: str = "") -> bool:
        """Tell whether labels fit, every label of the expression read with a prefix."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Everything(Selector):
    """``all()``, and the empty selector."""

    def matches(self, labels: Labels, prefix: str = "") -> bool:  # noqa: ARG002 - the same for all
        """Tell that they fit."""
        return True


@dataclass(frozen=True, slots=True)
class OutsideNamespaces(Everything):
    """``global()``: it fits all labels, and says which objects are meant where it may stand."""


@dataclass(frozen=True, slots=True)
class Comparison(Selector):
    """One label, compared with values."""

    label: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels, prefix: str = "") -> bool:
        """Tell whether the label fits; one that is missing fits only what is negated."""
        value = labels.get(prefix + self.label)
        if self.operator in ("!=", "not in"):
            return value is None or value not in self.values
        if value is None:
            return False
        return self.operator == "has" or any(
            _COMPARED[self.operator](value, wanted) for wanted in self.values
        )


@dataclass(frozen=True, slots=True)
class Not(Selector):
    """What does not fit the operand."""

    operand: Selector

    def matches(self, labels: Labels, prefix: str = "") -> bool:
        """Tell whether labels do not fit the operand."""
        return not self.operand.matches(labels, prefix)


@dataclass(frozen=True, slots=True)
class And(Selector):
    """What fits all operands."""

    operands: tuple[Selector, ...]

    def matches(self, labels: Labels, prefix: str = "") -> bool:
        """Tell whether labels fit all operands."""
        return all(each.matches(labels, prefix) for each in self.operands)


@dataclass(frozen=True, slots=True)
class Or(Selector):
    """What fits any operand."""

    operands: tuple[Selector, ...]

    def matches(self, labels: Labels, prefix: str = "") -> bool:
        """Tell whether labels fit any operand."""
        return any(each.matches(labels, prefix) for each in self.operands)
