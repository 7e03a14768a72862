"""Metrics are kept, alerts reach people by reference, and groups of Entra ID enter Grafana."""

from pathlib import Path
from typing import Any

from modules.addons.alerting import SECRET, AlertReceiver, Channel, Severity
from modules.addons.grafana import ENTRA_SECRET, ENTRA_VARIABLE
from modules.addons.jaeger import SERVICE_HOST
from modules.addons.observability import AGENTS, LOKI_HOST, LOKI_TENANT, STORES
from modules.addons.prometheus_stack import (
    NAMESPACES,
    PLATFORM,
    PrometheusStack,
    PrometheusStackConfig,
)
from modules.core.availability import Availability
from modules.core.context import Context

import pytest
from cdktf import TerraformStack
from pydantic import ValidationError

from tests.support.chart_values import complaints
from tests.support.literal_secrets import secrets
from tests.support.platform import ADMINS, CLIENT, SIGN_IN, TENANT, VIEWERS
from tests.support.releases import named, values
from tests.support.synth import Synth

HOST = "grafana.ekp.example"
RELEASE = "kube-prometheus-stack"


def merged(
    stack: TerraformStack,
    ctx: Context,
    *,
    availability: Availability = Availability.HIGH,
    host: str | None = None,
    **settings: Any,
) -> dict[str, Any]:
    PrometheusStack(
        stack,
        "prometheus",
        ctx=ctx,
        config=PrometheusStackConfig(**settings),
        availability=availability,
        host=host,
        after=[],
    )
    return values(named(Synth(stack), RELEASE))


def test_monitors_and_rules_of_every_release_are_read(stack: TerraformStack, ctx: Context) -> None:
    spec = merged(stack, ctx)["prometheus"]["prometheusSpec"]

    for kind in ("serviceMonitor", "podMonitor", "probe", "scrapeConfig", "rule"):
        assert spec[f"{kind}SelectorNilUsesHelmValues"] is False


@pytest.mark.requirement("R34")
def test_tenants_speak_of_their_own_namespace_and_the_platform_of_all(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)
    spec = found["prometheus"]["prometheusSpec"]

    assert spec["enforcedNamespaceLabel"] == "namespace"
    trusted = {one["namespace"] for one in spec["excludedFromEnforcement"]}
    assert {space.name for space in NAMESPACES} < trusted
    assert trusted == set(PLATFORM)
    # Rules that look into all namespaces are of the release, whose namespace is trusted.
    assert list(found["additionalPrometheusRulesMap"]) == ["services-elsewhere"]


@pytest.mark.requirement("R34")
def test_tenants_hear_of_alerts_of_their_own_namespaces(
    stack: TerraformStack, ctx: Context
) -> None:
    spec = merged(stack, ctx)["alertmanager"]["alertmanagerSpec"]

    assert spec["alertmanagerConfigMatcherStrategy"]["type"] == "OnNamespace"
    assert spec["alertmanagerConfigSelector"]["matchLabels"]
    assert spec["alertmanagerConfigNamespaceSelector"]["matchExpressions"]


