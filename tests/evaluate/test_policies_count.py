"""Every guardrail counts: without it some row of the tables, or some flow, comes out otherwise."""

from collections.abc import Collection, Mapping, Sequence
from ipaddress import IPv4Network
from itertools import product
from typing import Any

from modules.core.flows import RegionNetworks
from modules.kubernetes.calico.default_deny import default_deny
from modules.kubernetes.calico.flows import network_policies
from modules.kubernetes.istio.mesh import mesh_defaults, nginx_scope
from modules.kubernetes.istio.overage import refuse_group_overage
from modules.kubernetes.istio.tokens import verify_at_gateway
from modules.stacks.tenant_bundles import Surroundings, tenant_bundle

import pytest

from ekp.evaluate.bundles import objects_of
from ekp.evaluate.calico.policies import Policies
from ekp.evaluate.request import Unsupported, named
from tests.support.mesh_world import Cluster
from tests.support.two_tenants import REGION, flows_of, with_two_tenants

from . import table_gateway, table_mesh, table_shard
from .network_spots import ends, places, pods, without
from .zero_trust_cases import Case, claims_seen, outcome

ROWS = (*table_gateway.TABLE, *table_shard.TABLE, *table_mesh.TABLE)
FLOW = "GlobalNetworkPolicy platform-"
GUARDING = (
    "k8s.nginx.org",
    "networking.istio.io",
    "projectcalico.org",
    "security.istio.io",
)
# What no evaluator sees, by the kind and the end of the name.
NOT_SEEN: Mapping[tuple[str, str], str] = {
    ("EnvoyFilter", "/clients"): "it counts requests, and a row is one request",
    ("EnvoyFilter", ".rate"): "it counts requests, and a row is one request",
    ("EnvoyFilter", ".capacity"): "it counts requests, and a row is one request",
    ("EnvoyFilter", "/tls"): "a row begins with the request, whatever it comes by",
    ("Telemetry", ""): "it says what is told of a call, not who may call",
    ("TargetGroupBinding", ""): "rows begin where the load balancer has sent the request",
    ("Namespace", ""): "without it there are no pods",
    ("ServiceEntry", ".amazonaws.com"): "no row calls AWS",
    ("GlobalNetworkPolicy", "pod-identity-shop"): "no row asks the agent for credentials",
    ("NetworkPolicy", "vault/databases-shop"): "no row is of Vault and a database",
}
# What two objects say: each alone changes nothing, both of them do.
TWICE: Mapping[str, str] = {
    # The gateway and the pods both throw spoofed claims away.
    "EnvoyFilter istio-ingress/tokens": "EnvoyFilter billing/invoices",
    # Endpoints of AWS are anywhere in the VPC, the API's addresses among them.
    f"{FLOW}fluent-bit-to-api-egress": f"{FLOW}fluent-bit-to-aws-endpoints-egress",
    f"{FLOW}vault-to-api-egress": f"{FLOW}vault-to-aws-endpoints-egress",
    f"{FLOW}kubecost-agent-to-api-egress": f"{FLOW}kubecost-agent-to-aws-endpoints-egress",
    # AWS and its list of prices are both on the internet.
    f"{FLOW}kubecost-agent-to-aws-egress": f"{FLOW}kubecost-agent-to-prices-egress",
    f"{FLOW}kubecost-agent-to-prices-egress": f"{FLOW}kubecost-agent-to-aws-egress",
    # Rancher's agents call it by its public host, and AWS is on the internet too.
    f"{FLOW}rancher-agent-to-aws-egress": f"{FLOW}cattle-system-to-internet-egress",
    # Alerts are sent to the port that metrics are read from.
    f"{FLOW}prometheus-to-alerts-egress": f"{FLOW}prometheus-to-alertmanager-egress",
    f"{FLOW}prometheus-to-alerts-ingress": f"{FLOW}prometheus-to-alertmanager-ingress",
}


