"""Values of variables in runs of HCP Terraform, with the real Terraform."""

from pathlib import Path

import pytest

from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy

from .hcp import serving, workspace
from .synthesis import Sketch, synthesize

STACK = "dev-edge"


@pytest.mark.requirement("R50")
def test_the_caller_s_values_go_with_a_run_and_win_over_those_of_its_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sketch = Sketch(
        resources={"terraform_data": {"header": {"input": "${var.header}"}}},
        outputs={"taken": {"value": "${terraform_data.header.output}"}},
        extra={
            "terraform": {"cloud": workspace(STACK)},
            "variable": {"header": {"type": "string"}},
        },
    )
    every = synthesized.load(synthesize(tmp_path / "cdktf.out", {STACK: sketch}))
    with serving() as hcp:
        target = hcp.target(tmp_path / "work")
        hcp.settle(every, target)
        hcp.make(f"ekp-{STACK}")
        kept = {"key": "header", "value": "the workspace's", "category": "terraform"}
        hcp.ask("POST", f"workspaces/{hcp.id_of(f'ekp-{STACK}')}/vars", kept, "vars")

        # As a pipeline without the value has it, and then as `ekp rotate header` does.
        first = deploy(every, target=target).of(STACK)
        monkeypatch.setenv("TF_VAR_header", "the caller's")
        second = deploy(every, target=target).of(STACK)

    assert first.outputs["taken"].value == "the workspace's", first
    assert second.outputs["taken"].value == "the caller's", second
