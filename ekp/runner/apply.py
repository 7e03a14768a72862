"""Applying a saved plan: exactly what was shown, with a journal beside it."""

from pathlib import Path

from . import terraform
from .plan import Planned, Saved
from .run import Run
from .stacks import Stack


def apply(run: Run, stack: Stack, planned: Planned, saved: Saved, *, step: str = "apply") -> Path:
    """Apply a saved plan; the raw log's path.

    Raises:
        LockedError: another run holds the state's lock.
        TerraformFailedError: Terraform reports errors, or was killed.
        InterruptedRunError: the run was asked to stop; what was begun is finished and recorded.
    """
    run.reporter.step(stack.id, step, planned.steps)
    argv = run.command(
        "apply",
        str(saved.file),
        json=terraform.FLAG,
        input=False,
        lock_timeout=run.lock_timeout,
    )
    ended = run.locking(stack, "apply", argv, plan=saved.json_file)
    run.check(stack, "apply", ended)
    return ended.log
