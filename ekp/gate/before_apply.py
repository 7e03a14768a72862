"""The gate's last look: a stack's plan, just before exactly this plan is applied."""

from dataclasses import dataclass, field
from pathlib import Path

from ekp.runner.stacks import Stack

from .errors import GateClosedError
from .gate import Gate

# A stack with more findings than this was not looked at before: its report is the place to read.
MOST_SHOWN = 20


@dataclass
class BeforeApply:
    """Refuses a stack whose plan has a finding that nothing explains; other stacks go on.

    ``closed`` names the stacks that were refused.
    """

    gate: Gate
    closed: list[str] = field(default_factory=list)

    def __call__(self, stack: Stack, plan: Path) -> None:
        """Judge a plan.

        Raises:
            GateClosedError: a finding has no exception.
            GateError: the plan could not be judged.
        """
        found = self.gate.judge_plan(stack, plan)
        if not found:
            return
        self.closed.append(stack.id)
        lines = [f"{one.check} ({one.severity}) {one.subject.path}: {one.title}" for one in found]
        if len(lines) > MOST_SHOWN:
            lines[MOST_SHOWN:] = [f"and {len(lines) - MOST_SHOWN} more"]
        raise GateClosedError(
            "\n  ".join((f"The policy gate is closed for the plan of {stack.id}:", *lines)),
            remedy="The plan was not applied. Correct the settings or the module; what is "
            f"right as it is gets an exception. `ekp policy {stack.environment}` shows the rest.",
        )
