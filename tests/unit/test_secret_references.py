"""The rule for Secrets that values name finds them in every form that charts have."""

from typing import Any

import pytest
import yaml

from tests.support.release_rules import Installed
from tests.support.secret_references import made, referred


def release(chart: str | None, values: dict[str, Any]) -> Installed:
    """Return a release in namespace ``web``; without a chart it is a bundle."""
    of = {"repository": "https://example.org", "chart": chart} if chart else {}
    body = {"namespace": "web", "name": "x", "values": [yaml.safe_dump(values)], **of}
    return Installed("helm_release.x", body, frozenset())


def bundle(*objects: dict[str, Any]) -> Installed:
    return release(None, {"objects": [*objects]})


@pytest.mark.parametrize(
    "values",
    [
        {"existingSecret": "login"},
        {"productKey": {"enabled": True, "secretname": "login"}},
        {"existingCustomSecret": {"enabled": True, "name": "login"}},
        {"envFromSecrets": [{"name": "login", "optional": True}]},
        {"volumes": [{"name": "v", "secret": {"secretName": "login"}}]},
        {"env": [{"valueFrom": {"secretKeyRef": {"name": "login", "key": "password"}}}]},
        {"tls": {"secret": "web/login"}},
        {"servers": [{"tls": {"credentialName": "login"}}]},
    ],
)
def test_a_reference_is_found(values: dict[str, Any]) -> None:
    assert referred([release("any", values)]) == {("web", "login")}


@pytest.mark.parametrize(
    "values",
    [
        {"secret": {"create": False}},
        {"existingCustomSecret": {"enabled": False, "name": "login"}},
        {"keepTLSSecret": True},
        {"secretName": ""},
        {"client_secret": "$__env{VARIABLE}"},
        {"text": "$login:key"},
    ],
)
def test_what_only_looks_like_a_reference_is_none(values: dict[str, Any]) -> None:
    assert referred([release("any", values)]) == set()


def test_argo_cd_s_texts_are_read_as_it_reads_them() -> None:
    text = "clientSecret: $login:key\ntoken: $key"

    assert referred([release("argo-cd", {"cm": {"oidc.config": text}})]) == {("web", "login")}


def test_a_certificate_makes_what_it_leads_to_and_an_object_refers_from_its_namespace() -> None:
    certificate = {
        "kind": "Certificate",
        "metadata": {"name": "c", "namespace": "mesh"},
        "spec": {"secretName": "tls"},
    }
    gateway = {
        "kind": "Gateway",
        "metadata": {"name": "g", "namespace": "mesh"},
        "spec": {"tls": {"credentialName": "tls"}},
    }
    releases = [bundle(certificate, gateway)]

    assert made(releases) == referred(releases) == {("mesh", "tls")}
