"""Plans of stacks whose upstream is not applied."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ekp.runner import contracts, samples
from ekp.runner import stacks as synthesized
from ekp.runner.contracts import ServesAws, Speculation
from ekp.runner.deploy import deploy
from ekp.runner.plan import plan
from ekp.runner.results import Status
from ekp.runner.target import Target

from .conftest import Aws
from .synthesis import Sketch, synthesize

NETWORK = Sketch(
    resources={"terraform_data": {"vpc": {"input": "vpc-real"}}},
    outputs={
        "vpc_id": {"value": "${terraform_data.vpc.output}"},
        "subnet_ids": {"value": ["subnet-1"]},
    },
    contract={"vpc_id": "vpc-0a1b", "subnet_ids": ["subnet-0a", "subnet-0b"]},
)
NETWORK_OF = "data.terraform_remote_state.network.outputs"
CLUSTER = Sketch(
    resources={
        "terraform_data": {
            "vpc": {"input": f"${{{NETWORK_OF}.vpc_id}}"},
            "subnet": {"for_each": f"${{toset({NETWORK_OF}.subnet_ids)}}", "input": "${each.key}"},
        }
    },
    after=["dev-network"],
    reads=["dev-network"],
)
BOTH = {"dev-network": NETWORK, "dev-cluster": CLUSTER}


def planned_inputs(plan_json: Path | None) -> set[str]:
    assert plan_json is not None
    changes = json.loads(plan_json.read_text())["resource_changes"]
    return {one["change"]["after"]["input"] for one in changes}


def test_samples_stand_in_for_an_upstream_in_a_throwaway_aws_alone(
    tmp_path: Path, aws: Aws, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", BOTH, bucket=aws.bucket))
    target = Target("local", aws.variables(), here.workspace)

    result = plan(stacks, target=target, speculation=contracts.local_speculation())

    assert result.speculative == ("dev-cluster",)
    assert result.to_json()["speculative"] == ["dev-cluster"]
    cluster = result.of("dev-cluster")
    assert cluster.counts.add == 3
    assert planned_inputs(cluster.plan_json) == {"vpc-0a1b", "subnet-0a", "subnet-0b"}
    with pytest.raises(ClientError):
        aws.client("s3").head_object(Bucket=aws.bucket, Key="dev-network.tfstate")


def test_an_applied_upstream_needs_no_samples(tmp_path: Path, aws: Aws, here: Target) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", BOTH, bucket=aws.bucket))
    target = Target("local", aws.variables(), here.workspace)
    deploy(stacks, target=target, selected=["dev-network"])

    result = plan(stacks, target=target, speculation=contracts.local_speculation())

    assert result.speculative == ()
    assert planned_inputs(result.of("dev-cluster").plan_json) == {"vpc-real", "subnet-1"}


def test_without_speculation_a_stack_waits_for_its_upstream(
    tmp_path: Path, aws: Aws, here: Target
) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", BOTH, bucket=aws.bucket))

    result = plan(stacks, target=Target("aws", aws.variables(), here.workspace))

    cluster = result.of("dev-cluster")
    assert cluster.status is Status.WAITING
    assert cluster.because == ("dev-network",)
    assert cluster.failure is not None
    assert "--speculative" in cluster.failure.remedy


@dataclass(frozen=True)
class Elsewhere:
    """A service that is not on this machine."""

    endpoint: str = "https://s3.eu-west-1.amazonaws.com"
    directory: Path = Path()


def test_samples_are_refused_anywhere_but_on_loopback(
    tmp_path: Path, aws: Aws, here: Target
) -> None:
    touched: list[str] = []

    @contextmanager
    def throwaway() -> Iterator[Elsewhere]:
        yield Elsewhere()

    def variables(service: ServesAws) -> Mapping[str, str | None]:
        touched.append(service.endpoint)
        return {}

    def prepare(
        endpoint: str,
        *,
        deploy_roles: Sequence[str],
        state_buckets: Sequence[tuple[str, str]],
        parent_zones: Sequence[tuple[str, str, str]],
    ) -> None:
        touched.extend([endpoint, *deploy_roles, *map(str, (state_buckets, parent_zones))])

    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", BOTH, bucket=aws.bucket))
    target = Target("local", aws.variables(), here.workspace)

    result = plan(stacks, target=target, speculation=Speculation(throwaway, variables, prepare))

    failure = result.of("dev-cluster").failure
    assert failure is not None
    assert "not on this machine" in failure.message
    assert touched == []


def test_a_state_outside_s3_gets_no_samples(tmp_path: Path, here: Target) -> None:
    stacks = synthesized.load(synthesize(tmp_path / "cdktf.out", BOTH))

    result = plan(stacks, target=here, speculation=contracts.local_speculation())

    failure = result.of("dev-cluster").failure
    assert failure is not None
    assert "Deploy the upstream first" in failure.remedy
    assert not (tmp_path / "states" / "dev-network.tfstate").exists()


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("x", "string"),
        (True, "bool"),
        (3, "number"),
        (["a", 1], ["tuple", ["string", "number"]]),
        ({"a": ["b"]}, ["object", {"a": ["tuple", ["string"]]}]),
        (None, "dynamic"),
    ],
)
def test_a_sample_has_the_type_that_terraform_would_record(value: object, type_: object) -> None:
    assert samples.type_of(value) == type_
