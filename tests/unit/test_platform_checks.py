"""Settings of platform and hub that a plan would pass and people, or pods, would not."""

from datetime import date
from ipaddress import IPv4Network
from typing import Any

from modules.addons.argo_cd import ArgoCdConfig
from modules.addons.kubecost_aggregator import KubecostConfig
from modules.addons.kubecost_store import KubecostStoreConfig, KubecostStoreLocation
from modules.addons.prometheus_stack import PrometheusStackConfig
from modules.addons.vault import VaultConfig
from modules.aws.node_group import NodeGroupConfig
from modules.core.availability import Availability
from modules.core.config import deferred_validation
from modules.core.hosts import AdminTool, Shard
from modules.stacks.edge import EdgeConfig
from modules.stacks.management import ManagementConfig
from modules.stacks.platform_config import CostsConfig, PlatformConfig

import pytest

from environments import SettingsError, validate
from environments.schema import Environment, RegionSettings
from tests.support.platform import SIGN_IN
from tests.support.settings import written

TODAY = date(2026, 11, 21)
DEV = "dev.regions[eu-west-1]"
HUB = "management.regions[eu-west-1]"
STORE = KubecostStoreLocation(
    bucket="ekp-management-euw1-444444444444-kubecost",
    region="eu-west-1",
    account_id="444444444444",
)
AGENT = "arn:aws:iam::111111111111:role/ekp-dev-euw1-kubecost-agent"


def environment(
    name: str = "dev",
    *,
    account: str = "111111111111",
    regions: tuple[str, ...] = ("eu-west-1",),
    management: ManagementConfig | None = None,
    shards: dict[str, Shard] | None = None,
    number: int = 10,
    **platform: Any,
) -> Environment:
    """Return an environment as it is written down, with settings of its platform."""
    found: dict[str, RegionSettings] = {}
    for offset, region in enumerate(regions):
        cidr = IPv4Network(f"10.{number + offset}.0.0/16")
        one = written(name, account=account, region=region, vpc={"cidr": cidr}).regions[region]
        with deferred_validation():
            found[region] = RegionSettings(
                network=one.network,
                cluster=one.cluster,
                platform=PlatformConfig(**platform),
                management=management,
            )
    with deferred_validation():
        edge = EdgeConfig(domain=f"{name}.ekp.example", shards=shards or {})
    return written(name, account=account, regions=found, edge=edge)


def hub(
    *,
    kubecost: KubecostConfig | None = None,
    writers: tuple[str, ...] = (AGENT,),
    hosts: dict[AdminTool, str] | None = None,
) -> Environment:
    """Return the management environment with a valid hub, but for what is changed."""
    admin = {
        AdminTool.ARGO_CD: "argocd.management.ekp.example",
        AdminTool.RANCHER: "rancher.management.ekp.example",
    }
    with deferred_validation():
        management = ManagementConfig(
            argo_cd=ArgoCdConfig(sign_in=SIGN_IN),
            kubecost=kubecost or KubecostConfig(),
            store=KubecostStoreConfig(writer_role_arns=writers),
        )
    return environment(
        "management",
        account="444444444444",
        number=60,
        management=management,
        admin_hosts=admin if hosts is None else hosts,
    )


def problems(*environments: Environment) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        validate(environments, TODAY)
    return raised.value.problems


def test_a_cluster_that_reports_to_the_hub_is_valid() -> None:
    found, warnings = validate((environment(costs=CostsConfig(store=STORE)), hub()), TODAY)

    assert set(found) == {"dev", "management"}
    assert warnings == ()


def test_a_host_outside_the_domain_is_refused_with_one_that_would_do() -> None:
    (problem,) = problems(environment(admin_hosts={AdminTool.VAULT: "vault.example.org"}))

    assert problem.startswith(f"{DEV}.platform.admin_hosts: vault has vault.example.org")
    assert problem.endswith("use a host such as vault.dev.ekp.example")


def test_grafana_has_a_host_just_where_it_asks_people_who_they_are() -> None:
    admin = {AdminTool.GRAFANA: "grafana.dev.ekp.example"}
    (problem,) = problems(environment(admin_hosts=admin))

    assert problem == (
        f"{DEV}.platform.admin_hosts.grafana = 'grafana.dev.ekp.example': Grafana would ask for "
        "one password that everybody shares; set platform.metrics.sign_in, or remove the host"
    )
    with deferred_validation():
        metrics = PrometheusStackConfig(sign_in=SIGN_IN)
    validate((environment(admin_hosts=admin, metrics=metrics),), TODAY)


def test_a_host_of_a_shard_is_refused() -> None:
    api = Shard(hosts=("api.dev.ekp.example",), slot=1)
    (problem,) = problems(
        environment(shards={"api": api}, admin_hosts={AdminTool.VAULT: "api.dev.ekp.example"})
    )

    assert "vault has api.dev.ekp.example, which shard api serves" in problem


