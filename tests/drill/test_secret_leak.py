"""A leaked secret: what the drill says of production, and of production with a mitigation gone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, Outcome
from ekp.drill.secret_leak import aws, clear, kubernetes, vault
from ekp.drill.secret_leak.credential import lasting
from ekp.drill.secret_leak.drill import RUNBOOK, run
from ekp.drill.secret_leak.header import header
from ekp.synth import project_root
from tests.support.configured import Change, with_objects, with_stack

from .looked import failed, rows, the

INGRESS = "prod-eu-west-1-ingress"


def drill(found: Configured) -> Drill:
    return run(found, Place())


def clear_in(found: Configured) -> list[Check]:
    return failed(clear.checks(found, header(found)))


def vault_in(found: Configured) -> list[Check]:
    return failed(vault.checks(found))


def aws_in(found: Configured) -> list[Check]:
    return failed(aws.checks(found))


def kubernetes_in(found: Configured) -> list[Check]:
    return failed(kubernetes.checks(found))


@pytest.fixture(scope="module")
def whole(prod: Configured) -> Drill:
    return drill(prod)


def with_bundles(
    found: Configured, stack: str, change: Callable[[dict[str, Any]], object]
) -> Configured:
    """Return the environment with each Kubernetes object of a stack's bundles changed."""

    def changed(body: dict[str, Any]) -> None:
        for release in body["resource"]["helm_release"].values():
            if "repository" not in release:
                release["values"] = [_changed(text, change) for text in release["values"]]

    return with_stack(found, stack, changed)


def _changed(text: str, change: Change) -> str:
    values = yaml.load(text, yaml.CSafeLoader)
    for one in values["objects"]:
        change(one)
    return json.dumps(values)


PLATFORM, TENANTS = "prod-eu-west-1-platform", "prod-eu-west-1-tenants"


def file_of(prefix: str, change: Change) -> Change:
    """Return what changes the JSON in each file of a ConfigMap whose name begins so."""

    def changed(one: dict[str, Any]) -> None:
        for name, text in (one.get("data") or {}).items() if one["kind"] == "ConfigMap" else ():
            if name.startswith(prefix):
                body = json.loads(text)
                change(body)
                one["data"][name] = json.dumps(body)

    return changed


@pytest.mark.parametrize(
    ("times", "told"),
    [({"max_ttl": 7 * 86400}, "7 d"), ({"max_ttl": 0}, "until it is replaced")],
)
def test_credentials_of_a_database_that_live_long_are_named(
    prod: Configured, times: dict[str, int], told: str
) -> None:
    change = file_of("databases_roles_", lambda body: body.update(times))
    (one,) = vault_in(with_bundles(prod, TENANTS, change))

    assert one.must == "A leaked credential of a database ends by itself within 24 h."
    assert f"shop.checkout.orders: {told}" in one.observed
    assert any("databases_roles_shop.checkout.orders" in by for by in one.by)
    assert "refresh_seconds" in one.remedy


def of_kind(kind: str, change: Change) -> Callable[[list[Any]], list[Any]]:
    """Return what changes the objects of a kind."""

    def changed(objects: list[Any]) -> list[Any]:
        for one in objects:
            if one["kind"] == kind:
                change(one)
        return objects

    return changed


@pytest.mark.parametrize(
    ("kind", "field", "told"),
    [
        (
            "VaultStaticSecret",
            "refreshAfter",
            "VaultStaticSecret shop/checkout.payments spec.refreshAfter: is never read anew",
        ),
        (
            "VaultDynamicSecret",
            "rolloutRestartTargets",
            "VaultDynamicSecret shop/checkout.orders spec.rolloutRestartTargets: nobody",
        ),
    ],
)
def test_a_value_that_never_reaches_pods_is_named(
    prod: Configured, kind: str, field: str, told: str
) -> None:
    change = of_kind(kind, lambda one: one["spec"].pop(field))
    (one,) = vault_in(with_objects(prod, change))

    assert one.must.startswith("A value that people replace in Vault")
    assert told in one.observed


