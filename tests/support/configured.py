"""Environments as synthesized, and the same with something taken out, for traces and drills."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from modules.kubernetes.service_objects import service_objects

from cdktf import App

from ekp.configured.environment import Configured
from ekp.runner import stacks as synthesized
from environments import load
from environments.schema import Environment
from main import build, fleet_of

TODAY = date(2026, 11, 21)
Change = Callable[[dict[str, Any]], object]
"""Changes a stack's Terraform JSON, or a Kubernetes object, in place."""


def configured(folder: Path, environment: Environment | None = None) -> Configured:
    """Synthesize one environment, production unless said otherwise, into a folder of the test's."""
    every = load(TODAY)[0]
    chosen = environment or every["prod"]
    app = App(outdir=str(folder))
    build(app, chosen, fleet_of({**every, chosen.name: chosen}.values()))
    app.synth()
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
    return Configured.of(stacks, found.environment, found.services)


def without(found: Configured, stack_id: str, kind: str) -> Configured:
    """Return the environment without a stack's resources of a type."""
    return with_stack(found, stack_id, lambda body: body["resource"].pop(kind))


def with_objects(found: Configured, change: Callable[[list[Any]], list[Any]]) -> Configured:
    """Return the environment with other objects of services."""
    objects: list[Mapping[str, Any]] = change(copy.deepcopy(list(found.services)))
    return Configured.of(found.reader.stacks, found.environment, objects)
