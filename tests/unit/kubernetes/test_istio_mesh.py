"""The mesh's defaults: calls by mTLS alone, none allowed and few known unless an object says so."""

from pathlib import Path

from modules.addons.observability import JAEGER, STORES
from modules.kubernetes.istio.mesh import TRACING_HOST, mesh_defaults, nginx_scope
from modules.kubernetes.manifest import Manifest

import pytest

from ...support.custom_resources import mistakes


def of(kind: str) -> Manifest:
    (found,) = (manifest for manifest in mesh_defaults() if manifest.kind == kind)
    return found


@pytest.mark.requirement("R13")
def test_every_proxy_refuses_calls_without_mtls() -> None:
    found = of("PeerAuthentication")

    # In the root namespace and without a selector: for the whole mesh.
    assert (found.namespace, found.name) == ("istio-system", "default")
    assert found.fields["spec"] == {"mtls": {"mode": "STRICT"}}


@pytest.mark.requirement("R17")
def test_nothing_is_allowed_that_no_policy_names() -> None:
    found = of("AuthorizationPolicy")

    assert found.namespace == "istio-system"
    # One empty rule, "rules: [{}]", would allow everything.
    assert found.fields["spec"] == {}


def test_a_pod_without_a_scope_of_its_own_knows_its_namespace_alone() -> None:
    spec = of("Sidecar").fields["spec"]

    assert spec["egress"] == [{"hosts": ["./*", "istio-system/*", TRACING_HOST]}]
    assert spec["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}


def test_spans_go_to_the_service_that_jaeger_is() -> None:
    assert f"{STORES.name}/{JAEGER}.{STORES.name}.svc.cluster.local" == TRACING_HOST


def test_a_namespace_that_opts_in_to_a_shard_changes_nothing_of_nginx() -> None:
    found = nginx_scope()

    assert found.namespace == "nginx-ingress"
    assert found.fields["spec"]["egress"] == [{"hosts": ["*/*"]}]
    assert found.fields["spec"]["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}


def test_istio_knows_every_field(tmp_path: Path) -> None:
    assert mistakes([m.as_dict() for m in (*mesh_defaults(), nginx_scope())], tmp_path) == []
