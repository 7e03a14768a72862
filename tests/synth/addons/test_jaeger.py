"""Jaeger keeps traces where a restart leaves them, and takes them where the mesh sends them."""

from pathlib import Path
from typing import Any

from modules.addons.jaeger import (
    NAMESPACE,
    SERVICE_HOST,
    Jaeger,
    JaegerConfig,
    JaegerStore,
    OpenSearch,
)

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.custom_resources import mistakes
from tests.support.literal_secrets import secrets
from tests.support.releases import named, values
from tests.support.synth import Synth

SEARCH = OpenSearch(urls=("https://search.ekp.example",))
STORES: dict[JaegerStore, dict[str, Any]] = {
    JaegerStore.BADGER: {},
    JaegerStore.OPENSEARCH: {"opensearch": SEARCH},
    JaegerStore.MEMORY: {},
}


def merged(stack: TerraformStack, **settings: Any) -> dict[str, Any]:
    Jaeger(stack, "jaeger", config=JaegerConfig(**settings), after=[])
    # Terraform reads "$${" as "${".
    found: dict[str, Any] = _read(values(named(Synth(stack), "jaeger")))
    return found


def _read(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _read(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_read(value) for value in found]
    return found.replace("$${", "${") if isinstance(found, str) else found


def backend(found: dict[str, Any]) -> dict[str, Any]:
    backends: dict[str, Any] = found["userconfig"]["extensions"]["jaeger_storage"]["backends"]
    return backends


def made(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [o for o in found["extraObjects"] if o["kind"] == kind]


def test_by_default_spans_lie_on_a_volume_that_outlives_the_release(stack: TerraformStack) -> None:
    found = merged(stack)

    badger = backend(found)["spans"]["badger"]
    (claim,) = made(found, "PersistentVolumeClaim")
    (volume,) = found["jaeger"]["extraVolumes"]
    (mount,) = found["jaeger"]["extraVolumeMounts"]
    assert badger["ephemeral"] is False
    assert badger["directories"]["keys"].startswith(mount["mountPath"])
    assert badger["directories"]["values"].startswith(mount["mountPath"])
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert claim["spec"]["storageClassName"] == "gp3"


def test_retention_and_size_are_settings(stack: TerraformStack) -> None:
    found = merged(stack, retention_hours=24, volume_gib=5)

    assert backend(found)["spans"]["badger"]["ttl"] == {"spans": "24h"}
    (claim,) = made(found, "PersistentVolumeClaim")
    assert claim["spec"]["resources"]["requests"]["storage"] == "5Gi"


def test_memory_is_only_where_it_is_asked_for(stack: TerraformStack) -> None:
    found = merged(stack, store=JaegerStore.MEMORY)

    assert set(backend(found)["spans"]) == {"memory"}
    assert made(found, "PersistentVolumeClaim") == []
    assert JaegerConfig().store is not JaegerStore.MEMORY


def test_opensearch_serves_two_copies_and_its_password_is_a_reference(
    stack: TerraformStack,
) -> None:
    found = merged(stack, store=JaegerStore.OPENSEARCH, opensearch=SEARCH)

    search = backend(found)["spans"]["opensearch"]
    assert search["server_urls"] == ["https://search.ekp.example"]
    assert search["auth"]["basic"]["password"] == "${env:OPENSEARCH_PASSWORD}"
    given = {v["name"]: v for v in found["jaeger"]["extraEnv"]}
    source = given["OPENSEARCH_PASSWORD"]["valueFrom"]["secretKeyRef"]
    assert source == {"name": "jaeger-opensearch", "key": "password"}
    assert found["jaeger"]["replicas"] == 2


def test_opensearch_without_tls_is_refused() -> None:
    with pytest.raises(ValidationError, match="https"):
        OpenSearch(urls=("http://search.ekp.example",))


@pytest.mark.parametrize("settings", [{"store": JaegerStore.OPENSEARCH}, {"opensearch": SEARCH}])
def test_a_store_and_its_description_come_together(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="set opensearch for the store opensearch alone"):
        JaegerConfig(**settings)


@pytest.mark.parametrize("store", JaegerStore)
def test_what_the_pipeline_writes_is_what_the_query_reads(
    stack: TerraformStack, store: JaegerStore
) -> None:
    found = merged(stack, store=store, **STORES[store])
    config = found["userconfig"]

    (name,) = backend(found)
    assert config["exporters"]["jaeger_storage_exporter"]["trace_storage"] == name
    assert config["extensions"]["jaeger_query"]["storage"]["traces"] == name
    assert set(config["service"]["extensions"]) == set(config["extensions"])
    pipeline = config["service"]["pipelines"]["traces"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == set(config[kind])


def test_spans_are_taken_where_the_mesh_sends_them(stack: TerraformStack) -> None:
    found = merged(stack)

    protocols = found["userconfig"]["receivers"]["otlp"]["protocols"]
    assert protocols["grpc"]["endpoint"] == "0.0.0.0:4317"
    assert protocols["http"]["endpoint"] == "0.0.0.0:4318"
    # The chart's Service is named after the release.
    release = named(Synth(stack), "jaeger")
    assert f"{release['name']}.{release['namespace']}.svc.cluster.local" == SERVICE_HOST


def test_a_changed_configuration_starts_a_new_pod(
    stack: TerraformStack, other_stack: TerraformStack
) -> None:
    def mark(found: dict[str, Any]) -> str:
        value: str = found["jaeger"]["extraEnv"][0]["value"]
        return value

    assert mark(merged(stack)) != mark(merged(other_stack, retention_hours=1))


def test_a_restricted_namespace_admits_its_pod(stack: TerraformStack) -> None:
    found = merged(stack)["jaeger"]

    assert NAMESPACE.pod_security == "restricted"
    assert found["podSecurityContext"]["runAsNonRoot"] is True
    assert found["podSecurityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert found["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert found["securityContext"]["allowPrivilegeEscalation"] is False


@pytest.mark.parametrize("store", JaegerStore)
def test_no_secret_stands_in_the_values(stack: TerraformStack, store: JaegerStore) -> None:
    assert list(secrets(merged(stack, store=store, **STORES[store]))) == []


@pytest.mark.parametrize("store", JaegerStore)
def test_the_chart_knows_every_value(
    stack: TerraformStack, store: JaegerStore, tmp_path: Path
) -> None:
    found = {"jaeger": merged(stack, store=store, **STORES[store])}

    assert complaints("jaeger", found, tmp_path) == []


def test_the_definitions_know_every_object(stack: TerraformStack, tmp_path: Path) -> None:
    assert mistakes(merged(stack)["extraObjects"], tmp_path) == []
