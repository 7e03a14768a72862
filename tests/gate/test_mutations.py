"""Each seeded fault closes the gate, which names the construct that has it and no other."""

import dataclasses
import json
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path

from modules.kubernetes.service_objects import service_objects

import pytest
from cdktf import App

from ekp.gate.findings import Finding
from ekp.gate.gate import Gate, Services
from ekp.gate.pool import Pool
from ekp.runner import stacks as synthesized
from ekp.runner.stacks import Stack
from ekp.services import documents
from ekp.synth import project_root
from main import build, fleet_of
from tests.policies.test_policies import POLICIES
from tests.support.two_tenants import REGION, environments

from . import faults_aws, faults_edge, faults_kubernetes
from .conftest import DAY
from .seeded import Fault, Seeded

FAULTS = (*faults_edge.FAULTS, *faults_aws.FAULTS, *faults_kubernetes.FAULTS)
ENVIRONMENT = "prod"

Production = tuple[Mapping[str, Stack], Services]
Judge = Callable[[Stack, Services], tuple[Finding, ...]]
Sound = Callable[[str], tuple[Finding, ...]]


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Production:
    """Production with its first region alone: its stacks, and its services as Git has them."""
    outdir = tmp_path_factory.mktemp("gated")
    every = environments()
    prod = every[ENVIRONMENT]
    first = prod.model_copy(update={"regions": {REGION: prod.regions[REGION]}})
    app = App(outdir=str(outdir))
    build(app, first, fleet_of(every.values()))
    app.synth()
    return synthesized.load(outdir), documents.render(prod, service_objects)


@pytest.fixture(scope="session")
def judged(pool: Pool) -> Judge:
    """Give a function that returns what the gate finds in one stack, and nothing explains."""

    def judge(stack: Stack, services: Services) -> tuple[Finding, ...]:
        gate = Gate(
            {stack.id: stack}, {ENVIRONMENT: services}, project_root() / "policies", pool, DAY
        )
        report = gate.judge([ENVIRONMENT], plans={})
        assert report.closed or not report.open
        return report.open

    return judge


@pytest.fixture(scope="session")
def sound(judged: Judge, production: Production) -> Sound:
    """Give a function that returns what the gate finds in a stack without a seeded fault."""
    stacks, services = production
    return cache(lambda stack: judged(stacks[stack], services))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_gate_closes_and_names_the_construct_when(
    fault: Fault,
    judged: Judge,
    sound: Sound,
    production: Production,
    tmp_path: Path,
) -> None:
    stacks, services = production
    stack = stacks[fault.stack]
    seeded = Seeded.of(stack.configuration, services)

    fault.change(seeded)
    found = judged(_written(seeded.close(), stack, tmp_path), seeded.services)

    expected = {_whole(path, stack) for path in fault.paths}
    before = _paths(sound(fault.stack), fault.check)
    assert before.isdisjoint(expected)
    assert _paths(found, fault.check) - before == expected


@pytest.mark.parametrize("policy", POLICIES)
def test_a_fault_is_seeded_for_each_policy(policy: str) -> None:
    assert POLICIES[policy] in {fault.check for fault in FAULTS}


def _written(seeded: Seeded, stack: Stack, folder: Path) -> Stack:
    changed = dataclasses.replace(stack, folder=folder, configuration=seeded.configuration)
    changed.file.write_text(json.dumps(seeded.configuration, indent=2), encoding="utf-8")
    return changed


def _paths(found: Collection[Finding], check: str) -> set[str]:
    return {one.subject.path for one in found if one.check == check}


def _whole(path: str, stack: Stack) -> str:
    service, dot, rest = path.partition(".yaml:")
    if dot:
        return f"{ENVIRONMENT}-services/{service}:{rest}"
    return f"{stack.id}/{path}" if path else stack.id
