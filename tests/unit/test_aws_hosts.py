"""A granted service reaches what it is granted, through mesh and network, in each region."""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from modules.core.aws_hosts import with_aws_hosts
from modules.core.flows import Place, RegionNetworks
from modules.core.services import External, Service
from modules.core.site import Site
from modules.kubernetes.calico.ends import entity
from modules.kubernetes.calico.granted import AGENT, PORT, pod_identity_egress
from modules.kubernetes.calico.service import service_network_policies
from modules.kubernetes.istio.egress import externals, scope

from tests.support.custom_resources import mistakes

from ..support.grants import REGION, Grant, bucket, granted, key, queue, service

VPC = IPv4Network("10.40.0.0/16")


def met(*given: Grant, region: str = REGION, **changes: Any) -> Service:
    return with_aws_hosts(
        service(**changes),
        granted(*given),
        region=region,
        interface_endpoints=("sqs", "sts"),
        vpc_cidr=VPC,
    )


def test_a_service_without_grants_calls_nobody_more() -> None:
    assert met(queue(service="stock")) == service()


def test_a_granted_service_calls_the_hosts_of_its_grants() -> None:
    assert met(
        bucket(), bucket("write", prefix="a/"), queue(), queue("receive"), key()
    ).external == (
        External(host="data.s3.eu-west-1.amazonaws.com"),
        # By the VPC's endpoint.
        External(host="sqs.eu-west-1.amazonaws.com", networks=(VPC,)),
        External(host="kms.eu-west-1.amazonaws.com"),
    )


def test_what_lies_in_another_region_is_met_there_by_public_addresses() -> None:
    found = met(bucket(region="eu-west-1"), queue(), key(), region="eu-central-1")

    assert found.external == (
        External(host="data.s3.eu-west-1.amazonaws.com"),
        External(host="sqs.eu-west-1.amazonaws.com"),
        External(host="kms.eu-west-1.amazonaws.com"),
    )


def test_the_first_names_of_s3_are_met_in_us_east_1() -> None:
    hosts = [one.host for one in met(bucket(region="us-east-1")).external]

    assert hosts == ["data.s3.us-east-1.amazonaws.com", "data.s3.amazonaws.com"]


def test_a_bucket_whose_name_no_certificate_covers_is_met_under_s3s_own() -> None:
    assert [one.host for one in met(bucket(bucket="my.data")).external] == [
        "s3.eu-west-1.amazonaws.com"
    ]


def test_mesh_and_network_let_a_granted_service_out() -> None:
    cart = met(bucket(), queue(), external=(External(host="api.example.com"),))
    hosts = {"api.example.com", "data.s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"}

    (sidecar,) = scope(cart).fields["spec"]["egress"]
    assert {f"./{host}" for host in hosts} <= set(sidecar["hosts"])
    assert {host for one in externals(cart) for host in one.fields["spec"]["hosts"]} == hosts
    (policy,) = service_network_policies(cart, Site(domain="example.org"))
    ends = [rule["destination"] for rule in policy.fields["spec"]["egress"]]
    assert [end["nets"] for end in ends] == [["10.40.0.0/16"], ["0.0.0.0/0"]]


def test_a_host_that_a_service_names_itself_has_its_ports_once() -> None:
    own = External(host="sqs.eu-west-1.amazonaws.com")

    (entry,) = externals(met(queue(), external=(own,)))

    assert [port["number"] for port in entry.fields["spec"]["ports"]] == [443]


NETWORKS = RegionNetworks(vpc=VPC, balancers=(VPC,), control_plane=(VPC,))


def test_granted_services_get_their_credentials_from_the_agent_on_their_node() -> None:
    (policy,) = pod_identity_egress("shop", ["stock", "cart"])
    spec = policy.fields["spec"]

    assert spec["namespaceSelector"] == "projectcalico.org/name == 'shop'"
    assert spec["selector"] == "app.kubernetes.io/name in {'cart', 'stock'}"
    assert spec["types"] == ["Egress"]
    (rule,) = spec["egress"]
    assert rule["destination"] == {**entity(Place.POD_IDENTITY, NETWORKS), "ports": [80]}
    assert (str(AGENT), PORT) == ("169.254.170.23/32", 80)


def test_without_grants_no_pod_reaches_the_agent() -> None:
    assert pod_identity_egress("shop", ()) == []


def test_istio_and_calico_know_every_field(tmp_path: Path) -> None:
    cart = met(bucket(), queue(), key())
    found = [
        scope(cart),
        *externals(cart),
        *service_network_policies(cart, Site(domain="example.org")),
        *pod_identity_egress("shop", ["cart"]),
    ]

    assert mistakes([manifest.as_dict() for manifest in found], tmp_path) == []