def test_what_eks_hides_is_not_looked_for(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    for part in ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"):
        assert found[part]["enabled"] is False


def test_samples_end_before_their_volume_does(stack: TerraformStack, ctx: Context) -> None:
    spec = merged(stack, ctx, retention_days=7, volume_gib=50)["prometheus"]["prometheusSpec"]

    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert spec["retention"] == "7d"
    assert claim["resources"]["requests"]["storage"] == "50Gi"
    assert claim["storageClassName"] == "gp3"
    assert int(spec["retentionSize"].removesuffix("MiB")) < 50 * 1024 * 0.9


def test_samples_say_where_they_come_from(stack: TerraformStack, ctx: Context) -> None:
    spec = merged(stack, ctx)["prometheus"]["prometheusSpec"]

    assert spec["externalLabels"] == {"cluster": "ekp-prod-euw1-eks", "region": "eu-west-1"}


def test_copies_survive_the_loss_of_a_zone(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    for part, spec, copies in (
        (found["prometheus"], "prometheusSpec", 2),
        (found["alertmanager"], "alertmanagerSpec", 3),
    ):
        assert part[spec]["replicas"] == copies
        budget = part["podDisruptionBudget"]
        # The chart's own minimum of one would let a zone go with two of three.
        assert (budget["enabled"], budget["maxUnavailable"]) == (True, 1)
        assert budget["minAvailable"] is None
        keys = [spread["topologyKey"] for spread in part[spec]["topologySpreadConstraints"]]
        assert "topology.kubernetes.io/zone" in keys


def test_a_single_copy_has_no_budget(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx, availability=Availability.SINGLE)

    assert found["prometheus"]["prometheusSpec"]["replicas"] == 1
    assert found["alertmanager"]["alertmanagerSpec"]["replicas"] == 1
    assert not found["prometheus"]["podDisruptionBudget"].get("enabled")


def test_what_mounts_the_nodes_folders_has_a_namespace_of_its_own(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)

    assert named(Synth(stack), RELEASE)["namespace"] == STORES.name
    assert found["prometheus-node-exporter"]["namespaceOverride"] == AGENTS.name
    assert (STORES.pod_security, AGENTS.pod_security) == ("restricted", "privileged")
    assert NAMESPACES == (STORES, AGENTS)


def test_kinds_are_upgraded_with_the_chart(stack: TerraformStack, ctx: Context) -> None:
    job = merged(stack, ctx)["crds"]["upgradeJob"]

    assert job["enabled"] is True
    assert job["image"]["busybox"]["tag"] != "latest"


def test_groups_of_entra_id_sign_in_and_nobody_with_a_password(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx, host=HOST, sign_in=SIGN_IN)["grafana"]
    ini = found["grafana.ini"]

    assert ini["auth"]["disable_login_form"] is True
    assert ini["auth.basic"]["enabled"] is False
    assert ini["auth.anonymous"]["enabled"] is False
    entra = ini["auth.azuread"]
    assert (entra["enabled"], entra["client_id"]) == (True, CLIENT)
    assert entra["allowed_organizations"] == TENANT
    assert entra["token_url"].startswith(f"https://login.microsoftonline.com/{TENANT}/")
    assert ini["server"]["root_url"] == f"https://{HOST}"
    assert found["env"] == {"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true"}


def test_a_role_comes_by_group_and_without_one_nobody_enters(
    stack: TerraformStack, ctx: Context
) -> None:
    entra = merged(stack, ctx, sign_in=SIGN_IN)["grafana"]["grafana.ini"]["auth.azuread"]

    assert entra["org_mapping"] == f"{ADMINS}:1:Admin {VIEWERS}:1:Viewer"
    assert entra["allowed_groups"] == f"{ADMINS} {VIEWERS}"
    assert entra["role_attribute_strict"] is True
    assert entra["allow_assign_grafana_admin"] is False


def test_the_clients_secret_is_a_reference_that_may_be_missing_at_first(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx, sign_in=SIGN_IN)["grafana"]

    reference = found["grafana.ini"]["auth.azuread"]["client_secret"].replace("$$", "$")
    assert reference == f"$__env{{{ENTRA_VARIABLE}}}"
    assert found["envFromSecrets"] == [{"name": ENTRA_SECRET, "optional": True}]


def test_without_entra_id_the_chart_makes_up_a_password(
    stack: TerraformStack, ctx: Context
) -> None:
    found = merged(stack, ctx)["grafana"]

    assert "env" not in found
    assert "auth.azuread" not in found["grafana.ini"]
    assert "adminPassword" not in found
    assert "root_url" not in found["grafana.ini"].get("server", {})


def test_grafana_reads_no_secret_of_the_cluster(stack: TerraformStack, ctx: Context) -> None:
    found = merged(stack, ctx)

    (role,) = found["extraManifests"]
    assert found["grafana"]["rbac"]["useExistingClusterRole"] == role["metadata"]["name"]
    assert [rule["resources"] for rule in role["rules"]] == [["configmaps"]]
    for sidecar in ("dashboards", "datasources"):
        assert found["grafana"]["sidecar"][sidecar]["resource"] == "configmap"


def test_no_container_of_grafana_runs_as_root(stack: TerraformStack, ctx: Context) -> None:
    assert merged(stack, ctx)["grafana"]["initChownData"]["enabled"] is False


@pytest.mark.parametrize(("gib", "kept"), [(10, True), (None, False)])
def test_what_people_make_by_hand_is_kept_on_a_volume_where_it_is_asked_for(
    stack: TerraformStack, ctx: Context, gib: int | None, *, kept: bool
) -> None:
    found = merged(stack, ctx, grafana_volume_gib=gib)["grafana"]

    assert found.get("persistence", {}).get("enabled", False) is kept


def test_logs_and_traces_are_data_sources(stack: TerraformStack, ctx: Context) -> None:
    sources = {s["name"]: s for s in merged(stack, ctx)["grafana"]["additionalDataSources"]}

    assert sources["Loki"]["url"] == f"http://{LOKI_HOST}"
    assert sources["Loki"]["jsonData"]["httpHeaderName1"] == "X-Scope-OrgID"
    assert sources["Loki"]["secureJsonData"]["httpHeaderValue1"] == LOKI_TENANT
    host = SERVICE_HOST.removesuffix(".cluster.local")
    assert sources["Jaeger"]["url"] == f"http://{host}:16686"
    (trace,) = sources["Loki"]["jsonData"]["derivedFields"]
    assert trace["datasourceUid"] == sources["Jaeger"]["uid"]
    # Grafana reads "$$" as "$", Terraform "$${" as "${".
    assert trace["url"] == "$$${__value.raw}"


def test_watchdog_calls_nobody_and_each_severity_its_own(
    stack: TerraformStack, ctx: Context
) -> None:
    config = merged(stack, ctx)["alertmanager"]["config"]

    watchdog, critical, warning = config["route"]["routes"]
    assert watchdog["receiver"] == config["route"]["receiver"] == "null"
    assert "Watchdog" in watchdog["matchers"][0]
    assert critical["matchers"] == ['severity = "critical"']
    assert warning["matchers"] == ['severity = "warning"']
    names = {receiver["name"] for receiver in config["receivers"]}
    assert names == {"null", critical["receiver"], warning["receiver"]}


@pytest.mark.parametrize(
    ("channel", "kind", "field"),
    [
        (Channel.WEBHOOK, "webhook_configs", "url_file"),
        (Channel.SLACK, "slack_configs", "api_url_file"),
        (Channel.PAGERDUTY, "pagerduty_configs", "routing_key_file"),
    ],
)
def test_where_an_alert_goes_is_read_from_a_mounted_secret(
    stack: TerraformStack, ctx: Context, channel: Channel, kind: str, field: str
) -> None:
    receivers = {Severity.CRITICAL: AlertReceiver(channel=channel, key="on-call")}

    found = merged(stack, ctx, receivers=receivers)["alertmanager"]

    spec = found["alertmanagerSpec"]
    (mount,) = spec["volumeMounts"]
    (volume,) = spec["volumes"]
    _, receiver = found["config"]["receivers"]
    assert receiver[kind][0][field] == f"{mount['mountPath']}/on-call"
    # Alertmanager starts without it and reads it once it is there.
    assert volume == {"name": mount["name"], "secret": {"secretName": SECRET, "optional": True}}


def test_a_severity_that_is_left_out_reaches_nobody(stack: TerraformStack, ctx: Context) -> None:
    config = merged(stack, ctx, receivers={})["alertmanager"]["config"]

    assert [receiver["name"] for receiver in config["receivers"]] == ["null"]


def test_a_key_that_no_secret_could_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="pattern"):
        AlertReceiver(key="../token")


def test_a_bad_rule_stops_no_other_release(stack: TerraformStack, ctx: Context) -> None:
    webhooks = merged(stack, ctx)["prometheusOperator"]["admissionWebhooks"]

    assert webhooks["failurePolicy"] == "Ignore"


@pytest.mark.parametrize("availability", Availability)
def test_no_secret_stands_in_the_values(
    stack: TerraformStack, ctx: Context, availability: Availability
) -> None:
    found = merged(stack, ctx, availability=availability, host=HOST, sign_in=SIGN_IN)

    assert list(secrets(found)) == []


@pytest.mark.parametrize("availability", Availability)
def test_the_chart_knows_every_value(
    stack: TerraformStack, ctx: Context, availability: Availability, tmp_path: Path
) -> None:
    found = merged(stack, ctx, availability=availability, host=HOST, sign_in=SIGN_IN)

    assert complaints(RELEASE, {"stack": found}, tmp_path) == []
