"""Comparing stacks with AWS by refresh-only plans: nothing is changed, locked or kept."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from .. import across, diagnostics, hcp, state, terraform, variables
from .. import run as running
from ..errors import RunnerError
from ..progress import Reporter, Silent
from ..results import StackResult, Status
from ..run import Run
from ..stacks import Stack
from ..target import Target
from . import additions
from .arguments import Kind, Schemas
from .refreshed import CHANGED, Resource, configured, drifted, managed
from .report import Attribute, Drift, Drifted

# What a refresh evaluates. It takes resources from the state, whatever their configuration says.
EVALUATED = ("provider", "data", "locals", "module")


class ChangedMeanwhileError(RunnerError):
    """A state was written while its stack was compared with AWS."""


@dataclass(frozen=True)
class _Compared:
    """One stack: its state as stored, its resources as they are in AWS, and what differs."""

    stored: state.State
    resources: Sequence[Resource]
    drifted: Sequence[Drifted]

    def made(self) -> Iterator[additions.Key | None]:
        """What the stack's resources make in collections of others."""
        # One that was changed is told at its own path: both what it was and what it is are ours.
        for address, values in self.stored.resources.items():
            yield additions.made(address.partition(".")[0], values)
        for one in self.resources:
            yield additions.made(one["type"], one["values"])


def drift(
    stacks: Mapping[str, Stack],
    *,
    target: Target,
    environ: Mapping[str, str],
    selected: Collection[str] | None = None,
    reporter: Reporter | None = None,
    parallelism: int | None = None,
) -> Drift:
    """Compare stacks with AWS. One that is not applied is told so; a broken one hides no other.

    Args:
        stacks: all that were synthesized. Their configuration says how to reach AWS, and which
            attributes are set.
        target: where to look.
        environ: the caller's variables. One that only resources use need not be there.
        selected: ids of the stacks to compare; all of them unless said otherwise.
        reporter: is told the progress.
        parallelism: how many stacks are compared at once.

    Raises:
        MissingVariableError: a provider or a data source needs a variable that has no value.
        RunnerError: the run cannot start (no Terraform, no cache folder). What goes wrong in a
            stack is in its result.
    """
    # Nothing but states is read, so that a stack waits for no other.
    alone = {id_: replace(stack, depends_on=()) for id_, stack in stacks.items()}
    chosen = alone if selected is None else {id_: alone[id_] for id_ in selected}
    set_ = {**environ, **{k: v for k, v in target.variables.items() if v is not None}}
    made_up = {id_: _made_up(stack, set_) for id_, stack in chosen.items()}
    run = running.start(alone, target=target, reporter=reporter or Silent(), environ=environ)
    schemas = Schemas(run)
    compared: dict[str, _Compared] = {}

    def work(stack: Stack) -> StackResult:
        run.reporter.step(stack.id, "reads state")
        stored = state.pull(run, stack)
        if stored is None or not stored.resources:
            return StackResult(stack.id, Status.WAITING)
        plan = _refresh(run, stack, made_up[stack.id], steps=len(stored.resources))
        found = tuple(drifted(stack, plan, schemas))
        now = state.pull(run, stack)
        if now is None or now.raw.get("serial") != stored.raw.get("serial"):
            raise ChangedMeanwhileError(
                f"The state of {stack.id} was written while it was compared with AWS.",
                remedy="Wait until the deploy is done and run the command again.",
            )
        compared[stack.id] = _Compared(stored, managed(plan), found)
        return StackResult(stack.id, Status.READ)

    result = across.each(run, "drift", work, selected=chosen, parallelism=parallelism)
    ours = frozenset(key for one in compared.values() for key in one.made() if key is not None)
    return Drift(
        result, {id_: _with_additions(alone[id_], one, ours) for id_, one in compared.items()}
    )


def _made_up(stack: Stack, environ: Mapping[str, str]) -> list[str]:
    """``NAME=VALUE`` of each variable without a value, where any value will do.

    Raises:
        MissingVariableError: the refresh depends on one.
    """
    evaluated = json.dumps({name: stack.configuration.get(name) for name in EVALUATED})
    harmless = {
        name: value
        for name, value in variables.stand_ins([stack], environ).items()
        if not re.search(rf"\bvar\.{name.removeprefix(variables.PREFIX)}\b", evaluated)
    }
    variables.require([stack], {**environ, **harmless})
    return [f"{name.removeprefix(variables.PREFIX)}={value}" for name, value in harmless.items()]


def _refresh(run: Run, stack: Stack, made_up: Sequence[str], *, steps: int) -> Mapping[str, Any]:
    """The refresh-only plan as JSON. It holds secrets: no file of it stays."""
    copy = run.ready(stack)
    run.reporter.step(stack.id, "compares", steps)
    file = copy.run / "drift.tfplan"
    argv = run.command(
        "plan",
        refresh_only=terraform.FLAG,
        json=terraform.FLAG,
        input=False,
        lock=False,
        out=str(file),
        var=list(made_up),
    )
    log = copy.run / f"drift-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
    try:
        run.check(stack, "plan", run.stream(stack, argv, copy.folder, log))
        shown = run.read(copy.folder, "show", str(file), json=terraform.FLAG)
    finally:
        # Whoever confirms it in HCP Terraform writes what drifted into the state.
        if left := hcp.discard(stack, file, run.environ(copy.data)):
            run.reporter.say(f"{stack.id}: discard this run, and never confirm it: {left}")
        file.unlink(missing_ok=True)
    if shown.code != 0:
        raise diagnostics.plain(stack, "show", shown.err)
    plan: Mapping[str, Any] = json.loads(shown.out)
    return plan


def _with_additions(
    stack: Stack, compared: _Compared, ours: frozenset[additions.Key]
) -> Sequence[Drifted]:
    found = {one.address: one for one in compared.drifted}
    for one in compared.resources:
        new = tuple(
            Attribute(attribute, None, text, Kind.OPEN)
            for attribute, text in additions.added(
                one["type"], one["values"], ours, configured(stack, one)
            )
        )
        if new:
            address = one["address"]
            path = stack.construct_path(address)
            known = found.get(address, Drifted(address, path, one["type"], CHANGED))
            found[address] = replace(known, attributes=(*known.attributes, *new))
    return sorted(found.values(), key=lambda one: (one.construct_path, one.address))
