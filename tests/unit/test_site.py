"""What an environment says of itself to the objects of its services, and to the hub."""

from ipaddress import IPv4Network
from typing import Any

from modules.aws.alb import AlbConfig
from modules.core.availability import Availability
from modules.core.cloudfront import CLIENT_ADDRESS_HEADER
from modules.core.gitops import Delivery, GitRepository
from modules.core.hosts import Shard
from modules.core.identity import Identity, Issuer
from modules.core.rates import Rate, Rates
from modules.core.services import Route, Service
from modules.core.tenants import TenantEnvironment
from modules.stacks.edge import EdgeConfig, Front
from modules.stacks.ingress import IngressConfig
from modules.stacks.platform_config import PlatformConfig

import pytest

from environments.schema import Environment, RegionSettings
from main import fleet_of
from tests.support.settings import written
from tests.support.tenants import tenant

DELIVERY = Delivery(repository=GitRepository(url="https://git.example.org/shop/services.git"))
NETWORKS = {"eu-west-1": "10.0.0.0/16", "us-east-1": "10.1.0.0/16"}


def environment(
    *services: Service,
    regions: dict[str, dict[str, Any]] | None = None,
    edge: dict[str, Any] | None = None,
    **changes: Any,
) -> Environment:
    """Return an environment whose regions and edge have these settings."""
    found: dict[str, RegionSettings] = {}
    for region, settings in (regions or {"eu-west-1": {}}).items():
        vpc = {"cidr": IPv4Network(NETWORKS[region])}
        one = written(region=region, vpc=vpc).regions[region]
        found[region] = RegionSettings(network=one.network, cluster=one.cluster, **settings)
    entrance = EdgeConfig(**{"domain": "dev.ekp.example"} | (edge or {}))
    named = sorted({one.namespace for one in services})
    tenants = tuple(
        tenant(name, services=[one for one in services if one.namespace == name]) for name in named
    )
    wanted: dict[str, Any] = {"regions": found, "tenants": tenants, "edge": entrance}
    return Environment.model_validate(written("dev", **wanted | changes))


def service(name: str, namespace: str = "shop") -> Service:
    image = f"registry.example.org/{namespace}/{name}:1.0.0"
    return Service(name=name, namespace=namespace, image=image)


@pytest.mark.parametrize(
    ("front", "header"),
    [
        # What the distribution's own function writes.
        (Front.CLOUDFRONT, CLIENT_ADDRESS_HEADER),
        (Front.VPC_ORIGIN, CLIENT_ADDRESS_HEADER),
        # Nobody stands between: the load balancer's X-Forwarded-For tells.
        (Front.DIRECT, None),
    ],
)
def test_the_caller_s_address_is_told_by_whoever_meets_the_caller(
    front: Front, header: str | None
) -> None:
    assert environment(edge={"front": front}).site().client_header == header


@pytest.mark.parametrize(
    ("availability", "replicas"), [(Availability.HIGH, 3), (Availability.SINGLE, 1)]
)
def test_a_client_s_requests_are_shared_out_to_as_many_gateways_as_there_are(
    availability: Availability, replicas: int
) -> None:
    platform = PlatformConfig(availability=availability)

    found = environment(regions={"eu-west-1": {"platform": platform}})

    assert found.site().gateway_replicas == replicas


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("tls", [True, False])
def test_tls_up_to_the_gateway_is_one_setting_of_the_load_balancer(tls: bool) -> None:  # noqa: FBT001
    ingress = IngressConfig(alb=AlbConfig(gateway_tls=tls))

    assert environment(regions={"eu-west-1": {"ingress": ingress}}).site().gateway_tls is tls


def test_what_differs_between_regions_is_asked_of_each() -> None:
    single = PlatformConfig(availability=Availability.SINGLE)
    found = environment(regions={"eu-west-1": {"platform": single}, "us-east-1": {}})

    assert found.site("us-east-1").gateway_replicas > found.site("eu-west-1").gateway_replicas
    assert found.site() == found.site("eu-west-1")


def test_domain_shards_rates_and_issuers_are_the_environment_s_own() -> None:
    api = Shard(hosts=("api.dev.ekp.example",), slot=1)
    rates = Rates(gateway=Rate(requests=600))
    issuer = Issuer(
        issuer="https://login.example.org/v2.0",
        jwks_uri="https://login.example.org/keys",
        audiences=("api://shop",),
    )
    identity = Identity(issuers={"entra": issuer})

    site = environment(edge={"shards": {"api": api}, "rates": rates}, identity=identity).site()

    assert (site.domain, site.rates, site.identity) == ("dev.ekp.example", rates, identity)
    assert site.shard_of("api.dev.ekp.example") == "api"
    assert site.host(Route(host="@")) == "dev.ekp.example"


@pytest.mark.requirement("R37")
def test_the_hub_brings_each_tenant_once_and_is_told_where_the_apis_are() -> None:
    services = (service("cart"), service("catalog"), service("ledger", "billing"))
    found = environment(
        *services, regions={"eu-west-1": {}, "us-east-1": {}}, delivery=DELIVERY
    ).delivered()

    assert found is not None
    assert found.environment == "dev"
    assert [one.name for one in found.tenancies] == ["billing", "shop"]
    assert [one.namespaces for one in found.tenancies] == [("billing",), ("shop",)]
    assert found.regions == ("eu-west-1", "us-east-1")
    assert found.delivery == DELIVERY
    assert found.networks == tuple(map(IPv4Network, NETWORKS.values()))


def test_argo_cd_brings_into_a_cluster_what_runs_in_its_region_and_knows_no_other_cluster() -> None:
    shop = tenant("shop", namespaces=("shop", "shop-jobs"))
    bank = tenant("bank", environments={"dev": TenantEnvironment(regions=("us-east-1",))})
    here = environment(
        regions={"eu-west-1": {}, "us-east-1": {}}, delivery=DELIVERY, tenants=(shop, bank)
    )
    empty = tenant("idle", environments={"dev": TenantEnvironment(regions=("us-east-1",))})
    half = environment(
        regions={"eu-west-1": {}, "us-east-1": {}}, delivery=DELIVERY, tenants=(empty,)
    )

    assert {one.cluster.name: one.namespaces for one in fleet_of([here]).targets} == {
        "dev-eu-west-1": ("shop", "shop-jobs"),
        "dev-us-east-1": ("bank", "shop", "shop-jobs"),
    }
    assert [one.cluster.name for one in fleet_of([half]).targets] == ["dev-us-east-1"]
    assert fleet_of([environment(tenants=(shop,))]).targets == ()


@pytest.mark.parametrize(
    ("services", "delivery"),
    [((), DELIVERY), ((service("cart"),), None)],
    ids=["no tenants", "no delivery"],
)
def test_the_hub_brings_nothing_where_there_is_nothing_to_bring(
    services: tuple[Service, ...], delivery: Delivery | None
) -> None:
    assert environment(*services, delivery=delivery).delivered() is None
