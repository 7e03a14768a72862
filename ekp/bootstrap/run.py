"""One bootstrap: planned, shown, applied, and its state moved into the bucket it made."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ekp.runner import across, outputs, settle
from ekp.runner import apply as applying
from ekp.runner import plan as planning
from ekp.runner import recover as recovering
from ekp.runner import run as running
from ekp.runner.deploy import BeforeApply
from ekp.runner.errors import TerraformFailedError
from ekp.runner.plan import Planned
from ekp.runner.progress import Reporter
from ekp.runner.recover import Recovery
from ekp.runner.results import RunResult, StackResult, Status
from ekp.runner.run import Run
from ekp.runner.stacks import Stack
from ekp.runner.target import Target

from . import place
from .move import move
from .place import Place, Variants

COMMAND = "bootstrap"


class BootstrapTarget(Target):
    """Where a bootstrap goes."""

    def recover(self, stack: Stack) -> str:
        """The command that takes over what a killed bootstrap made."""
        words = ("ekp bootstrap", stack.environment, self.option, "--recover")
        return " ".join(filter(None, words))


@dataclass(frozen=True)
class _Found:
    place: Place
    planned: Planned
    recovery: Recovery
    result: StackResult


def bootstrap(
    stack: Stack,
    *,
    first: Path,
    target: Target,
    reporter: Reporter,
    consent: Callable[[RunResult], None],
    before_apply: BeforeApply,
    recover: bool = False,
    lock_timeout: str = "0s",
) -> RunResult:
    """Make what an account needs, and keep the state where the settings say.

    What is there already under the names of the settings is taken over by import, when nothing
    was bootstrapped yet.

    Args:
        stack: the environment's bootstrap stack.
        first: a folder for the variant whose state is in the working copy.
        target: whose credentials, and where working copies are.
        reporter: is told what happens.
        consent: is given a plan that changes something; refuses by raising.
        before_apply: is given stack and plan; refuses by raising a ``RunnerError``.
        recover: consents to taking over what a killed run made.
        lock_timeout: a length as Terraform writes it.

    Raises:
        RunnerError: the run cannot start. What goes wrong later is in the result.
    """
    both = place.variants(stack, first)
    run = running.start(
        {stack.id: stack}, target=target, reporter=reporter, lock_timeout=lock_timeout
    )
    found: dict[str, _Found] = {}

    def look(one: Stack) -> StackResult:
        found[one.id] = _look(run, both, allowed=recover)
        return found[one.id].result

    looked = across.each(run, COMMAND, look)
    if not looked.ok:
        return looked
    here = found[stack.id]
    if here.planned.saved is None and here.place is not Place.HERE:
        here.recovery.finish()
        return looked
    if here.planned.saved is not None:
        consent(looked)
    made = across.each(run, COMMAND, lambda _one: _make(run, both, here, before_apply))
    return replace(made, seconds=looked.seconds + made.seconds)


def _look(run: Run, both: Variants, *, allowed: bool) -> _Found:
    at = place.find(run, both.kept)
    chosen = both.at(at)
    run.ready(chosen)
    recovery = Recovery()
    if recovering.pending(run, chosen) or at in (Place.KEPT, Place.HERE):
        planned, recovery = recovering.plan(run, chosen, allowed=allowed)
    else:
        planned = _adopt(run, chosen)
    status = Status.PLANNED if planned.saved else Status.UNCHANGED
    result = replace(
        planning.result(chosen, planned, status),
        recovered=recovery.imported,
        in_doubt=recovery.in_doubt,
    )
    if planned.saved is None and at is Place.KEPT:
        result = replace(result, outputs=outputs.keep(run, both.kept))
    return _Found(at, planned, recovery, result)


def _adopt(run: Run, stack: Stack) -> Planned:
    """Plan with an import of everything whose name is taken already.

    Raises:
        TerraformFailedError: whether a name is taken cannot be told.
    """
    adopts = stack.configuration["//"]["ekp"].get("adopts", {})
    planned, dropped = settle.plan(run, stack, (), adopts, ())
    for address, reason in dropped.items():
        if reason != recovering.NO_SUCH_OBJECT:
            raise TerraformFailedError(
                f"Whether {adopts[address]} exists cannot be told: {reason}.",
                remedy="The plan's log says more. Bootstrap with credentials that may read IAM and"
                " S3 of the account.",
                log=planned.log,
            )
    return planned


def _make(run: Run, both: Variants, found: _Found, before_apply: BeforeApply) -> StackResult:
    chosen, planned = both.at(found.place), found.planned
    result = found.result
    if planned.saved is not None:
        before_apply(both.kept, planned.saved.json_file)
        log = applying.apply(run, chosen, planned, planned.saved)
        result = replace(result, status=Status.APPLIED, log=log)
    found.recovery.finish()
    if chosen is both.first:
        move(run, both)
    return replace(result, outputs=outputs.keep(run, both.kept))
