"""Recovery from a killed run: its lock released, and what it made taken over by import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import apply as applying
from . import diagnostics, imports, journal, losses, search, settle, state
from . import plan as planning
from .errors import UnfinishedRunError
from .losses import Losses
from .plan import Planned
from .results import Doubt
from .run import Run
from .stacks import Stack
from .target import ERRORED

NO_SUCH_OBJECT = "Cannot import non-existent remote object"
SHOWN = 5


@dataclass(frozen=True)
class Recovery:
    """What was taken over from killed runs, and what stays in doubt."""

    imported: tuple[str, ...] = ()
    in_doubt: tuple[Doubt, ...] = ()
    entries: tuple[journal.Entry, ...] = ()
    leftovers: tuple[Path, ...] = field(default=())

    def finish(self) -> None:
        """All is recorded: the killed runs are closed and the import blocks removed."""
        for file in self.leftovers:
            file.unlink(missing_ok=True)
        for entry in self.entries:
            entry.close()


def pending(run: Run, stack: Stack) -> bool:
    """Whether a killed run on the stack is not closed yet."""
    copy = run.target.copy_of(stack)
    return bool(journal.unfinished(copy)) or (copy.folder / ERRORED).exists()


def plan(
    run: Run, stack: Stack, *, allowed: bool, targets: Sequence[str] = ()
) -> tuple[Planned, Recovery]:
    """Plan a stack, with the objects of a killed run imported if that is ``allowed``.

    Raises:
        UnfinishedRunError: a recorded run still lives, or something is lost and not ``allowed``.
        LockedError: the state is locked, and not by a dead run of ours that may be released.
        TerraformFailedError: Terraform reports errors.
    """
    copy = run.target.copy_of(stack)
    entries = journal.unfinished(copy)
    for entry in entries:
        if entry.alive:
            raise UnfinishedRunError(
                f"The {entry.operation} of {stack.id} that {entry.user} began at {entry.started}"
                f" still runs (Terraform's process {entry.pid}).",
                remedy="Wait until it is done; it saves its state. Then run the command again.",
            )
    if not pending(run, stack):
        return planning.make(run, stack, targets=targets), Recovery()
    if not allowed:
        planned = planning.make(run, stack, targets=targets)
        _refuse_losses(run, stack, entries)
        return planned, Recovery(entries=tuple(entries))
    run.reporter.step(stack.id, "recovers a killed run")
    _store_errored(run, stack)
    lost = losses.find(entries, state.pull(run, stack))
    lost = lost.with_found(search.by_tags(run, stack, lost))
    settle.forget_replaced(run, stack, entries, lost)
    planned, dropped = settle.plan(run, stack, entries, lost.wanted(), targets)
    accepted = [one for one in lost.wanted() if one not in dropped]
    return planned, Recovery(
        imported=tuple(accepted),
        in_doubt=tuple(_doubts(stack, lost, dropped)),
        entries=tuple(entries),
        leftovers=(copy.folder / settle.FILE,),
    )


def take_over(run: Run, stack: Stack, *, allowed: bool) -> Recovery:
    """Record what a killed run made, and change nothing else (before a destroy).

    Raises the errors of ``plan``.
    """
    if not pending(run, stack):
        return Recovery()
    entries = journal.unfinished(run.target.copy_of(stack))
    lost = losses.find(entries, state.pull(run, stack))
    if allowed:
        lost = lost.with_found(search.by_tags(run, stack, lost))
    planned, recovery = plan(run, stack, allowed=allowed, targets=[*lost.wanted()])
    if recovery.imported and planned.saved is not None:
        applying.apply(run, stack, planned, planned.saved, step="takes over")
    for file in recovery.leftovers:
        file.unlink(missing_ok=True)
    return recovery


def _refuse_losses(run: Run, stack: Stack, entries: Sequence[journal.Entry]) -> None:
    copy = run.target.copy_of(stack)
    lost = losses.find(entries, state.pull(run, stack))
    errored = (copy.folder / ERRORED).exists()
    if not lost and not errored:
        return
    began = f" that began at {entries[-1].started}" if entries else ""
    names = [stack.construct_path(one) or one for one in [*lost.created, *lost.begun]]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    what = "its state was not stored" if errored else f"missing: {', '.join(names[:SHOWN])}{more}"
    raise UnfinishedRunError(
        f"The apply of {stack.id}{began} was killed before its state was saved: {what}.",
        remedy=f"Run `{run.target.recover(stack)}`: it takes over what that run made"
        " and lists what stays in doubt.",
    )


def _store_errored(run: Run, stack: Stack) -> None:
    copy = run.target.copy_of(stack)
    if (copy.folder / ERRORED).exists():
        answer = run.read(copy.folder, "state push", ERRORED, lock_timeout=run.lock_timeout)
        if answer.code != 0:
            raise diagnostics.plain(stack, "state push", answer.err)
        (copy.folder / ERRORED).replace(copy.run / ERRORED)


def _doubts(stack: Stack, lost: Losses, dropped: Mapping[str, str]) -> list[Doubt]:
    wanted = lost.wanted()
    found = [
        lost.doubt(stack, address, reason)
        for address, reason in dropped.items()
        if reason != NO_SUCH_OBJECT
    ]
    found += [
        lost.doubt(stack, address, "its creation was begun and never answered")
        for address in lost.begun
        if address not in wanted and not imports.repeatable(address)
    ]
    found += [
        lost.doubt(stack, address, f"its predecessor {old} may still exist")
        for address, old in lost.replaced.items()
    ]
    return found