def test_a_value_that_starts_somebody_else_anew_is_named(prod: Configured) -> None:
    change = of_kind(
        "VaultStaticSecret",
        lambda one: one["spec"]["rolloutRestartTargets"][0].update(name="chekout"),
    )
    (one,) = vault_in(with_objects(prod, change))

    assert "there is no Rollout chekout" in one.observed


@pytest.mark.parametrize(("audience", "named"), [(None, True), ("vault", False)])
def test_a_token_of_the_api_server_by_a_volume_is_named(
    prod: Configured, audience: str | None, *, named: bool
) -> None:
    token = {"path": "token"} | ({"audience": audience} if audience else {})
    volume = {"name": "mine", "projected": {"sources": [{"serviceAccountToken": token}]}}
    change = of_kind(
        "Rollout",
        lambda one: one["spec"]["template"]["spec"].setdefault("volumes", []).append(volume),
    )
    found = kubernetes_in(with_objects(prod, change))

    assert ["spec.template.spec.volumes.mine" in one.observed for one in found] == [True] * named


def test_a_token_for_vault_and_the_api_server_is_named(prod: Configured) -> None:
    both = ["vault", "https://kubernetes.default.svc"]

    def change(one: dict[str, Any]) -> None:
        if one["kind"] == "VaultAuth":
            one["spec"]["kubernetes"]["audiences"] = both

    (one,) = vault_in(with_bundles(prod, TENANTS, change))

    assert ", ".join(both) in one.observed


def test_a_pod_with_a_token_of_the_api_server_is_named(prod: Configured) -> None:
    change = of_kind(
        "Rollout", lambda one: one["spec"]["template"]["spec"].pop("automountServiceAccountToken")
    )
    (one,) = kubernetes_in(with_objects(prod, change))

    assert one.must.startswith("Pods of services have no token")
    assert "Rollout shop/catalog spec.template.spec.automountServiceAccountToken" in one.observed


def test_a_secret_that_stands_in_git_is_named_and_not_shown(prod: Configured) -> None:
    def change(one: dict[str, Any]) -> None:
        app = one["spec"]["template"]["spec"]["containers"][0]
        app["envFrom"] = [{"clientSecret": "correct-horse"}]

    (one,) = clear_in(with_objects(prod, of_kind("Rollout", change)))

    assert one.must.startswith("No credential stands in clear")
    assert "Rollout shop/checkout spec.template.spec.containers[0].envFrom[0]" in one.observed
    assert "correct-horse" not in one.observed


def test_a_token_for_vault_that_is_for_everybody_or_lives_long_is_named(prod: Configured) -> None:
    def change(one: dict[str, Any]) -> None:
        if one["kind"] == "VaultAuth":
            one["spec"]["kubernetes"] |= {"audiences": [], "tokenExpirationSeconds": 86400}

    (one,) = vault_in(with_bundles(prod, TENANTS, change))

    assert one.must.startswith("The token by which a pod signs in to Vault")
    assert "VaultAuth shop/checkout spec.kubernetes.audiences" in one.observed
    assert "spec.kubernetes.tokenExpirationSeconds: 86400" in one.observed


def not_sensitive(body: dict[str, Any]) -> None:
    body["variable"]["origin_header_next"]["sensitive"] = False


def default(body: dict[str, Any]) -> None:
    body["variable"]["origin_header_next"]["default"] = "o" * 64


def output(body: dict[str, Any]) -> None:
    body.setdefault("output", {})["header"] = {"value": "${var.origin_header_next}"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (not_sensitive, "prod-eu-west-1-ingress variable origin_header_next is not sensitive"),
        (default, "prod-eu-west-1-ingress variable origin_header_next has a default"),
        (output, "prod-eu-west-1-ingress output header tells variable origin_header_next"),
    ],
)
def test_a_secret_variable_that_terraform_shows_is_named(
    prod: Configured, change: Change, told: str
) -> None:
    (one,) = clear_in(with_stack(prod, INGRESS, change))

    assert one.must.startswith("Secrets that Terraform is given are sensitive")
    assert told in one.observed


def third_value(body: dict[str, Any]) -> None:
    rule = the(body, "aws_lb_listener_rule", "rules_gateway")
    (asked,) = (one["http_header"] for one in rule["condition"] if "http_header" in one)
    asked["values"].append("b" * 40)


