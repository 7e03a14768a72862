"""Production on the local AWS, both regions: applied, unchanged, protected, destroyed, gone."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

import main
from ekp.commands.workspace import workspace
from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.region_down import drill as region_down
from ekp.drill.report import Outcome
from ekp.local.environment import child_environment
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.destroy import destroy
from ekp.runner.leftovers.search import search
from environments import load
from environments.schema import Environment
from tests.support.literal_secrets import secrets

from .account import DAY, REGIONS, STACKS, Ekp, client, held_everywhere, held_in_region

ACCOUNT, DNS_ACCOUNT = "333333333333", "444444444444"


@pytest.fixture(scope="module")
def ekp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ekp]:
    ekp = Ekp(tmp_path_factory.mktemp("workspace"))
    yield ekp
    ekp("local", "stop")


def unprotected(prod: Environment) -> Environment:
    """Production with what keeps its way in, its logs and its snapshots switched off."""
    regions = {}
    for region, settings in prod.regions.items():
        alb = settings.ingress.alb
        logs = alb.logs.model_copy(update={"force_destroy": True})
        alb = alb.model_copy(update={"deletion_protection": False, "logs": logs})
        ingress = settings.ingress.model_copy(update={"alb": alb})
        kept = settings.platform.vault.snapshots.model_copy(update={"force_destroy": True})
        vault = settings.platform.vault.model_copy(update={"snapshots": kept})
        own_logs = settings.platform.logs.model_copy(update={"force_destroy": True})
        accesses = settings.platform.access_logs.model_copy(update={"force_destroy": True})
        platform = settings.platform.model_copy(
            update={"vault": vault, "logs": own_logs, "access_logs": accesses}
        )
        regions[region] = settings.model_copy(update={"ingress": ingress, "platform": platform})
    logs = prod.edge.distribution.logs.model_copy(update={"force_destroy": True})
    distribution = prod.edge.distribution.model_copy(update={"logs": logs})
    edge = prod.edge.model_copy(update={"distribution": distribution})
    return prod.model_copy(update={"edge": edge, "regions": regions})


@pytest.mark.requirement("R21")
@pytest.mark.requirement("R22")
@pytest.mark.requirement("R23")
@pytest.mark.requirement("R27")
@pytest.mark.requirement("R46")
@pytest.mark.requirement("R49")
@pytest.mark.requirement("R51")
def test_prod_is_applied_then_unchanged_then_protected_then_destroyed_and_nothing_is_left(
    ekp: Ekp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed = ekp("deploy", "prod", "--local")
    assert statuses(deployed) == dict.fromkeys(STACKS, "applied")
    endpoint = ekp("local", "status")["endpoint"]
    again = ekp("plan", "prod", "--local")
    assert {s["stack"]: s["changes"] for s in again["stacks"]} == {name: [] for name in STACKS}
    assert again["speculative"] == []

    states = kept_states(endpoint)
    assert len(states) == len(STACKS)
    assert {key: list(secrets(state)) for key, state in states.items()} == {
        key: [] for key in states
    }

    refused = ekp.refused("destroy", "prod", "--local")
    for region in REGIONS:
        assert f"prod-{region}-ingress/alb/Resource: enable_deletion_protection is true" in refused
        assert f"prod-{region}-ingress/alb/logs/Resource: force_destroy is false" in refused
        for bucket in ("loki", "access-logs"):
            path = f"prod-{region}-platform/{bucket}/bucket/Resource"
            assert f"{path}: force_destroy is false" in refused
    assert "Nothing was destroyed" in refused

    monkeypatch.setenv("EKP_WORKSPACE", str(ekp.workspace))
    app = App(outdir=str(tmp_path / "cdktf.out"))
    main.build(app, unprotected(load(date.fromisoformat(DAY))[0]["prod"]))
    app.synth()
    stacks = synthesized.load(tmp_path / "cdktf.out")
    target = workspace().target(stacks, local=True)
    protected = {name for name in STACKS if name.endswith(("edge", "ingress", "platform"))}
    assert deploy(stacks, target=target, selected=protected).ok
    drilled = region_down.run(
        Configured.of(stacks, "prod", ()), Place(aws=child_environment(endpoint, {}))
    )
    assert drilled.outcome is Outcome.PASSED, drilled.to_json()
    assert {
        f"On the local AWS users leave {region} while its alarm is in ALARM, and come back."
        for region in REGIONS
    } <= {check.must for check in drilled.checks if check.outcome is Outcome.PASSED}
    assert destroy(stacks, target=target).ok

    left = {region: held_in_region(endpoint, ACCOUNT, region) for region in REGIONS}
    assert left == {region: [] for region in REGIONS}
    assert held_everywhere(endpoint, ACCOUNT) == []
    found = search([*stacks.values()], variables=target.variables)
    assert found.ok, found
    dns = client(endpoint, "route53", region="us-east-1", account=DNS_ACCOUNT)
    above = dns.list_resource_record_sets(HostedZoneId="Z0EKPEXAMPLEPARENT")
    assert {record["Type"] for record in above["ResourceRecordSets"]} == {"NS", "SOA"}
    assert {record["Name"] for record in above["ResourceRecordSets"]} == {"ekp.example."}


def kept_states(endpoint: str) -> dict[str, Any]:
    """What each resource of production has in its state, by the state's key."""
    s3 = client(endpoint, "s3", region="eu-west-1", account=None)
    bucket = "ekp-tfstate-444444444444"
    kept = s3.list_objects_v2(Bucket=bucket, Prefix="prod/")["Contents"]
    states = {
        one["Key"]: json.load(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"]) for one in kept
    }
    return {
        key: {
            f"{resource['type']}.{resource['name']}": resource["instances"][0]["attributes"]
            for resource in state["resources"]
        }
        for key, state in states.items()
    }


def statuses(result: dict[str, Any]) -> dict[str, str]:
    return {stack["stack"]: stack["status"] for stack in result["stacks"]}
