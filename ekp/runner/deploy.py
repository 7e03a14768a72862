"""Deploying: each stack planned, gated and applied in the order of the graph."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from . import across, outputs
from . import apply as applying
from . import plan as planning
from . import recover as recovering
from . import run as running
from .contracts import Upstreams
from .errors import RunnerError
from .progress import Reporter, Silent
from .results import RunResult, StackResult, Status
from .run import Run
from .stacks import Stack
from .target import Target

BeforeApply = Callable[[Stack, Path], None]
Probe = Callable[[Run, Stack, Upstreams], None]


def deploy(
    stacks: Mapping[str, Stack],
    *,
    target: Target,
    selected: Collection[str] | None = None,
    reporter: Reporter | None = None,
    parallelism: int | None = None,
    recover: bool = False,
    lock_timeout: str = "0s",
    before_apply: BeforeApply | None = None,
    probe: Probe | None = None,
) -> RunResult:
    """Apply stacks, each after those it depends on; one without changes is not applied.

    ``probe`` is given each stack before it is planned, once what it reads is applied;
    ``before_apply`` each stack and the JSON of its plan just before the apply. Both refuse by
    raising a ``RunnerError``. ``recover`` consents to releasing the lock of a killed run and to
    taking over what it made. ``lock_timeout`` is a length as Terraform writes it (``30s``, ``5m``).

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

    def work(stack: Stack) -> StackResult:
        missing = upstreams.missing(stack)
        if missing:
            return planning.waiting(stack, missing)
        if probe is not None:
            probe(run, stack, upstreams)
        run.ready(stack)
        planned, recovery = recovering.plan(run, stack, allowed=recover)
        result = replace(
            planning.result(stack, planned, Status.UNCHANGED),
            recovered=recovery.imported,
            in_doubt=recovery.in_doubt,
        )
        if planned.saved is not None:
            try:
                if before_apply is not None:
                    before_apply(stack, planned.saved.json_file)
                log = applying.apply(run, stack, planned, planned.saved)
            except RunnerError as error:
                # What is in doubt is most wanted now.
                return across.failed(result, error)
            result = replace(result, status=Status.APPLIED, log=log)
            upstreams.forget(stack)
        recovery.finish()
        return replace(result, outputs=outputs.keep(run, stack))

    return across.each(run, "deploy", work, selected=selected, parallelism=parallelism)