def test_a_host_in_several_regions_would_lead_to_any_of_them() -> None:
    found = problems(
        environment(
            "prod",
            regions=("eu-west-1", "us-east-1"),
            admin_hosts={AdminTool.VAULT: "vault.prod.ekp.example"},
        )
    )

    assert [p.split(":")[0] for p in found] == [
        "prod.regions[eu-west-1].platform.admin_hosts",
        "prod.regions[us-east-1].platform.admin_hosts",
    ]
    assert all("a host leads to the nearest" in p for p in found)


def test_a_tool_of_the_hub_has_no_host_elsewhere() -> None:
    (problem,) = problems(environment(admin_hosts={AdminTool.RANCHER: "rancher.dev.ekp.example"}))

    assert problem == (
        f"{DEV}.platform.admin_hosts.rancher: runs on the hub alone, the environment whose region "
        "has management; remove it here"
    )


def test_the_hub_needs_hosts_for_what_others_call() -> None:
    found = problems(hub(hosts={}))

    assert len(found) == 2
    assert "add one such as argo-cd.management.ekp.example" in found[0]
    assert "add one such as rancher.management.ekp.example" in found[1]


@pytest.mark.parametrize("signed_in", [True, False])
def test_kubecost_is_met_by_people_just_where_it_asks_who_they_are(signed_in: bool) -> None:  # noqa: FBT001
    admin = {
        AdminTool.ARGO_CD: "argocd.management.ekp.example",
        AdminTool.RANCHER: "rancher.management.ekp.example",
        AdminTool.KUBECOST: "kubecost.management.ekp.example",
    }
    if signed_in:
        admin.pop(AdminTool.KUBECOST)
    kubecost = KubecostConfig(licensed=True, sign_in=SIGN_IN) if signed_in else KubecostConfig()
    (problem,) = problems(hub(kubecost=kubecost, hosts=admin))

    assert problem.startswith(f"{HUB}.platform.admin_hosts.kubecost: Kubecost has ")


def test_copies_of_services_need_nodes_of_their_own() -> None:
    with deferred_validation():
        small = NodeGroupConfig(instance_types=("m7i.large",), min_size=2, max_size=4)
    (problem,) = problems(written("dev", node_groups={"general": small}))

    assert problem == (
        f"{DEV}.platform.availability = 'high': needs 3 nodes that take every pod, the node groups "
        "keep 2; raise min_size, or set availability single"
    )


def test_every_server_of_vault_needs_a_node_of_its_own() -> None:
    with deferred_validation():
        small = NodeGroupConfig(instance_types=("m7i.large",), min_size=2, max_size=4)
    one = written("dev", node_groups={"general": small}).regions["eu-west-1"]
    with deferred_validation():
        platform = PlatformConfig(availability=Availability.SINGLE, vault=VaultConfig(servers=3))
        region = RegionSettings(network=one.network, cluster=one.cluster, platform=platform)
    (problem,) = problems(written("dev", regions={"eu-west-1": region}))

    assert problem == (
        f"{DEV}.platform.vault.servers = 3: each needs a node of its own, the node groups keep 2; "
        "raise min_size"
    )


def test_one_copy_of_each_fits_on_two_nodes() -> None:
    with deferred_validation():
        small = NodeGroupConfig(instance_types=("m7i.large",), min_size=2, max_size=4)
    one = written("dev", node_groups={"general": small}).regions["eu-west-1"]
    with deferred_validation():
        region = RegionSettings(
            network=one.network,
            cluster=one.cluster,
            platform=PlatformConfig(availability=Availability.SINGLE),
        )

    validate((written("dev", regions={"eu-west-1": region}),), TODAY)


def test_an_agent_writes_to_a_store_that_exists() -> None:
    (problem,) = problems(environment(costs=CostsConfig(store=STORE)))

    assert problem == (
        f"{DEV}.platform.costs.store.bucket = '{STORE.bucket}': is no hub's store; use one of "
        "none: no environment has management"
    )


def test_a_store_admits_every_agent_that_writes_to_it() -> None:
    (problem,) = problems(environment(costs=CostsConfig(store=STORE)), hub(writers=()))

    assert problem.startswith(f"{HUB}.management.store.writer_role_arns lacks {AGENT}")


def test_a_store_is_in_one_region() -> None:
    there = STORE.model_copy(update={"region": "us-east-1"})
    (problem,) = problems(environment(costs=CostsConfig(store=there)), hub())

    assert "region = 'us-east-1': the bucket is in eu-west-1" in problem


def test_a_store_and_its_key_are_the_hub_s() -> None:
    elsewhere = STORE.model_copy(update={"account_id": "555555555555"})
    (problem,) = problems(environment(costs=CostsConfig(store=elsewhere)), hub())

    assert "account_id = '555555555555': the bucket and its key are in 444444444444" in problem


def test_a_minor_that_the_makers_of_a_chart_do_not_test_is_a_warning() -> None:
    _, warnings = validate((written("dev", eks={"version": "1.33"}),), TODAY)

    (found,) = (w for w in warnings if "by the makers of" in w)
    assert found.startswith(f"{DEV}.cluster.eks.version = '1.33': not tested on it by the makers")
    assert "tigera-operator v3.32.1" in found
    assert "rancher" not in found
    assert found.endswith("every chart of the platform is tested on 1.34, 1.35: use one of these")
