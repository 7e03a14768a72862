"""Where the stand-in of the helm provider is used, and where it never is."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ekp.local.helm import install
from ekp.runner import contracts, mirror
from ekp.runner import run as running
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.plan import plan
from ekp.runner.progress import Silent
from ekp.runner.results import Status
from ekp.runner.stacks import Stack
from ekp.runner.target import LOCK_FILE, Target
from ekp.synth import project_root

from .conftest import Aws
from .synthesis import Sketch, synthesize

CHART = project_root() / "modules" / "kubernetes" / "objects_chart"
KUBERNETES = {"host": "https://0a1b.eks.amazonaws.com", "config_context": "dev"}
RELEASE = {"name": "base", "namespace": "kube-system", "chart": "./assets/objects"}
CLUSTER = Sketch(
    resources={"terraform_data": {"cluster": {"input": "dev"}}},
    outputs={"name": {"value": "${terraform_data.cluster.output}"}},
    contract={"name": "dev"},
)
OF_CLUSTER = "${data.terraform_remote_state.cluster.outputs.name}"


def with_release(
    outdir: Path, sketches: Mapping[str, Sketch], id_: str, **more: Any
) -> Mapping[str, Stack]:
    """Synthesize sketches, one of them with a release of our own chart."""
    synthesize(outdir, sketches, **more)
    file = outdir / "stacks" / id_ / "cdk.tf.json"
    body = json.loads(file.read_text())
    required = {"helm": {"source": "hashicorp/helm", "version": install.VERSION}}
    body["terraform"]["required_providers"] = required
    host = OF_CLUSTER if sketches[id_].reads else "dev"
    body["provider"] = {"helm": [{"kubernetes": {**KUBERNETES, "config_context": host}}]}
    body["resource"] = {"helm_release": {"base": RELEASE}}
    file.write_text(json.dumps(body))
    shutil.copytree(CHART, file.parent / "assets" / "objects")
    return synthesized.load(outdir)


@pytest.fixture
def standing_in(tmp_path: Path) -> Target:
    """A target with the stand-in and without an AWS: nothing in these stacks asks for one."""
    kept = tmp_path / "work"
    variables = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", **install.variables(kept)}
    return Target("local", variables, kept, mirrors=(install.mirrored(os.environ),))


def configuration(run: running.Run) -> str:
    return Path(run.cli[mirror.CONFIGURATION] or os.devnull).read_text()


def test_a_stack_is_deployed_and_destroyed_with_it(tmp_path: Path, standing_in: Target) -> None:
    stacks = with_release(tmp_path / "cdktf.out", {"dev-a": Sketch()}, "dev-a")

    assert deploy(stacks, target=standing_in).of("dev-a").status is Status.APPLIED
    assert (standing_in.workspace / "rendered" / "0a1b.eks.amazonaws.com" / "base.yaml").is_file()
    assert plan(stacks, target=standing_in).of("dev-a").status is Status.UNCHANGED
    assert destroy(stacks, target=standing_in).of("dev-a").status is Status.DESTROYED


def test_a_lock_file_with_the_hash_of_the_real_provider_does_not_stop_it(
    tmp_path: Path, standing_in: Target
) -> None:
    stacks = with_release(tmp_path / "cdktf.out", {"dev-a": Sketch()}, "dev-a")
    lock = standing_in.copy_of(stacks["dev-a"]).folder / LOCK_FILE
    lock.parent.mkdir(parents=True)
    lock.write_text(
        f'provider "{install.SOURCE}" {{\n  version = "{install.VERSION}"\n'
        '  hashes  = ["h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]\n}\n'
    )

    assert plan(stacks, target=standing_in).of("dev-a").counts.add == 1
    assert "47DEQpj8HBSa" not in lock.read_text()


def test_a_run_without_it_does_not_know_where_it_is(
    tmp_path: Path, here: Target, standing_in: Target
) -> None:
    stacks = with_release(tmp_path / "cdktf.out", {"dev-a": Sketch()}, "dev-a")
    (folder,) = standing_in.mirrors
    local = running.start(stacks, target=standing_in, reporter=Silent())

    real = running.start(stacks, target=here, reporter=Silent())

    assert str(folder) in configuration(local)
    assert str(folder) not in configuration(real)
    assert str(folder) not in configuration(local.at(here))


def test_a_stack_that_asks_for_another_version_does_not_get_it(
    tmp_path: Path, standing_in: Target
) -> None:
    outdir = tmp_path / "cdktf.out"
    with_release(outdir, {"dev-a": Sketch()}, "dev-a")
    file = outdir / "stacks" / "dev-a" / "cdk.tf.json"
    file.write_text(file.read_text().replace(install.VERSION, "9.9.9"))
    (folder,) = standing_in.mirrors

    run = running.start(synthesized.load(outdir), target=standing_in, reporter=Silent())

    assert str(folder) not in configuration(run)


def test_a_speculative_plan_of_a_real_run_has_it_in_its_throwaway_aws(
    tmp_path: Path, aws: Aws, here: Target
) -> None:
    platform = Sketch(after=["dev-cluster"], reads=["dev-cluster"])
    sketches = {"dev-cluster": CLUSTER, "dev-platform": platform}
    stacks = with_release(tmp_path / "cdktf.out", sketches, "dev-platform", bucket=aws.bucket)
    target = Target("aws", aws.variables(), here.workspace)

    result = plan(stacks, target=target, speculation=contracts.local_speculation())

    assert result.speculative == ("dev-platform",)
    assert result.of("dev-platform").counts.add == 1
    assert not (target.workspace / "releases").exists()
