"""Each add-on offers the Secrets of its settings, with the keys that its values lead to."""

import json
import re
from typing import Any

from modules.addons import argo_cd, jaeger, kubecost_aggregator, prometheus_stack
from modules.addons.alerting import MOUNT, AlertReceiver, Channel, Severity, alertmanager_config
from modules.addons.argo_cd import ArgoCdConfig
from modules.addons.argo_cd_values import Slack, notifications, sign_in
from modules.addons.grafana import grafana_values
from modules.addons.jaeger import JaegerConfig, JaegerStore, OpenSearch
from modules.addons.kubecost_aggregator import KubecostConfig
from modules.addons.prometheus_stack import PrometheusStackConfig
from modules.core.bootstrap_secrets import BootstrapSecret

from tests.support.platform import SIGN_IN

SLACK = Slack(channel="platform")


def names(found: list[BootstrapSecret]) -> list[str]:
    return [one.name for one in found]


def test_a_secret_is_plain_values_in_json() -> None:
    secret = BootstrapSecret(
        namespace="web", name="login", keys=("user",), purpose="sign-in", blocks=True
    )

    assert json.loads(json.dumps(secret.as_dict())) == {
        "namespace": "web",
        "name": "login",
        "keys": ["user"],
        "purpose": "sign-in",
        "labels": {},
        "blocks": True,
    }


def test_argo_cd_s_keys_are_those_its_settings_refer_to() -> None:
    login, slack = argo_cd.bootstrap_secrets(ArgoCdConfig(sign_in=SIGN_IN, slack=SLACK))

    assert f"clientSecret: ${login.name}:{login.keys[0]}\n" in sign_in(SIGN_IN)
    assert notifications(SLACK)["notifiers"]["service.slack"] == f"token: ${slack.keys[0]}\n"
    assert names(argo_cd.bootstrap_secrets(ArgoCdConfig(sign_in=SIGN_IN))) == [login.name]


def test_kubecost_without_licence_needs_nothing_and_each_secret_has_its_setting() -> None:
    offered = kubecost_aggregator.bootstrap_secrets

    assert offered(KubecostConfig()) == []
    assert names(offered(KubecostConfig(licensed=True))) == ["kubecost-licence"]
    assert names(offered(KubecostConfig(licensed=True, sign_in=SIGN_IN))) == [
        "kubecost-licence",
        "kubecost-entra-id",
    ]


def test_alertmanager_s_keys_are_the_files_it_reads_each_once() -> None:
    receivers = {
        Severity.CRITICAL: AlertReceiver(channel=Channel.PAGERDUTY, key="on-call"),
        Severity.WARNING: AlertReceiver(channel=Channel.SLACK, key="team"),
    }
    twice = {severity: AlertReceiver(key="hook") for severity in Severity}

    (found,) = prometheus_stack.bootstrap_secrets(PrometheusStackConfig(receivers=receivers))
    (shared,) = prometheus_stack.bootstrap_secrets(PrometheusStackConfig(receivers=twice))

    files = re.findall(rf"{MOUNT}/([\w.-]+)", json.dumps(alertmanager_config(receivers)))
    assert list(found.keys) == files == ["on-call", "team"]
    assert "on-call holds a routing key of PagerDuty" in found.purpose
    assert "team holds a URL of Slack's webhook" in found.purpose
    assert shared.keys == ("hook",)
    assert shared.purpose.count("hook holds ") == 1
    assert prometheus_stack.bootstrap_secrets(PrometheusStackConfig(receivers={})) == []


def test_grafana_s_key_is_the_variable_its_settings_read() -> None:
    settings = PrometheusStackConfig(receivers={}, sign_in=SIGN_IN)

    (found,) = prometheus_stack.bootstrap_secrets(settings)

    values: dict[str, Any] = grafana_values(host=None, sign_in=SIGN_IN, volume_gib=None)
    login = values["grafana.ini"]["auth.azuread"]
    assert login["client_secret"] == f"$__env{{{found.keys[0]}}}"


def test_jaeger_needs_a_login_for_opensearch_alone() -> None:
    search = OpenSearch(urls=("https://search.ekp.example",), secret="search-login")
    config = JaegerConfig(store=JaegerStore.OPENSEARCH, opensearch=search)

    (found,) = jaeger.bootstrap_secrets(config)

    assert (found.name, found.keys) == ("search-login", ("username", "password"))
    assert jaeger.bootstrap_secrets(JaegerConfig()) == []
