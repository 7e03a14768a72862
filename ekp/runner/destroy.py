"""Destroying: each stack after all that depends on it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from . import across, state, teardown
from . import apply as applying
from . import plan as planning
from . import recover as recovering
from . import run as running
from .contracts import Upstreams
from .deploy import Probe
from .progress import Reporter, Silent
from .results import Doubt, RunResult, StackResult, Status
from .run import Run
from .stacks import Stack
from .target import Target
from .teardown import Teardown

Drain = Callable[[Run, Stack, Upstreams], Sequence[Doubt]]


def destroy(
    stacks: Mapping[str, Stack],
    *,
    target: Target,
    selected: Collection[str] | None = None,
    reporter: Reporter | None = None,
    parallelism: int | None = None,
    recover: bool = False,
    lock_timeout: str = "0s",
    probe: Probe | None = None,
    drain: Drain | None = None,
    looked: Teardown | None = None,
) -> RunResult:
    """Destroy stacks in reverse order; one that holds nothing is passed over.

    ``probe`` is given each stack before it is planned; ``drain`` each before it is destroyed, when
    the plan stands, and it gives back what may stay behind. Both refuse by raising a
    ``RunnerError``. ``recover`` and ``lock_timeout`` as for ``deploy``: what a killed run made is
    taken over first, so that it is destroyed too. ``looked`` is what ``teardown.look`` found for
    the same selection just before; without it, it is looked now.

    Raises:
        UnreadableError: a state cannot be read; nothing was destroyed.
        ProtectedError: AWS would refuse to destroy some of it; nothing was destroyed.
        RunnerError: the run cannot start (no Terraform, no cache folder). What goes wrong in a
            stack is in its result.
    """
    run = running.start(
        stacks,
        target=target,
        reporter=reporter or Silent(),
        lock_timeout=lock_timeout,
    )
    looked = looked or teardown.of(run, stacks if selected is None else selected)
    teardown.refuse(looked)
    upstreams = Upstreams(run)

    def work(stack: Stack) -> StackResult:
        run.reporter.step(stack.id, "reads state")
        found = state.pull(run, stack)
        if not (found and found.resources) and not recovering.pending(run, stack):
            return StackResult(stack.id, Status.UNCHANGED)
        if probe is not None:
            probe(run, stack, upstreams)
        run.ready(stack)
        recovery = recovering.take_over(run, stack, allowed=recover)
        planned = planning.make(run, stack, destroy=True)
        result = replace(
            planning.result(stack, planned, Status.DESTROYED),
            recovered=recovery.imported,
            in_doubt=recovery.in_doubt,
        )
        if planned.saved is not None:
            left = drain(run, stack, upstreams) if drain is not None else ()
            log = applying.apply(run, stack, planned, planned.saved, step="destroy")
            result = replace(result, log=log, in_doubt=(*result.in_doubt, *left))
        recovery.finish()
        return result

    return across.each(
        run, "destroy", work, selected=selected, parallelism=parallelism, backwards=True
    )
