"""A zone that nobody has delegated: the deploy stops where a certificate would wait for hours."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from modules.aws.zone import ZoneConfig

import pytest
from cdktf import App

import main
from ekp.commands.workspace import workspace
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.plan import plan
from ekp.runner.results import Status
from ekp.runner.stacks import Stack
from environments import load

from .account import DAY, Ekp, client

# Its edge has no distribution, which would take minutes.
ENVIRONMENT, EDGE, ACCOUNT = "management", "management-edge", "444444444444"


@pytest.fixture
def synthesize(tmp_path: Path) -> Callable[[ZoneConfig], dict[str, Stack]]:
    def synthesize(zone: ZoneConfig) -> dict[str, Stack]:
        outdir = tmp_path / "cdktf.out"
        found = load(date.fromisoformat(DAY))[0][ENVIRONMENT]
        edge = found.edge.model_copy(update={"zone": zone})
        app = App(outdir=str(outdir))
        main.build(app, found.model_copy(update={"edge": edge}))
        app.synth()
        return {EDGE: synthesized.load(outdir)[EDGE]}

    return synthesize


@pytest.mark.requirement("R22")
def test_without_a_zone_above_the_deploy_stops_before_the_certificate_and_says_what_to_enter(
    synthesize: Callable[[ZoneConfig], dict[str, Stack]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path / "workspace"))
    stacks = synthesize(ZoneConfig())
    try:
        target = workspace().target(stacks, local=True)
        failure = deploy(stacks, target=target).of(EDGE).failure

        endpoint = Ekp(tmp_path / "workspace")("local", "status")["endpoint"]
        route53 = client(endpoint, "route53", region="us-east-1", account=ACCOUNT)
        (zone,) = route53.list_hosted_zones()["HostedZones"]
        servers = route53.get_hosted_zone(Id=zone["Id"])["DelegationSet"]["NameServers"]
        said = "\n".join(problem.text for problem in failure.problems) if failure else ""
        assert all(server in said for server in servers)
        assert "set edge.zone.delegated = True" in said
        acm = client(endpoint, "acm", region="us-east-1", account=ACCOUNT)
        assert acm.list_certificates()["CertificateSummaryList"] == []

        planned = plan(synthesize(ZoneConfig(delegated=True)), target=target).of(EDGE)
        assert planned.status is Status.PLANNED
        assert "aws_acm_certificate" in {change.address.split(".")[0] for change in planned.changes}
    finally:
        Ekp(tmp_path / "workspace")("local", "stop")
