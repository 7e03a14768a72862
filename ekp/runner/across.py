"""A command across stacks: the walk over the graph, errors turned into results."""

import time
from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import replace

from . import graph
from .errors import InterruptedRunError, RunnerError, TerraformFailedError
from .results import Failure, RunResult, StackResult, Status
from .run import Run
from .stacks import Stack

Work = Callable[[Stack], StackResult]
# Runs wait for AWS more than they compute; each holds about 750 MB of provider meanwhile.
PARALLELISM = 4


def each(
    run: Run,
    command: str,
    work: Work,
    *,
    selected: Collection[str] | None = None,
    parallelism: int | None = None,
    backwards: bool = False,
    alone: bool = True,
) -> RunResult:
    """Do ``work`` on every selected stack in the order of the graph; errors become results.

    Stacks outside the selection are not worked on. ``parallelism`` is 4 unless said otherwise.
    ``alone`` keeps other runs on this machine out of a stack's working copy meanwhile.
    """
    began = time.monotonic()
    chosen = set(run.stacks if selected is None else selected)
    edges = graph.restrict({id_: one.depends_on for id_, one in run.stacks.items()}, chosen)

    def guarded(id_: str) -> StackResult:
        stack, at = run.stacks[id_], time.monotonic()
        try:
            with run.target.copy_of(stack).held() if alone else nullcontext():
                result = work(stack)
        except RunnerError as error:
            result = failed(StackResult(id_, Status.FAILED), error)
        result = replace(result, seconds=time.monotonic() - at)
        run.reporter.finished(result)
        return result

    order = graph.order(edges)
    run.reporter.begin(order)
    try:
        with run.interrupts.handling():
            outcomes = graph.walk(
                graph.reverse(edges) if backwards else edges,
                guarded,
                parallelism=parallelism or PARALLELISM,
                failed=lambda result: not result.ok and result.status is not Status.WAITING,
                stop=run.interrupts.requested,
                skipped=lambda id_, why: run.reporter.finished(_skipped(id_, why)),
            )
    finally:
        run.reporter.end()
    results = (_result(id_, outcomes[id_]) for id_ in order)
    return RunResult(command, run.target.name, tuple(results), time.monotonic() - began)


def failed(result: StackResult, error: RunnerError) -> StackResult:
    """A result that ends with an error, and keeps what it knew before."""
    interrupted = isinstance(error, InterruptedRunError)
    status = Status.INTERRUPTED if interrupted else Status.FAILED
    return replace(result, status=status, failure=_failure(error))


def _failure(error: RunnerError) -> Failure:
    problems = error.problems if isinstance(error, TerraformFailedError) else ()
    log = error.log if isinstance(error, TerraformFailedError) else None
    return Failure(error.message, error.remedy, problems, log)


def _skipped(id_: str, why: graph.Skipped) -> StackResult:
    return StackResult(id_, Status.SKIPPED, because=why.because)


def _result(id_: str, outcome: graph.Outcome[StackResult]) -> StackResult:
    match outcome:
        case graph.Done(result):
            return result
        case graph.Skipped():
            return _skipped(id_, outcome)
    return StackResult(id_, Status.INTERRUPTED)