def third_alternative(body: dict[str, Any]) -> None:
    group = the(body, "aws_wafv2_rule_group", "origin")
    (statement,) = group["rule"][0]["statement"]["not_statement"]["statement"]
    match = statement["regex_match_statement"]
    match["regex_string"] = match["regex_string"].replace("^(", f"^({'b' * 40}|")


@pytest.mark.parametrize("change", [third_value, third_alternative])
def test_a_value_that_is_taken_beside_the_two_is_named_and_not_shown(
    prod: Configured, change: Change
) -> None:
    (one,) = clear_in(with_stack(prod, INGRESS, change))

    assert "a value of x-origin-verify is written out" in one.observed
    assert "bbb" not in one.observed


def logged(body: dict[str, Any]) -> None:
    the(body, "aws_wafv2_web_acl_logging_configuration", "web-acl")["redacted_fields"] = []


def sampled(body: dict[str, Any]) -> None:
    acl = the(body, "aws_wafv2_web_acl", "web-acl")
    acl["rule"][0]["visibility_config"]["sampled_requests_enabled"] = True


@pytest.mark.parametrize(
    ("change", "told"), [(logged, "redacted_fields"), (sampled, "sampled_requests_enabled")]
)
def test_a_web_acl_that_shows_the_header_is_named(
    prod: Configured, change: Change, told: str
) -> None:
    (one,) = clear_in(with_stack(prod, INGRESS, change))

    assert one.must == "No log and no sample of a web ACL shows the value of x-origin-verify."
    assert told in one.observed


def password(body: dict[str, Any]) -> None:
    release = next(one for one in body["resource"]["helm_release"].values() if "repository" in one)
    release["values"] = [*release["values"], "adminPassword: correct-horse\n"]


def access_key(body: dict[str, Any]) -> None:
    body["resource"]["aws_iam_access_key"] = {"robot": {"user": "robot"}}


def user_with_rights(body: dict[str, Any]) -> None:
    body["resource"]["aws_iam_user"] = {"robot": {"name": "robot"}}
    body["resource"]["aws_iam_user_policy"] = {
        "robot": {"user": "${aws_iam_user.robot.name}", "policy": "{}"}
    }


def user_by_name(body: dict[str, Any]) -> None:
    user_with_rights(body)
    body["resource"]["aws_iam_user_policy"]["robot"]["user"] = "robot"


def users_of_a_policy(body: dict[str, Any]) -> None:
    body["resource"]["aws_iam_user"] = {"robot": {"name": "robot"}}
    body["resource"]["aws_iam_policy_attachment"] = {
        "robot": {"users": ["${aws_iam_user.robot.name}"], "policy_arn": "arn"}
    }


def service_credential(body: dict[str, Any]) -> None:
    body["resource"]["aws_iam_service_specific_credential"] = {"robot": {"user_name": "robot"}}


def key_stays(body: dict[str, Any]) -> None:
    the(body, "aws_kms_key", "unseal")["enable_key_rotation"] = False


def state_in_clear(body: dict[str, Any]) -> None:
    body["terraform"]["backend"]["s3"]["encrypt"] = False


def anybody_s_role(body: dict[str, Any]) -> None:
    role = the(body, "aws_iam_role", "loki")
    role["assume_role_policy"] = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Federated": "arn"}, "Action": "sts:*"}]}
    )


@pytest.mark.parametrize(
    ("change", "must", "told"),
    [
        (password, "No credential stands in clear", "adminPassword"),
        (access_key, "Nothing has a long-lived key of AWS", "1 access key"),
        (user_with_rights, "Nothing has a long-lived key of AWS", "rights of their own: 1"),
        (user_by_name, "Nothing has a long-lived key of AWS", "rights of their own: 1"),
        (users_of_a_policy, "Nothing has a long-lived key of AWS", "rights of their own: 1"),
        (service_credential, "Nothing has a long-lived key of AWS", "1 access key"),
        (key_stays, "Symmetric KMS keys get new material", "23 of 24"),
        (state_in_clear, "States", "11 of 12"),
        (anybody_s_role, "Pods have sessions of AWS roles", "1 name no service account"),
    ],
)
def test_what_a_stack_gives_away_is_named(
    prod: Configured, change: Change, must: str, told: str
) -> None:
    found = with_stack(prod, PLATFORM, change)
    (one,) = clear_in(found) if change is password else aws_in(found)

    assert one.must.startswith(must)
    assert told in one.observed
    assert any(by.startswith(PLATFORM) for by in one.by)


