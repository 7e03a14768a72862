"""A tenant hears of its alerts by the ways that it names, whose addresses stand in no object."""

from pathlib import Path
from typing import Any

from modules.core.alerts import Channel, Severity
from modules.core.secrets import identity
from modules.kubernetes.admission.secrets import vault_auths, vault_secrets
from modules.kubernetes.tenancy.alert_route import alert_route

import pytest

from tests.support.cel import Admission
from tests.support.custom_resources import mistakes

BOTH = {Severity.CRITICAL: Channel.PAGERDUTY, Severity.WARNING: Channel.SLACK}


# What the operator writes out of Vault.
WRITTEN = "alert-receivers.urls"


def spec(receivers: dict[Severity, Channel]) -> dict[str, Any]:
    *_, found = alert_route("shop", receivers)
    assert found.kind == "AlertmanagerConfig"
    body: dict[str, Any] = found.fields["spec"]
    return body


def test_a_tenant_that_names_no_way_has_no_route() -> None:
    assert alert_route("shop", {}) == []


def test_each_severity_goes_its_own_way_and_others_to_nobody() -> None:
    found = spec(BOTH)

    routes = found["route"]["routes"]
    assert [(r["receiver"], r["repeatInterval"]) for r in routes] == [
        ("critical", "1h"),
        ("warning", "12h"),
    ]
    for route in routes:
        (matcher,) = route["matchers"]
        assert matcher == {"name": "severity", "matchType": "=", "value": route["receiver"]}
    nobody, *others = found["receivers"]
    assert nobody == {"name": found["route"]["receiver"]}
    assert [receiver["name"] for receiver in others] == ["critical", "warning"]


@pytest.mark.requirement("R34")
@pytest.mark.parametrize(
    ("channel", "kind", "field"),
    [
        (Channel.WEBHOOK, "webhookConfigs", "urlSecret"),
        (Channel.SLACK, "slackConfigs", "apiURL"),
        (Channel.PAGERDUTY, "pagerdutyConfigs", "routingKey"),
    ],
)
def test_where_a_way_leads_is_read_from_a_secret(channel: Channel, kind: str, field: str) -> None:
    _, receiver = spec({Severity.CRITICAL: channel})["receivers"]

    (destination,) = receiver[kind]
    assert destination == {field: {"name": WRITTEN, "key": "critical"}, "sendResolved": True}


def test_the_routes_are_what_their_definition_takes(tmp_path: Path) -> None:
    found = [
        manifest.as_dict()
        for channel in Channel
        for manifest in alert_route("shop", dict.fromkeys(Severity, channel))
    ]

    assert sum(one["kind"] == "AlertmanagerConfig" for one in found) == len(Channel)
    assert mistakes(found, tmp_path) == []


def test_the_order_in_which_ways_are_named_changes_nothing() -> None:
    assert alert_route("shop", BOTH) == alert_route("shop", dict(reversed(BOTH.items())))


@pytest.mark.requirement("R34")
def test_the_secret_comes_from_the_namespaces_own_path_in_vault() -> None:
    found = {one.kind: one for one in alert_route("shop", BOTH)}

    account, auth, secret = (
        found[kind] for kind in ("ServiceAccount", "VaultAuth", "VaultStaticSecret")
    )
    wanted = secret.fields["spec"]
    assert (wanted["mount"], wanted["path"]) == ("tenants", "shop/alert-receivers")
    assert wanted["destination"]["name"] == WRITTEN
    assert wanted["vaultAuthRef"] == auth.name
    asked = auth.fields["spec"]["kubernetes"]
    assert (asked["serviceAccount"], asked["role"]) == (account.name, identity("shop", auth.name))
    assert account.fields["automountServiceAccountToken"] is False


def test_what_brings_the_secret_is_admitted() -> None:
    policies = [*vault_auths().manifests(), *vault_secrets().manifests()]
    admission = Admission([policy.as_dict() for policy in policies])

    for found in alert_route("shop", BOTH):
        assert admission.refusals(found.as_dict(), f"{found.kind.lower()}s") == []
