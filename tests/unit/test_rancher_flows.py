"""The jobs by which clusters join Rancher reach what they need, and only where they run."""

from modules.core.flows import Flow, Place, Pods
from modules.core.platform_flows import platform_flows
from modules.core.platform_flows_pods import ACCOUNT
from modules.core.platform_flows_rancher import AGENT_JOB
from modules.core.platform_flows_rancher import REGISTRAR as REGISTRAR_JOB
from modules.kubernetes.rancher.agent import JOB
from modules.kubernetes.rancher.names import NAMESPACE, REGISTRAR

import pytest


def flows(*, hub: bool) -> dict[str, Flow]:
    return {one.name: one for one in platform_flows(hub=hub, shards=(), karpenter=False)}


@pytest.mark.requirement("R35")
@pytest.mark.parametrize(("hub", "name"), [(True, REGISTRAR), (False, JOB)])
def test_a_job_reaches_aws_rancher_and_the_api_under_its_service_account(
    name: str, *, hub: bool
) -> None:
    found = flows(hub=hub)

    reached = {
        one.target: one.ports
        for one in found.values()
        if one.name.startswith(name) and one.source == found[f"{name}-to-aws"].source
    }
    assert reached == {
        Place.VPC: (443,),
        Place.INTERNET: (443,),
        Place.POD_IDENTITY: (80,),
    }
    assert found[f"{name}-to-aws"].source == Pods(NAMESPACE, {ACCOUNT: name})
    # All pods of the namespace call the API, these among them.
    assert found[f"{NAMESPACE}-to-api"].source == Pods(NAMESPACE)
    assert found[f"{NAMESPACE}-to-api"].target is Place.CONTROL_PLANE


def test_no_cluster_but_the_hub_has_the_registrar_s_flows() -> None:
    assert f"{REGISTRAR}-to-aws" in flows(hub=True)
    assert f"{REGISTRAR}-to-aws" not in flows(hub=False)


def test_the_tables_name_the_accounts_that_have_roles() -> None:
    assert set(REGISTRAR_JOB) == {f"{NAMESPACE}/{REGISTRAR}"}
    assert set(AGENT_JOB) == {f"{NAMESPACE}/{JOB}"}
