"""Settling imports: a plan with as many import blocks as hold, and the dead run's lock gone."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from . import diagnostics, files, imports, journal
from . import plan as planning
from .errors import LockedError, TerraformFailedError
from .losses import Losses
from .ownership import owner_of
from .plan import Planned
from .run import Run
from .stacks import Stack

FILE = "recover.tf.json"
T = TypeVar("T")


def forget_replaced(run: Run, stack: Stack, entries: Sequence[journal.Entry], lost: Losses) -> None:
    """Take old objects out of the state whose successors are to be imported under their address."""
    wanted = [one for one in lost.replaced if one in lost.wanted()]
    if wanted:
        copy = run.target.copy_of(stack)
        _unlocked(
            run, stack, entries, lambda: _quietly(run, stack, copy.folder, "state rm", *wanted)
        )


def plan(
    run: Run,
    stack: Stack,
    entries: Sequence[journal.Entry],
    wanted: Mapping[str, str],
    targets: Sequence[str],
) -> tuple[Planned, dict[str, str]]:
    """Plan with as many imports as hold; address -> reason for each that does not."""
    dropped: dict[str, str] = {}

    def attempt(chosen: Mapping[str, str]) -> Planned:
        _write_imports(run.target.copy_of(stack).folder / FILE, chosen)
        return _unlocked(run, stack, entries, lambda: planning.make(run, stack, targets=targets))

    left = dict(wanted)
    while True:
        try:
            return attempt(left), dropped
        except TerraformFailedError as error:
            culprits = _culprits(error, left)
            if not left:
                raise
            if not culprits:
                break
        dropped.update(culprits)
        left = {address: id_ for address, id_ in left.items() if address not in culprits}
    return _one_by_one(attempt, left, dropped), dropped


def _one_by_one(
    attempt: Callable[[Mapping[str, str]], Planned],
    wanted: Mapping[str, str],
    dropped: dict[str, str],
) -> Planned:
    """Find the imports at fault where Terraform's error names none, by halves."""
    attempt({})  # an error that is not about imports at all ends here
    kept: dict[str, str] = {}
    groups = [list(wanted)]
    while groups:
        group = groups.pop()
        try:
            attempt(kept | {one: wanted[one] for one in group})
        except TerraformFailedError as error:
            if len(group) == 1:
                dropped[group[0]] = "; ".join(problem.summary for problem in error.problems)
            else:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
        else:
            kept |= {one: wanted[one] for one in group}
    return attempt(kept)


def _unlocked(run: Run, stack: Stack, entries: Sequence[journal.Entry], work: Callable[[], T]) -> T:
    """Do ``work``, and once more after releasing the lock of a dead run of ours."""
    try:
        return work()
    except LockedError as error:
        held, owner = error.held, owner_of(error.held, entries)
        if owner is None or owner.alive:
            raise
        run.reporter.say(f"{stack.id}: releases the lock {held.id} of the killed {owner.operation}")
        folder = run.target.copy_of(stack).folder
        _quietly(run, stack, folder, "force-unlock", "-force", held.id)
        return work()


def _quietly(run: Run, stack: Stack, folder: Path, name: str, *arguments: str) -> None:
    answer = run.read(folder, name, *arguments)
    if answer.code != 0:
        raise diagnostics.plain(stack, name, answer.err)


def _write_imports(file: Path, chosen: Mapping[str, str]) -> None:
    blocks = [{"to": address, "id": _written(id_)} for address, id_ in chosen.items()]
    if blocks:
        files.write_json(file, {"import": blocks})
    else:
        file.unlink(missing_ok=True)


def _written(id_: str) -> str:
    if isinstance(id_, imports.Expression):
        return id_
    return id_.replace("${", "$${").replace("%{", "%%{")


def _culprits(error: TerraformFailedError, wanted: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for problem in error.problems:
        if "import" in problem.summary.lower():
            for address in re.findall(
                r'to "(.+?)", the provider', problem.detail.replace("\n", " ")
            ):
                if address in wanted:
                    found[address] = problem.summary
    return found
