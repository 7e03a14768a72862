"""State in HCP Terraform: a workspace for each stack, contracts read from workspaces."""

from collections.abc import Mapping
from pathlib import Path

from modules.core.state_hcp import HcpStateConfig

import pytest
from cdktf import App

from environments import validate
from main import build
from tests.support import settings
from tests.support.synth import Synth

from .conftest import TODAY

HCP = HcpStateConfig(
    organization="acme",
    project="platform",
    workspace_prefix="ekp-",
    agent_pool="private",
    run_role="ekp-run",
    terraform_version="1.11.4",
)
AGENTS = {"platform", "tenants"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The folders of a whole environment with its state in HCP Terraform."""
    outdir = tmp_path_factory.mktemp("hcp") / "cdktf.out"
    app = App(outdir=str(outdir))
    environments, _ = validate((settings.written(state=HCP),), TODAY)
    build(app, environments["dev"])
    app.synth()
    return {file.parent.name: file.parent for file in outdir.glob("stacks/*/cdk.tf.json")}


@pytest.fixture(scope="module")
def stacks(folders: Mapping[str, Path]) -> Mapping[str, Synth]:
    return {id_: Synth.read(folder / "cdk.tf.json") for id_, folder in folders.items()}


@pytest.mark.requirement("R50")
def test_each_stack_has_a_workspace_of_its_own(stacks: Mapping[str, Synth]) -> None:
    for stack_id, plan in stacks.items():
        assert plan.json["terraform"]["cloud"] == {
            "hostname": "app.terraform.io",
            "organization": "acme",
            "workspaces": {"name": f"ekp-{stack_id}", "project": "platform"},
        }
        assert "backend" not in plan.json["terraform"]


@pytest.mark.requirement("R50")
def test_a_contract_is_read_from_the_workspace_of_its_layer(stacks: Mapping[str, Synth]) -> None:
    read = stacks["dev-eu-west-1-cluster"].data["terraform_remote_state"]

    assert {name: (found["backend"], found["config"]) for name, found in read.items()} == {
        "network": (
            "remote",
            {
                "hostname": "app.terraform.io",
                "organization": "acme",
                "workspaces": {"name": "ekp-dev-eu-west-1-network"},
            },
        )
    }


@pytest.mark.requirement("R50")
def test_what_talks_to_a_cluster_runs_on_agents_and_the_rest_in_hcp(
    stacks: Mapping[str, Synth],
) -> None:
    for stack_id, plan in stacks.items():
        wanted = plan.json["//"]["ekp"]["hcp"]
        talks = "helm" in plan.json["provider"]
        assert wanted["execution"] == ("agent" if talks else "remote"), stack_id
        assert (stack_id.rpartition("-")[2] in AGENTS) == talks
        assert wanted["agent_pool"] == "private"
        assert wanted["run_triggers"] is True


@pytest.mark.requirement("R50")
def test_runs_act_as_a_role_of_the_environments_own_account(stacks: Mapping[str, Synth]) -> None:
    roles = {plan.json["//"]["ekp"]["hcp"]["run_role_arn"] for plan in stacks.values()}

    assert roles == {f"arn:aws:iam::{settings.ACCOUNT}:role/ekp-run"}


@pytest.mark.requirement("R50")
def test_every_local_chart_is_inside_the_folder_that_a_run_gets(
    folders: Mapping[str, Path], stacks: Mapping[str, Synth]
) -> None:
    charts = {
        (id_, release["chart"])
        for id_, plan in stacks.items()
        for release in plan.all("helm_release").values()
        if "repository" not in release
    }

    assert charts
    for id_, chart in charts:
        place = folders[id_] / chart
        assert not Path(chart).is_absolute()
        assert place.resolve().is_relative_to(folders[id_].resolve())
        assert (place / "Chart.yaml").is_file()
