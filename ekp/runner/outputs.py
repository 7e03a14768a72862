"""Outputs: what each stack publishes, read from its state."""

from collections.abc import Collection, Mapping

from . import across, files, state
from . import run as running
from .progress import Reporter, Silent
from .results import Output, RunResult, StackResult, Status
from .run import Run
from .stacks import Stack
from .target import Target


def outputs(
    stacks: Mapping[str, Stack],
    *,
    target: Target,
    selected: Collection[str] | None = None,
    reporter: Reporter | None = None,
    parallelism: int | None = None,
) -> RunResult:
    """The outputs of each stack; a stack without a state is reported as waiting for a deploy.

    Needs no provider and takes no lock, so it works while a deploy runs.

    Raises:
        RunnerError: the run cannot start (no Terraform, no cache folder). What goes wrong in a
            stack is in its result.
    """
    run = running.start(stacks, target=target, reporter=reporter or Silent())

    def work(stack: Stack) -> StackResult:
        run.reporter.step(stack.id, "outputs")
        found = state.pull(run, stack)
        if found is None:
            return StackResult(stack.id, Status.WAITING)
        return StackResult(stack.id, Status.READ, outputs=found.outputs)

    return across.each(
        run, "outputs", work, selected=selected, parallelism=parallelism, alone=False
    )


def keep(run: Run, stack: Stack) -> Mapping[str, Output]:
    """The outputs after an apply, also kept in the run folder (sensitive values are not)."""
    found = state.pull(run, stack)
    published = found.outputs if found else {}
    shown = {name: None if one.sensitive else one.value for name, one in published.items()}
    files.write_json(run.target.copy_of(stack).run / "outputs.json", shown)
    return published
