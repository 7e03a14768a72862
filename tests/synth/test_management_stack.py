"""The hub runs what looks after all clusters, and reads what the paying account bills."""

from collections.abc import Mapping

import pytest
import yaml

from tests.support.releases import after, named, objects, values
from tests.support.synth import Synth, document

HUB = "management-eu-west-1-management"


@pytest.fixture(scope="session")
def hub(stacks: Mapping[str, Synth]) -> Synth:
    return stacks[HUB]


@pytest.mark.requirement("R33")
@pytest.mark.requirement("R37")
@pytest.mark.requirement("R40")
@pytest.mark.requirement("R47")
def test_argo_cd_rancher_and_kubecost_run_on_the_hub_alone(stacks: Mapping[str, Synth]) -> None:
    where = {
        release["name"]: stack_id
        for stack_id, plan in stacks.items()
        for release in plan.all("helm_release").values()
        if release["name"] in ("argocd", "rancher")
    }

    assert where == {"argocd": HUB, "rancher": HUB}
    assert values(named(stacks[HUB], "kubecost"))["aggregator"]["enabled"] is True
    for stack_id, plan in stacks.items():
        agents = [r for r in plan.all("helm_release").values() if r["name"] == "kubecost"]
        if stack_id != HUB and agents:
            assert values(agents[0])["aggregator"]["enabled"] is False


def test_the_hub_s_charts_come_after_its_platform_and_their_namespaces(hub: Synth) -> None:
    made = {o["metadata"]["name"] for o in objects(named(hub, "management-namespaces"))}

    assert made == {"argocd", "cattle-system"}
    for name in ("argocd", "rancher"):
        assert after(hub, name) == {"management-namespaces"}


@pytest.mark.requirement("R41")
def test_people_sign_in_to_argo_cd_through_entra_id_and_to_nothing_else(hub: Synth) -> None:
    settings = values(named(hub, "argocd"))["configs"]["cm"]
    sign_in = yaml.safe_load(settings["oidc.config"])

    assert sign_in["issuer"].startswith("https://login.microsoftonline.com/")
    assert sign_in["clientSecret"].startswith("$")
    assert str(settings["admin.enabled"]).lower() == "false"


def test_every_agent_writes_to_the_hub_s_store_and_is_admitted_there(
    stacks: Mapping[str, Synth], hub: Synth
) -> None:
    (store,) = (b for b in hub.all("aws_s3_bucket").values() if b["bucket"].endswith("-kubecost"))
    path = next(
        path
        for path, bucket in hub.all("aws_s3_bucket").items()
        if bucket["bucket"] == store["bucket"]
    )
    policy = document(hub.all("aws_s3_bucket_policy")[f"{path}/policy"]["policy"])
    admitted = {
        arn
        for statement in policy["Statement"]
        for arn in statement.get("Condition", {}).get("ArnEquals", {}).get("aws:PrincipalArn", [])
    }
    agents = {}
    for stack_id, plan in stacks.items():
        for release in plan.all("helm_release").values():
            if release["name"] == "kubecost" and stack_id != HUB:
                storage = values(release)["global"]["federatedStorage"]["config"]
                agents[stack_id] = yaml.safe_load(storage)["config"]["bucket"]

    assert set(agents.values()) == {store["bucket"]}
    assert len(agents) == len(admitted) == 4
    assert {arn.split("/")[-1] for arn in admitted} == {
        f"{stack_id.replace('eu-west-1', 'euw1').replace('us-east-1', 'use1')}".replace(
            "-platform", "-kubecost-agent"
        ).join(("ekp-", ""))
        for stack_id in agents
    }


def test_the_report_is_the_payer_s_in_us_east_1(hub: Synth) -> None:
    report = hub.one("aws_cur_report_definition")
    aliases = {p["alias"]: p for p in hub.json["provider"]["aws"] if "alias" in p}
    billing = aliases[report["provider"].removeprefix("aws.")]

    assert billing["region"] == "us-east-1"
    assert billing["allowed_account_ids"] == ["999999999999"]
    assert report["format"] == "Parquet"
