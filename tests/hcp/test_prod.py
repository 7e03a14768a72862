"""The settings of prod with their state in HCP Terraform: what is made is what they need."""

from datetime import date
from pathlib import Path

import pytest

from ekp.commands.workspace import Workspace

from .conftest import VALUE, Ekp, Hcp


@pytest.mark.requirement("R50")
def test_prod_runs_in_hcp_with_agents_where_a_clusters_api_is_asked(
    ekp: Ekp, hcp: Hcp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prod").mkdir()
    _synthesize(tmp_path / "prod" / "cdktf.out")
    monkeypatch.setattr("ekp.commands.hcp.workspace", lambda: Workspace(tmp_path / "prod"))
    monkeypatch.setenv("TF_VAR_origin_header_next", VALUE[::-1])

    done = ekp("apply-workspaces", "prod", "--yes")
    again = ekp("apply-workspaces", "prod", "--yes")

    assert done.code == 0, done.err
    assert "nothing to do" in again.out
    agents = {
        name.removeprefix("ekp-prod-")
        for name in hcp.names()
        if hcp.one("workspaces", name).attributes["execution-mode"] == "agent"
    }
    assert agents == {
        f"{region}-{layer}"
        for region in ("eu-west-1", "us-east-1")
        for layer in ("platform", "tenants")
    }
    assert hcp.sources("prod-us-east-1-cluster") == {
        "ekp-prod-break-glass",
        "ekp-prod-us-east-1-network",
    }
    assert hcp.readers("prod-edge") == {
        "ekp-prod-eu-west-1-ingress",
        "ekp-prod-us-east-1-ingress",
    }
    assert len(hcp.workspace("prod-eu-west-1-ingress").hidden["vars"]) == 2


def _synthesize(outdir: Path) -> None:
    # The bindings take seconds: only this test has them.
    from modules.core.state_hcp import HcpStateConfig  # noqa: PLC0415 - as above

    from cdktf import App  # noqa: PLC0415 - as above

    import main  # noqa: PLC0415 - as said above
    from environments import load  # noqa: PLC0415 - as above

    every, _ = load(date(2026, 11, 21))
    state = HcpStateConfig(
        organization="acme",
        project="platform",
        workspace_prefix="ekp-",
        agent_pool="private",
        run_role="ekp-run",
        terraform_version="1.14.5",
    )
    app = App(outdir=str(outdir))
    prod = every["prod"].model_copy(update={"state": state})
    main.build(app, prod, main.fleet_of(every.values()))
    app.synth()
