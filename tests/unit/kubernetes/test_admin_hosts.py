"""People meet the platform's tools by hosts at the gateway; each tool asks for the sign-in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from modules.addons import argo_cd, kubecost, observability, prometheus_stack, rancher, vault
from modules.addons.charts import KUBECOST, RANCHER, VAULT
from modules.core.hosts import AdminTool
from modules.core.identity import Identity, Issuer
from modules.core.site import Site
from modules.kubernetes.istio.admin_hosts import TOOLS, exposed, tool_name, trusted
from modules.kubernetes.istio.rate_limits import per_client
from modules.kubernetes.manifest import Manifest
from modules.kubernetes.vault_config import certificate

import pytest

from ...support.custom_resources import mistakes

ISSUER = Issuer(
    issuer="https://login.example.org/v2.0",
    jwks_uri="https://login.example.org/keys",
    audiences=("api://shop",),
)
SITE = Site(domain="example.org", identity=Identity(issuers={"entra": ISSUER}))
HOST = "tool.example.org"
EVERY_TOOL = pytest.mark.parametrize("tool", AdminTool)


def one(kind: str, tool: AdminTool, site: Site = SITE) -> Manifest:
    (found,) = [found for found in exposed(tool, HOST, site) if found.kind == kind]
    return found


def policy(tool: AdminTool) -> dict[str, Any]:
    found = one("DestinationRule", tool).fields["spec"]["trafficPolicy"]
    assert isinstance(found, dict)
    return found


def test_every_tool_is_where_its_release_puts_it() -> None:
    grafana = f"{prometheus_stack.NAME}-grafana"

    assert {tool: (to.namespace, to.service) for tool, to in TOOLS.items()} == {
        AdminTool.ARGO_CD: (argo_cd.NAMESPACE.name, argo_cd.CLUSTER_CLIENTS["server"]),
        AdminTool.GRAFANA: (observability.STORES.name, grafana),
        AdminTool.KUBECOST: (kubecost.NAMESPACE.name, f"{KUBECOST.name}-frontend"),
        AdminTool.RANCHER: (rancher.NAMESPACE.name, RANCHER.name),
        AdminTool.VAULT: (vault.NAMESPACE.name, VAULT.name),
    }


@pytest.mark.requirement("R14")
@EVERY_TOOL
def test_a_host_leads_to_its_tool_and_no_other_object_may_take_it(tool: AdminTool) -> None:
    gateway, route = one("Gateway", tool), one("VirtualService", tool)
    (server,) = gateway.fields["spec"]["servers"]
    (http,) = route.fields["spec"]["http"]

    assert server["hosts"] == [f"istio-ingress/{HOST}"]
    assert route.namespace == gateway.namespace == "istio-ingress"
    assert route.fields["spec"]["gateways"] == [f"istio-ingress/{gateway.name}"]
    assert route.fields["spec"]["hosts"] == [HOST]
    assert [to["destination"] for to in http["route"]] == [
        {"host": TOOLS[tool].address, "port": {"number": TOOLS[tool].port}}
    ]


@EVERY_TOOL
def test_a_stream_is_not_ended_and_nothing_is_sent_twice(tool: AdminTool) -> None:
    (http,) = one("VirtualService", tool).fields["spec"]["http"]

    # Without one there is none; the definition refuses "0s".
    assert "timeout" not in http
    assert http["retries"] == {"attempts": 0}


@EVERY_TOOL
def test_the_gateway_lets_everyone_through_to_the_host_alone(tool: AdminTool) -> None:
    found = one("AuthorizationPolicy", tool)
    (rule,) = found.fields["spec"]["rules"]

    assert found.namespace == "istio-ingress"
    assert found.fields["spec"]["selector"] == {"matchLabels": {"app": "istio-ingressgateway"}}
    assert rule == {"to": [{"operation": {"hosts": [HOST, f"{HOST}:*"]}}]}


def switched_off(tool: AdminTool, site: Site) -> dict[str, dict[str, Any]]:
    """Return what is set for filters on a tool's host, by the filters' names."""
    (patch,) = one("EnvoyFilter", tool, site).fields["spec"]["configPatches"]
    found = patch["patch"]["value"]["typed_per_filter_config"]
    assert isinstance(found, dict)
    return found


@EVERY_TOOL
@pytest.mark.parametrize(("tls", "port"), [(False, 80), (True, 443)])
def test_what_is_switched_off_is_so_on_the_tools_host_alone(
    tool: AdminTool,
    tls: bool,  # noqa: FBT001 - a parameter of the test
    port: int,
) -> None:
    found = one("EnvoyFilter", tool, replace(SITE, gateway_tls=tls))
    (patch,) = found.fields["spec"]["configPatches"]

    assert patch["applyTo"] == "VIRTUAL_HOST"
    assert patch["match"]["routeConfiguration"] == {"vhost": {"name": f"{HOST}:{port}"}}


@EVERY_TOOL
def test_a_tools_own_tokens_are_not_taken_for_forged_ones(tool: AdminTool) -> None:
    kind = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig"

    assert switched_off(tool, SITE)["envoy.filters.http.jwt_authn"] == {
        "@type": kind,
        "disabled": True,
    }


@EVERY_TOOL
@pytest.mark.parametrize("site", [SITE, Site(domain="example.org")], ids=["issuers", "none"])
def test_an_office_behind_one_address_is_not_counted_as_one_client(
    tool: AdminTool, site: Site
) -> None:
    (limit,) = per_client(site)
    (patch,) = limit.fields["spec"]["configPatches"]
    # The name that the filter has in the gateway, not its type's.
    name = patch["patch"]["value"]["name"]

    assert switched_off(tool, site)[name] == {
        "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
        "disabled": True,
    }


def test_where_no_tokens_are_verified_only_the_limit_is_switched_off() -> None:
    assert [*switched_off(AdminTool.GRAFANA, Site(domain="example.org"))] == ["ekp_rate.client"]


def test_nothing_else_is_switched_off_on_a_tools_host() -> None:
    assert [*switched_off(AdminTool.GRAFANA, SITE)] == [
        "envoy.filters.http.jwt_authn",
        "ekp_rate.client",
    ]


@pytest.mark.parametrize("tool", [tool for tool in AdminTool if tool is not AdminTool.VAULT])
def test_tools_outside_the_mesh_are_called_without_its_certificates(tool: AdminTool) -> None:
    assert policy(tool)["tls"] == {"mode": "DISABLE"}
    assert trusted(tool, "internal") == []


@pytest.mark.requirement("R15")
def test_vault_has_to_prove_that_it_is_vault() -> None:
    (trust,) = trusted(AdminTool.VAULT, "internal")
    own = certificate(3, host=HOST, issuer="internal").fields["spec"]
    tls = policy(AdminTool.VAULT)["tls"]

    assert tls["mode"] == "SIMPLE"
    assert (trust.namespace, trust.fields["spec"]["secretName"]) == (
        "istio-ingress",
        tls["credentialName"],
    )
    assert trust.fields["spec"]["issuerRef"] == own["issuerRef"]
    assert tls["subjectAltNames"] == [tls["sni"]]
    assert tls["sni"] in own["dnsNames"]


def test_rancher_is_told_that_people_came_by_https() -> None:
    headers = {
        tool: one("VirtualService", tool).fields["spec"]["http"][0].get("headers")
        for tool in AdminTool
    }

    assert headers.pop(AdminTool.RANCHER) == {"request": {"set": {"x-forwarded-proto": "https"}}}
    assert set(headers.values()) == {None}


def test_a_sign_in_to_kubecost_stays_at_the_copy_that_took_it() -> None:
    balancing = {tool: policy(tool).get("loadBalancer") for tool in AdminTool}

    assert balancing.pop(AdminTool.KUBECOST) == {
        "consistentHash": {"httpCookie": {"name": "ekp-kubecost", "path": "/", "ttl": "0s"}}
    }
    assert set(balancing.values()) == {None}


@EVERY_TOOL
def test_only_the_gateway_goes_by_a_tools_objects(tool: AdminTool) -> None:
    for kind in ("VirtualService", "DestinationRule"):
        assert one(kind, tool).fields["spec"]["exportTo"] == ["."]


def test_no_services_objects_can_be_called_like_a_tools() -> None:
    names = {tool_name(tool) for tool in AdminTool}

    assert len(names) == len(AdminTool)
    # Services' are <namespace>-<name>.
    assert not any("-" in name for name in names)


def test_the_definitions_of_the_charts_take_all_of_it(tmp_path: Path) -> None:
    found = [
        one
        for tool in AdminTool
        for one in (*exposed(tool, HOST, SITE), *trusted(tool, "internal"))
    ]

    assert mistakes([one.as_dict() for one in found], tmp_path) == []
