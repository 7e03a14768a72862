"""Tokens are verified at the gateway and at every service, and no client can forge their claims."""

from pathlib import Path
from typing import Any

from modules.core.identity import Identity, Issuer
from modules.core.services import Access, Service
from modules.core.site import Site
from modules.kubernetes.istio.tokens import issuers_of, verify_at_gateway, verify_at_workload
from modules.kubernetes.manifest import Manifest

import pytest

from ...support.custom_resources import mistakes

ENTRA = Issuer(
    issuer="https://login.microsoftonline.com/0f1e/v2.0",
    jwks_uri="https://login.microsoftonline.com/0f1e/discovery/v2.0/keys",
    audiences=("api://shop",),
)
PARTNERS = Issuer(
    issuer="https://partners.eu.auth0.com/",
    jwks_uri="https://partners.eu.auth0.com/.well-known/jwks.json",
    audiences=("shop", "shop-mobile"),
)
SITE = Site(
    domain="example.org",
    identity=Identity(issuers={"entra": ENTRA, "partners": PARTNERS}),
)
NOBODY = Site(domain="example.org")
CART = Service(name="cart", namespace="shop", image="registry.example.org/shop/cart:1.0.0")
STAFF = CART.model_copy(update={"name": "staff", "access": Access(issuers=("entra",))})


def rules(manifests: list[Manifest]) -> list[dict[str, Any]]:
    (found,) = (m for m in manifests if m.kind == "RequestAuthentication")
    return list(found.fields["spec"]["jwtRules"])


def removal(manifests: list[Manifest]) -> dict[str, Any]:
    (found,) = (m for m in manifests if m.kind == "EnvoyFilter")
    (patch,) = found.fields["spec"]["configPatches"]
    return dict(patch)


@pytest.mark.requirement("R16")
def test_the_gateway_verifies_tokens_of_every_issuer_of_the_environment() -> None:
    manifests = verify_at_gateway(SITE)

    assert [(rule["issuer"], rule["audiences"], rule["jwksUri"]) for rule in rules(manifests)] == [
        (i.issuer, list(i.audiences), i.jwks_uri) for i in (ENTRA, PARTNERS)
    ]
    assert {m.namespace for m in manifests} == {"istio-ingress"}
    (verified,) = (m for m in manifests if m.kind == "RequestAuthentication")
    assert verified.fields["spec"]["selector"] == {"matchLabels": {"app": "istio-ingressgateway"}}


@pytest.mark.requirement("R16")
def test_a_service_verifies_the_token_again_by_its_own_issuers() -> None:
    assert [rule["issuer"] for rule in rules(verify_at_workload(CART, SITE))] == [
        ENTRA.issuer,
        PARTNERS.issuer,
    ]
    assert [rule["issuer"] for rule in rules(verify_at_workload(STAFF, SITE))] == [ENTRA.issuer]


def test_the_token_travels_on_so_that_the_next_proxy_can_verify_it() -> None:
    for found in (verify_at_gateway(SITE), verify_at_workload(CART, SITE)):
        assert all(rule["forwardOriginalToken"] is True for rule in rules(found))


def test_services_are_told_the_claims_of_a_verified_token() -> None:
    for found in (verify_at_gateway(SITE), verify_at_workload(CART, SITE)):
        for rule in rules(found):
            assert rule["outputClaimToHeaders"] == [
                {"header": "x-auth-subject", "claim": "sub"},
                {"header": "x-auth-groups", "claim": "groups"},
            ]


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("site", [SITE, NOBODY], ids=["issuers", "no-issuers"])
def test_what_clients_send_as_claims_is_removed_before_tokens_are_verified(site: Site) -> None:
    for context, found in (
        ("GATEWAY", verify_at_gateway(site)),
        ("SIDECAR_INBOUND", verify_at_workload(CART, site)),
    ):
        patch = removal(found)
        assert patch["match"]["context"] == context
        assert patch["applyTo"] == "HTTP_FILTER"
        # First of all filters, so that what jwt_authn adds afterwards stays.
        assert patch["patch"]["operation"] == "INSERT_FIRST"
        mutations = patch["patch"]["value"]["typed_config"]["mutations"]
        assert mutations == {
            "request_mutations": [{"remove": "x-auth-subject"}, {"remove": "x-auth-groups"}]
        }


def test_without_issuers_there_is_nothing_to_verify() -> None:
    for found in (verify_at_gateway(NOBODY), verify_at_workload(CART, NOBODY)):
        assert [manifest.kind for manifest in found] == ["EnvoyFilter"]


def test_without_headers_for_claims_none_are_touched() -> None:
    site = Site(domain="example.org", identity=Identity(issuers={"entra": ENTRA}, claim_headers={}))

    (found,) = verify_at_gateway(site)
    assert "outputClaimToHeaders" not in rules([found])[0]


def test_services_share_no_object() -> None:
    cart, staff = (verify_at_workload(service, SITE) for service in (CART, STAFF))

    assert not {(m.kind, m.namespace, m.name) for m in cart} & {
        (m.kind, m.namespace, m.name) for m in staff
    }
    for manifest in cart:
        spec = manifest.fields["spec"]
        chosen = spec.get("selector", spec.get("workloadSelector"))
        assert chosen in (
            {"matchLabels": {"app.kubernetes.io/name": "cart"}},
            {"labels": {"app.kubernetes.io/name": "cart"}},
        )


def test_an_issuer_that_the_environment_lacks_is_refused() -> None:
    service = CART.model_copy(update={"access": Access(issuers=("okta",))})

    with pytest.raises(ValueError, match=r"shop/cart: access\.issuers names okta.*entra, partners"):
        issuers_of(service, SITE)


def test_istio_knows_every_field(tmp_path: Path) -> None:
    found = [*verify_at_gateway(SITE), *verify_at_workload(CART, SITE)]

    assert mistakes([manifest.as_dict() for manifest in found], tmp_path) == []