def test_secrets_of_a_cluster_that_nobody_encrypts_are_found(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        del the(body, "aws_eks_cluster", "eks")["encryption_config"]

    (one,) = aws_in(with_stack(prod, "prod-us-east-1-cluster", change))

    assert one.must.startswith("Kubernetes Secrets are encrypted")
    assert one.by == ("prod-us-east-1-cluster/eks/Resource",)


def test_the_table_says_how_long_each_credential_lives(whole: Drill) -> None:
    found = {row[1]: row for row in rows(whole, "Credentials")}

    assert found["shop.checkout.orders"][2:4] == ("eu-west-1, us-east-1", "24 h")
    assert found["ekp-prod-global-break-glass"][3] == "until it is replaced"
    assert found["variable origin_header_current"][4] == "people: `ekp rotate header`, three moves"
    assert found["service-shop.checkout"][4].startswith("people: `vault token revoke`")
    assert found["vault/vault-server"][3] == "90 d"
    assert "vault/vault-entra-id" in found
    assert "ekp-prod-euw1-vault-recovery" in found


def test_what_nobody_replaces_by_itself_comes_first(whole: Drill) -> None:
    lives = [row[3] for row in rows(whole, "Credentials")]

    first = lives.index("90 d")
    assert set(lives[:first]) == {"until it is replaced"}
    assert "until it is replaced" not in lives[first:]


@pytest.mark.parametrize("environment", ["dev", "qa", "management"])
def test_other_environments_are_drilled_too(synthesized_outdir: Path, environment: str) -> None:
    found = drill(Configured.load(synthesized_outdir, environment))

    assert found.outcome is Outcome.PASSED
    assert [one.must for one in found.checks if one.outcome is Outcome.FAILED] == []
    header = [one for one in found.checks if "header between" in one.must]
    assert bool(header) is (environment == "management")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "until it is replaced"),
        (90, "1.5 min"),
        (600, "10 min"),
        (3600, "1 h"),
        (86400, "24 h"),
        (90 * 86400, "90 d"),
        (45, "45 s"),
    ],
)
def test_times_are_said_in_words(seconds: int | None, told: str) -> None:
    assert lasting(seconds) == told


# Kind of a credential -> how its row of the runbook begins.
ROWS = {
    "Secret that people make": "an application's secret of Entra ID, and any other Secret",
    "Vault token of pods": "a token of Vault that a service",
    "Vault token of people": "a token of Vault that a service or a person",
    "Vault's own user of a database": "Vault's own user of a database",
    "access key of an IAM user": "the key of break-glass",
    "asymmetric KMS key": "the key that signs the DNS zone",
    "header between CloudFront and load balancers": "the header between CloudFront",
    "private key of a certificate": "the private key of a certificate",
    "secret in Secrets Manager": "a value of Vault's recovery keys",
    "session of a workload's role, by IRSA": "a session of a workload's role in AWS",
    "session of a workload's role, by Pod Identity": "a session of a workload's role in AWS",
    "user of a database": "credentials that Vault made in a database",
    "value that people put into Vault": "a value of a tenant in Vault",
}


@pytest.mark.parametrize("environment", ["dev", "qa", "management", "prod"])
def test_the_runbook_says_how_each_kind_of_credential_is_replaced(
    synthesized_outdir: Path, environment: str
) -> None:
    found = drill(Configured.load(synthesized_outdir, environment))
    runbook = (project_root() / RUNBOOK).read_text(encoding="utf-8")

    kinds = {row[0] for row in rows(found, "Credentials")}
    assert [kind for kind in sorted(kinds) if f"\n| {ROWS[kind]}" not in runbook] == []
