"""What a comparison with AWS found: frozen values, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..results import RunResult, StackResult, Status
from .arguments import Kind


@dataclass(frozen=True)
class Attribute:
    """One attribute that differs; ``before`` is the state's value and ``after`` is AWS's.

    ``kind`` says whether the configuration sets it. Sensitive values are ``(sensitive)``.
    """

    path: str
    before: Any
    after: Any
    kind: Kind
    sensitive: bool = False


@dataclass(frozen=True)
class Drifted:
    """A resource that differs: ``changed``, or ``deleted`` where it is not in AWS any more.

    ``attributes`` are what a person has to look at; ``others`` what AWS and the provider tell
    besides: attributes that nobody can set, or that the configuration leaves to others.
    """

    address: str
    construct_path: str
    type: str
    action: str
    attributes: tuple[Attribute, ...] = ()
    others: tuple[Attribute, ...] = ()

    @property
    def matters(self) -> bool:
        """Whether it counts as drift."""
        return self.action == "deleted" or bool(self.attributes)


@dataclass(frozen=True)
class Drift:
    """What was found. ``run`` says how the check of each stack went: read, waiting or failed.

    ``resources`` holds, by stack, all that differ, also those that do not count as drift.
    """

    run: RunResult
    resources: Mapping[str, Sequence[Drifted]]

    @property
    def found(self) -> bool:
        """Whether anything drifted."""
        return any(self.of(stack.stack) for stack in self.run.stacks)

    @property
    def not_applied(self) -> tuple[str, ...]:
        """Stacks that have nothing to compare."""
        return tuple(one.stack for one in self.run.stacks if one.status is Status.WAITING)

    def of(self, stack: str) -> list[Drifted]:
        """The resources of a stack that drifted."""
        return [one for one in self.resources.get(stack, ()) if one.matters]

    def word(self, stack: StackResult) -> str:
        """How a stack came out, in words."""
        if stack.status is Status.READ:
            return "drift" if self.of(stack.stack) else "no drift"
        return "not applied" if stack.status is Status.WAITING else stack.status.value

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        return {
            "command": "drift",
            "target": self.run.target,
            "ok": self.run.ok,
            "drift": self.found,
            "seconds": round(self.run.seconds, 2),
            "stacks": [
                {
                    "stack": stack.stack,
                    "result": self.word(stack),
                    "resources": [asdict(one) for one in self.resources.get(stack.stack, ())],
                    "failure": stack.to_json()["failure"],
                }
                for stack in self.run.stacks
            ],
        }
