"""Planning: what would change, kept on disk so that exactly that is applied."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import across, diagnostics, files, terraform
from . import run as running
from .contracts import Speculation, Throwaway, Upstreams
from .progress import Reporter, Silent
from .results import Change, Counts, Failure, RunResult, StackResult, Status
from .run import Run
from .stacks import Stack
from .target import Target

KINDS = {
    ("create",): "add",
    ("update",): "change",
    ("delete",): "destroy",
    ("create", "delete"): "replace",
    ("delete", "create"): "replace",
    ("forget",): "change",
}


@dataclass(frozen=True)
class Saved:
    """A plan on disk: the file to apply, and the same as JSON."""

    file: Path
    json_file: Path


@dataclass(frozen=True)
class Planned:
    """What a plan would do. ``saved`` is None when there is nothing to do."""

    counts: Counts
    changes: tuple[Change, ...]
    log: Path
    saved: Saved | None

    @property
    def steps(self) -> int:
        """How many resource operations the apply takes: a replacement is two."""
        counts = self.counts
        return counts.add + counts.change + 2 * counts.replace + counts.destroy


def plan(
    stacks: Mapping[str, Stack],
    *,
    target: Target,
    selected: Collection[str] | None = None,
    reporter: Reporter | None = None,
    parallelism: int | None = None,
    lock_timeout: str = "0s",
    speculation: Speculation | None = None,
) -> RunResult:
    """Plan stacks in order; nothing is changed.

    A stack that reads a contract of a stack that is not applied is planned with samples in a
    throwaway local AWS if there is ``speculation``, else it is reported as waiting.

    Raises:
        RunnerError: the run cannot start (no Terraform, no cache folder). What goes wrong in a
            stack is in its result.
    """
    run = running.start(
        stacks,
        target=target,
        reporter=reporter or Silent(),
        lock_timeout=lock_timeout,
    )
    upstreams = Upstreams(run)
    with ExitStack() as opened:
        throwaway = opened.enter_context(Throwaway(speculation, upstreams)) if speculation else None

        def work(stack: Stack) -> StackResult:
            missing = upstreams.missing(stack)
            if missing and throwaway is None:
                return waiting(stack, missing)
            chosen = throwaway.run_for(run, stack) if missing and throwaway else run
            chosen.ready(stack)
            planned = make(chosen, stack)
            status = Status.PLANNED if planned.saved else Status.UNCHANGED
            return replace(result(stack, planned, status), speculative=bool(missing))

        return across.each(run, "plan", work, selected=selected, parallelism=parallelism)


def make(run: Run, stack: Stack, *, destroy: bool = False, targets: Sequence[str] = ()) -> Planned:
    """Plan one stack in its working copy, and keep plan file and JSON in its run folder.

    Raises:
        LockedError: another run holds the state's lock.
        TerraformFailedError: Terraform reports errors.
        InterruptedRunError: the run was asked to stop.
    """
    copy = run.target.copy_of(stack)
    fresh = copy.run / "plan.new"
    run.reporter.step(stack.id, "plan")
    argv = run.command(
        "plan",
        json=terraform.FLAG,
        input=False,
        detailed_exitcode=terraform.FLAG,
        lock_timeout=run.lock_timeout,
        out=str(fresh),
        destroy=terraform.FLAG if destroy else None,
        target=list(targets),
    )
    ended = run.locking(stack, "plan", argv)
    run.check(stack, "plan", ended)
    kept, described = copy.run / "plan.tfplan", copy.run / "plan.json"
    if ended.code == 0:  # nothing to do: describing the plan would only load all schemas again
        for file in (fresh, kept, described):
            file.unlink(missing_ok=True)
        return Planned(Counts(), (), ended.log, None)
    shown = run.read(copy.folder, "show", str(fresh), json=terraform.FLAG)
    if shown.code != 0:
        raise diagnostics.plain(stack, "show", shown.err)
    files.write(described, shown.out)
    fresh.chmod(0o600)
    fresh.replace(kept)
    return read(stack, Saved(kept, described), ended.log)


def read(stack: Stack, saved: Saved, log: Path) -> Planned:
    """What a plan on disk would do."""
    body = json.loads(saved.json_file.read_text())
    resources = [one for one in body.get("resource_changes", ()) if one.get("mode") == "managed"]
    changing = [one for one in resources if KINDS.get(_actions(one)) or _adopted(one)]
    kinds = Counter(KINDS[_actions(one)] for one in changing if _actions(one) in KINDS)
    return Planned(
        counts=Counts(
            add=kinds["add"],
            change=kinds["change"],
            replace=kinds["replace"],
            destroy=kinds["destroy"],
            adopt=sum(_adopted(one) for one in changing),
        ),
        changes=tuple(
            Change(one["address"], stack.construct_path(one["address"]), _actions(one))
            for one in changing
        ),
        log=log,
        saved=saved,
    )


def result(stack: Stack, planned: Planned, status: Status) -> StackResult:
    """A result that carries a plan."""
    return StackResult(
        stack=stack.id,
        status=status,
        counts=planned.counts,
        changes=planned.changes,
        plan_file=planned.saved.file if planned.saved else None,
        plan_json=planned.saved.json_file if planned.saved else None,
        log=planned.log,
    )


def waiting(stack: Stack, missing: Sequence[str]) -> StackResult:
    """The result of a stack whose upstream is not applied."""
    return StackResult(
        stack.id,
        Status.WAITING,
        failure=Failure(
            f"{stack.id} reads {', '.join(missing)}, which is not applied yet.",
            "Deploy that first, or plan with samples in its place (`--speculative`).",
        ),
        because=tuple(missing),
    )


def _actions(change: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(change["change"]["actions"])


def _adopted(change: Mapping[str, Any]) -> bool:
    return "importing" in change["change"]