def guardrails() -> list[str]:
    """Return the names of production's guardrails and of the second tenant's."""
    environment = with_two_tenants()
    site = environment.site(REGION)
    # Names do not hang on addresses.
    somewhere = (IPv4Network("10.0.0.0/24"),)
    networks = RegionNetworks(vpc=somewhere[0], balancers=somewhere, control_plane=somewhere)
    around = Surroundings(site=site, networks=networks)
    made = [
        *mesh_defaults(),
        nginx_scope(),
        *default_deny(),
        *network_policies(flows_of(environment), networks),
        *verify_at_gateway(site),
        *refuse_group_overage(site),
        *(
            manifest
            for one in environment.tenancies
            for manifest in tenant_bundle(one, around, region=REGION)
        ),
    ]
    # Rights, quotas and secrets are asked about in test_isolation_of_tools.py.
    return [named(m.as_dict()) for m in made if m.api_version.partition("/")[0] in GUARDING]


GUARDRAILS = guardrails()


def is_seen(name: str) -> bool:
    kind, _, place = name.partition(" ")
    return not any(kind == of and place.endswith(end) for of, end in NOT_SEEN)


def test_the_guardrails_are_those_that_the_stacks_apply(
    stacks: Mapping[str, Mapping[str, Any]], prod: Cluster
) -> None:
    applied = [
        one
        for layer in ("platform", "tenants")
        for one in objects_of(stacks[f"prod-{REGION}-{layer}"])
        if one["apiVersion"].partition("/")[0] in GUARDING
    ]
    second = {name for name in GUARDRAILS if "billing" in name}

    assert second
    assert second <= {named(one) for one in prod.objects}
    assert {name for one in applied if is_seen(name := named(one))} == {
        name for name in GUARDRAILS if is_seen(name) and name not in second
    }


@pytest.fixture(scope="module")
def before(prod: Cluster) -> Sequence[tuple[Case, object, str]]:
    """Every row with what comes out, and with all that had a say in it."""
    return [(row, *verdict(row, prod)) for row in ROWS]


def verdict(row: Case, cluster: Cluster, gone: Collection[str] = ()) -> tuple[object, str]:
    try:
        call = row.ask(cluster, gone)
    except Unsupported as error:
        return str(error), ""
    return (outcome(call), claims_seen(call)), " ".join(hop.by for hop in call.hops)


def changes_a_row(
    cluster: Cluster, before: Sequence[tuple[Case, object, str]], gone: Collection[str]
) -> bool:
    # Those that the object had a say in are asked first.
    ordered = sorted(before, key=lambda one: not any(name in one[2] for name in gone))
    return any(verdict(row, cluster, gone)[0] != found for row, found, _ in ordered)


def shuts_a_flow(cluster: Cluster, policies: Policies, gone: Collection[str]) -> bool:
    """Tell whether a flow does not get through any more."""
    fewer = without(policies, gone)
    world = cluster.world()
    spots = [*pods(world), *places(cluster)]
    flows = [f for f in cluster.flows if any(n.startswith(f"{FLOW}{f.name}-") for n in gone)]
    return any(
        not fewer.network(source.end, target.end, port, flow.transport).allowed
        for flow in flows
        for source, target in product(ends(flow.source, spots), ends(flow.target, spots))
        for port in flow.ports
        if policies.network(source.end, target.end, port, flow.transport).allowed
    )


@pytest.mark.requirement("R17")
@pytest.mark.requirement("R35")
@pytest.mark.requirement("R36")
@pytest.mark.parametrize("name", [name for name in GUARDRAILS if is_seen(name)])
def test_without_it_something_comes_out_otherwise(
    name: str, prod: Cluster, before: Sequence[tuple[Case, object, str]]
) -> None:
    policies = prod.world().policies
    both = {name, TWICE[name]} if name in TWICE else {name}

    def changes(gone: Collection[str]) -> bool:
        return shuts_a_flow(prod, policies, gone) or changes_a_row(prod, before, gone)

    assert changes(both)
    assert name not in TWICE or not changes({name})


def test_what_is_said_twice_or_not_seen_is_there() -> None:
    assert {*TWICE, *TWICE.values()} <= set(GUARDRAILS)
