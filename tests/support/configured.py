"""Environments as synthesized, and the same with something taken out, for traces and drills."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from modules.kubernetes.service_objects import service_objects

from cdktf import App

from ekp.configured.environment import Configured
from ekp.configured.reading import Reader
from ekp.runner import stacks as synthesized
from ekp.runner.stacks import Stack
from environments import load
from environments.schema import Environment
from main import build, fleet_of

TODAY = date(2026, 11, 21)
Once = Callable[[str, Callable[[Path], object]], Path]
"""Makes a folder once for all workers of a run: the fixture ``once``."""
Change = Callable[[dict[str, Any]], object]
"""Changes a stack's Terraform JSON, or a Kubernetes object, in place."""


def configured(folder: Path, environment: Environment | None = None) -> Configured:
    """Synthesize one environment, production unless said otherwise, into a folder of the test's."""
    every = load(TODAY)[0]
    chosen = environment or every["prod"]
    _synthesize(folder, chosen, every)
    return _configured(folder, chosen)


def shared(once: Once, name: str, environment: Environment) -> Configured:
    """Return an environment that is synthesized once for all workers of a run; only read."""
    every = load(TODAY)[0]
    return _configured(
        once(name, lambda folder: _synthesize(folder, environment, every)), environment
    )


def _synthesize(folder: Path, chosen: Environment, every: Mapping[str, Environment]) -> None:
    app = App(outdir=str(folder))
    build(app, chosen, fleet_of({**every, chosen.name: chosen}.values()))
    app.synth()


def _configured(folder: Path, chosen: Environment) -> Configured:
    site = chosen.site()
    services = [
        one.as_dict() for service in chosen.services for one in service_objects(service, site)
    ]
    return Configured.of(synthesized.load(folder), chosen.name, services)


def with_stack(found: Configured, stack_id: str, change: Change) -> Configured:
    """Return the environment with one stack's Terraform JSON changed."""
    stacks = dict(found.reader.stacks)
    body: dict[str, Any] = copy.deepcopy(dict(stacks[stack_id].configuration))
    change(body)
    stacks[stack_id] = replace(stacks[stack_id], configuration=body)
    return _again(found, stacks, found.services, anew=stack_id)


def without(found: Configured, stack_id: str, kind: str) -> Configured:
    """Return the environment without a stack's resources of a type."""
    return with_stack(found, stack_id, lambda body: body["resource"].pop(kind))


def with_objects(found: Configured, change: Callable[[list[Any]], list[Any]]) -> Configured:
    """Return the environment with other objects of services."""
    objects: list[Mapping[str, Any]] = change(copy.deepcopy(list(found.services)))
    return _again(found, found.reader.stacks, objects)


def with_bundles(
    found: Configured, stack_id: str, change: Callable[[list[Any]], list[Any]]
) -> Configured:
    """Return the environment with other objects in the bundles of one stack."""
    objects = change(copy.deepcopy(found.reader.objects(found.reader.stacks[stack_id])))
    read = {**_read(found), stack_id: objects}
    return replace(found, reader=Reader(found.reader.stacks, read), _worlds={})


def _read(found: Configured) -> dict[str, list[dict[str, Any]]]:
    """Return the objects of each stack, which are long to parse."""
    return {stack.id: found.reader.objects(stack) for stack in found.stacks}


def _again(
    found: Configured,
    stacks: Mapping[str, Stack],
    services: Iterable[Mapping[str, Any]],
    *,
    anew: str | None = None,
) -> Configured:
    """Return an environment that keeps the objects that were read, save those of one stack."""
    kept = {name: objects for name, objects in _read(found).items() if name != anew}
    made = Configured.of(stacks, found.environment, services)
    return replace(made, reader=Reader(stacks, kept))
