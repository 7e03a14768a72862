"""What is protected in AWS stops a destroy before anything is gone."""

from pathlib import Path

import pytest

from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.outputs import outputs
from ekp.runner.protection import ProtectedError
from ekp.runner.results import Status
from ekp.runner.target import Target

from .conftest import Aws
from .synthesis import Sketch, synthesize


def test_a_bucket_that_may_not_be_emptied_stops_the_destroy_of_everything(
    tmp_path: Path, aws: Aws, local: Target, name: str
) -> None:
    def written(*, force_destroy: bool) -> Path:
        bucket = {"bucket": f"{name}-logs", "force_destroy": force_destroy}
        sketches = {
            "dev-logs": Sketch(aws=True, resources={"aws_s3_bucket": {"logs": bucket}}),
            "dev-app": Sketch(
                resources={"terraform_data": {"one": {}}},
                outputs={"id": {"value": "${terraform_data.one.id}"}},
                after=["dev-logs"],
            ),
        }
        return synthesize(tmp_path / "cdktf.out", sketches, bucket=aws.bucket)

    kept = synthesized.load(written(force_destroy=False))
    assert deploy(kept, target=local).ok

    with pytest.raises(ProtectedError, match="dev-logs/logs/Resource: force_destroy is false"):
        destroy(kept, target=local)
    assert outputs(kept, target=local).of("dev-app").outputs["id"].value

    free = synthesized.load(written(force_destroy=True))
    assert deploy(free, target=local).ok
    assert {one.status for one in destroy(free, target=local).stacks} == {Status.DESTROYED}
