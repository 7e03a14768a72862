"""What a run gives back: frozen values, as JSON and as a table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from .errors import Problem

HIDDEN = "(sensitive)"


class Status(StrEnum):
    """How a stack came out."""

    APPLIED = "applied"
    UNCHANGED = "no changes"
    PLANNED = "planned"
    DESTROYED = "destroyed"
    READ = "read"
    WAITING = "waiting"
    FAILED = "failed"
    SKIPPED = "skipped"
    INTERRUPTED = "interrupted"


GOOD = {Status.APPLIED, Status.UNCHANGED, Status.PLANNED, Status.DESTROYED, Status.READ}


@dataclass(frozen=True)
class Counts:
    """Resources of a plan by what happens to them."""

    add: int = 0
    change: int = 0
    replace: int = 0
    destroy: int = 0
    adopt: int = 0

    def __str__(self) -> str:
        text = f"+{self.add} ~{self.change} ±{self.replace} -{self.destroy}"
        return f"{text} import {self.adopt}" if self.adopt else text


@dataclass(frozen=True)
class Change:
    """What a plan does to one resource. ``actions`` are Terraform's own words."""

    address: str
    construct_path: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """One output of a stack. The value of a sensitive one is never printed."""

    value: Any
    sensitive: bool = False

    def __repr__(self) -> str:
        return f"Output({HIDDEN if self.sensitive else self.value!r})"


@dataclass(frozen=True)
class Doubt:
    """Something that may exist without being in the state, and what to look for."""

    address: str
    construct_path: str
    look_for: str


@dataclass(frozen=True)
class Failure:
    """Why a stack failed or waits."""

    message: str
    remedy: str
    problems: tuple[Problem, ...] = ()
    log: Path | None = None


@dataclass(frozen=True)
class StackResult:
    """How one stack came out. ``seconds`` is wall time; ``because`` names stacks at fault."""

    stack: str
    status: Status
    seconds: float = 0.0
    counts: Counts = Counts()
    changes: tuple[Change, ...] = ()
    outputs: Mapping[str, Output] = field(default_factory=dict)
    failure: Failure | None = None
    because: tuple[str, ...] = ()
    speculative: bool = False
    recovered: tuple[str, ...] = ()
    in_doubt: tuple[Doubt, ...] = ()
    plan_file: Path | None = None
    plan_json: Path | None = None
    log: Path | None = None

    @property
    def ok(self) -> bool:
        """Whether the stack came out as asked."""
        return self.status in GOOD

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        plain = asdict(self)
        plain["outputs"] = {
            name: {
                "value": None if output.sensitive else output.value,
                "sensitive": output.sensitive,
            }
            for name, output in sorted(self.outputs.items())
        }
        plain["status"] = self.status.value
        plain["seconds"] = round(self.seconds, 2)
        return {name: _plain(value) for name, value in plain.items()}


@dataclass(frozen=True)
class RunResult:
    """How a run over stacks came out, in the order in which they depend on each other."""

    command: str
    target: str
    stacks: tuple[StackResult, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every stack came out as asked (a waiting stack did not fail)."""
        return all(stack.ok or stack.status is Status.WAITING for stack in self.stacks)

    @property
    def speculative(self) -> tuple[str, ...]:
        """Stacks planned with samples in place of an upstream that is not applied."""
        return tuple(stack.stack for stack in self.stacks if stack.speculative)

    def of(self, stack: str) -> StackResult:
        """The result of one stack. Raises KeyError for a stack that took no part."""
        return {result.stack: result for result in self.stacks}[stack]

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values with the same keys every time."""
        return {
            "command": self.command,
            "target": self.target,
            "ok": self.ok,
            "seconds": round(self.seconds, 2),
            "speculative": list(self.speculative),
            "stacks": [stack.to_json() for stack in self.stacks],
        }

    def summary(self) -> Group:
        """One table of all stacks, then what went wrong or stays in doubt (for rich)."""
        table = Table(
            "stack", "result", "changes", "seconds", title=f"{self.command} ({self.target})"
        )
        for stack in self.stacks:
            note = " (speculative)" if stack.speculative else ""
            table.add_row(
                escape(stack.stack),
                f"{stack.status.value}{note}",
                str(stack.counts) if stack.counts != Counts() else "",
                f"{stack.seconds:.1f}",
            )
        return Group(table, *(line for stack in self.stacks for line in _remarks(stack)))


def _remarks(stack: StackResult) -> list[str]:
    lines = []
    if stack.because:
        lines.append(f"{stack.stack}: not run because of {', '.join(stack.because)}.")
    if stack.failure is not None:
        lines.append(f"{stack.stack}: {stack.failure.message}")
        for problem in stack.failure.problems:
            lines += [f"  {line}" for line in problem.text.splitlines()]
            if problem.address:
                lines.append(f"  at {problem.construct_path or '?'} ({problem.address})")
        lines.append(f"  {stack.failure.remedy}")
        if stack.failure.log:
            lines.append(f"  Full log: {stack.failure.log}")
    if stack.recovered:
        lines.append(f"{stack.stack}: taken over from the killed run: {', '.join(stack.recovered)}")
    lines += [
        f"{stack.stack}: in doubt: {doubt.construct_path or doubt.address} ({doubt.address}):"
        f" {doubt.look_for}"
        for doubt in stack.in_doubt
    ]
    return [escape(line) for line in lines]


def _plain(value: Any) -> Any:
    match value:
        case Path():
            return str(value)
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
    return value
