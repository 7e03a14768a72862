"""A deploy and a destroy of real Terraform, with a cluster's API and an AWS CLI on the side."""

import base64
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ekp.cluster.connect import Api
from ekp.cluster.hooks import Drain, Probe
from ekp.cluster.kinds import SERVICE, TARGET_GROUP_BINDING
from ekp.cluster.session import Limits, Session
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.results import Status
from ekp.runner.stacks import Stack
from ekp.runner.target import Target
from tests.runner.recording import Recorder
from tests.runner.synthesis import Sketch, synthesize

from .conftest import QUICK
from .controllers import FINALIZER, LoadBalancers, add_volume
from .double import TOKEN, Double, Json
from .stacks import helm
from .test_token import credential

LAYERS = ("platform", "tenants")


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setenv("EKP_CACHE_DIR", str(tmp_path / "cache"))
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(f"#!/bin/sh\n{credential(time.time() + 900, TOKEN)}\n")
    aws.chmod(0o755)
    monkeypatch.setenv("PATH", str(aws.parent), prepend=":")
    return Target("aws", {}, tmp_path / "work")


def region(folder: Path, double: Double) -> Mapping[str, Stack]:
    """A cluster, and two layers whose Helm provider talks to it.

    Terraform never sees the provider, which is a plugin; the hooks do.
    """
    outputs = {
        "cluster_name": "ekp-dev-euw1-eks",
        "endpoint": double.url,
        "certificate_authority": base64.b64encode(double.authority.encode()).decode(),
    }
    resources: Mapping[str, Mapping[str, Json]] = {"terraform_data": {"one": {}}}
    sketches = {
        "dev-cluster": Sketch(
            resources=resources,
            outputs={name: {"value": value} for name, value in outputs.items()},
            contract=outputs,
        ),
        "dev-platform": Sketch(resources=resources, after=["dev-cluster"], reads=["dev-cluster"]),
        "dev-tenants": Sketch(resources=resources, after=["dev-platform"], reads=["dev-cluster"]),
    }
    found = synthesized.load(synthesize(folder / "cdktf.out", sketches))
    return {
        id_: replace(one, configuration={**one.configuration, "provider": helm()})
        if one.layer in LAYERS
        else one
        for id_, one in found.items()
    }


quick = partial(Api, timeouts=QUICK)


def at_once(api: Api) -> Session:
    """A drain that waits for nothing."""
    return Session(api, Limits(balancers_seconds=0.0))


def test_a_region_is_probed_deployed_drained_and_destroyed(
    tmp_path: Path, target: Target, double: Double
) -> None:
    stacks = region(tmp_path, double)
    assert deploy(stacks, target=target, probe=Probe(quick)).ok
    assert len(double.requests) == 1
    double.controllers.append(LoadBalancers())
    double.add(TARGET_GROUP_BINDING, "http", namespace="istio-ingress")
    add_volume(double, "audit", policy="Retain")
    recorder = Recorder()

    result = destroy(
        stacks, target=target, probe=Probe(quick), drain=Drain(quick), reporter=recorder
    )
    again = destroy(stacks, target=target, probe=Probe(quick), drain=Drain(quick))

    assert {one.status for one in result.stacks} == {Status.DESTROYED}
    assert double.names(TARGET_GROUP_BINDING) == []
    steps = [step for id_, step in recorder.steps if id_ == "dev-tenants"]
    assert steps.index("plan") < steps.index("drains: target group bindings")
    assert steps[-1] == "destroy"
    assert [one.address for one in result.of("dev-tenants").in_doubt] == [
        "PersistentVolume pv-audit"
    ]
    assert result.of("dev-platform").in_doubt == ()
    assert {one.status for one in again.stacks} == {Status.UNCHANGED}


def test_what_cannot_be_drained_keeps_the_cluster_and_everything_in_it(
    tmp_path: Path, target: Target, double: Double
) -> None:
    stacks = region(tmp_path, double)
    assert deploy(stacks, target=target).ok
    double.add(SERVICE, "tcp", namespace="x", finalizers=(FINALIZER,), spec={})

    result = destroy(stacks, target=target, drain=Drain(quick, session=at_once))

    assert result.of("dev-tenants").status is Status.FAILED
    failure = result.of("dev-tenants").failure
    assert failure is not None
    assert f"Service x/tcp: held by {FINALIZER}" in failure.message
    assert "--skip-drain" in failure.remedy
    assert result.of("dev-cluster").because == ("dev-tenants",)

    assert destroy(stacks, target=target).ok


def test_an_api_out_of_reach_stops_its_stacks_before_they_are_planned(
    tmp_path: Path, target: Target, double: Double
) -> None:
    stacks = region(tmp_path, double)
    double.allowed = False

    result = deploy(stacks, target=target, probe=Probe(quick))

    assert result.of("dev-cluster").status is Status.APPLIED
    assert result.of("dev-platform").status is Status.FAILED
    assert result.of("dev-platform").log is None
    assert result.of("dev-tenants").status is Status.SKIPPED
