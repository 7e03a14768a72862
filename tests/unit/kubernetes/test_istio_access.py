"""Who gets in: users by token and path, the same by every way in, and services by certificate."""

from pathlib import Path
from typing import Any

from modules.core.identity import Identity
from modules.core.services import Access, AccessRule, Caller, Method, Route, Service
from modules.core.site import Site
from modules.kubernetes.istio.access import allow_at_gateway, allow_at_workload

import pytest

from ...support.authorization import Request, admits
from ...support.custom_resources import mistakes
from ...support.shop import ACCESS, ADMIN, ENTRA, GATEWAY, GUARDED, PARTNER, SITE, STAFF, service


def both(service: Service, request: Request, site: Site = SITE) -> bool:
    """Tell whether a user's request passes; gateway and workload must agree on it."""
    at_gateway = admits(allow_at_gateway(service, site), request)
    behind = Request(path=request.path, method=request.method, token=request.token, account=GATEWAY)
    assert admits(allow_at_workload(service, site), behind) == at_gateway
    return at_gateway


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    ("path", "method", "token", "admitted"),
    [
        ("/anything", "POST", {}, False),
        ("/anything", "POST", PARTNER, True),
        ("/status", "GET", {}, True),
        ("/status/", "GET", {}, False),
        ("/docs/api", "GET", {}, True),
        ("/docs", "GET", {}, False),
        ("/orders/7", "GET", STAFF, True),
        ("/orders/7", "GET", PARTNER, False),
        ("/orders/7", "DELETE", STAFF, False),
        ("/orders/", "GET", {}, False),
        ("/orders", "DELETE", PARTNER, False),
        ("/orders", "GET", STAFF, True),
        ("/orders/export", "GET", STAFF, False),
        ("/orders/export", "DELETE", {**PARTNER, "scope": ["export"]}, True),
        ("/admin/users", "GET", ADMIN, True),
        ("/admin/users", "GET", STAFF, False),
        ("/admin/health", "GET", PARTNER, True),
        ("/admin/health", "GET", {}, False),
    ],
)
def test_a_path_is_reached_by_the_most_specific_rule_that_names_it(
    path: str,
    method: str,
    token: dict[str, Any],
    admitted: bool,  # noqa: FBT001 - the outcome of a row
) -> None:
    assert both(GUARDED, Request(path=path, method=method, token=token)) is admitted


@pytest.mark.requirement("R16", "R17")
def test_without_rules_every_path_takes_a_token_of_an_issuer_of_the_environment() -> None:
    for token, admitted in (
        ({}, False),
        (STAFF, True),
        (PARTNER, True),
        ({"iss": "https://elsewhere.example.com", "sub": "mal"}, False),
    ):
        assert both(service(), Request(path="/orders/7", token=token)) is admitted


@pytest.mark.requirement("R16")
def test_a_service_takes_tokens_of_the_issuers_it_chose() -> None:
    chosen = service(access=Access(issuers=("entra",)))

    assert both(chosen, Request(path="/", token=STAFF))
    assert not both(chosen, Request(path="/", token=PARTNER))


@pytest.mark.requirement("R42")
@pytest.mark.parametrize("proof", [{}, {"acrs": ["c2"]}, {"acrs": []}], ids=str)
def test_administrative_paths_take_a_second_factor(proof: dict[str, Any]) -> None:
    admin = {**{claim: value for claim, value in ADMIN.items() if claim != "acrs"}, **proof}

    assert both(GUARDED, Request(path="/admin/users", token=ADMIN))
    assert not both(GUARDED, Request(path="/admin/users", token=admin))
    # Each of the two policies asks for it, so that losing one opens nothing.
    (allowing, _) = allow_at_gateway(GUARDED, SITE)
    assert not admits([allowing], Request(path="/admin/users", token=admin))


@pytest.mark.requirement("R42")
def test_no_other_policy_opens_a_path_that_takes_a_second_factor() -> None:
    wide = {
        "action": "ALLOW",
        "rules": [{"to": [{"operation": {"paths": ["/*"]}}]}],
    }
    for policies in (allow_at_gateway(GUARDED, SITE), allow_at_workload(GUARDED, SITE)):
        opened = [
            *policies,
            type(policies[0])(
                api_version="security.istio.io/v1",
                kind="AuthorizationPolicy",
                name="by-hand",
                fields={"spec": wide},
            ),
        ]
        assert admits(opened, Request(path="/orders/7"))
        assert not admits(opened, Request(path="/admin/users"))
        assert not admits(opened, Request(path="/admin/users", token=STAFF))


@pytest.mark.requirement("R42")
def test_the_second_factor_is_the_claim_that_the_environment_names() -> None:
    identity = Identity.model_validate(
        {"issuers": {"entra": ENTRA}, "mfa": {"claim": "amr", "values": ["mfa", "hwk"]}}
    )
    site = Site(domain="example.org", identity=identity)
    admin = {"iss": ENTRA.issuer, "sub": "eve", "groups": ["admins"]}

    assert both(GUARDED, Request(path="/admin/x", token={**admin, "amr": ["hwk"]}), site)
    assert not both(GUARDED, Request(path="/admin/x", token={**admin, "acrs": ["c1"]}), site)


def test_a_slash_at_the_end_is_no_way_around_a_rule() -> None:
    exact = service(
        access=Access(rules=(AccessRule(paths=("/admin", "/jobs/"), groups=("admins",)),))
    )

    for path in ("/admin", "/admin/", "/jobs", "/jobs/"):
        assert not both(exact, Request(path=path, token=STAFF)), path
        assert both(exact, Request(path=path, token=ADMIN)), path


def test_what_is_said_of_all_under_a_path_holds_for_its_slash_too() -> None:
    named = service(
        access=Access(
            rules=(
                AccessRule(paths=("/admin",)),
                AccessRule(paths=("/admin/*",), groups=("admins",)),
            )
        )
    )

    assert both(named, Request(path="/admin", token=STAFF))
    assert not both(named, Request(path="/admin/", token=STAFF))


@pytest.mark.requirement("R17")
def test_a_rule_for_each_method_of_a_path() -> None:
    split = service(
        access=Access(
            rules=(
                AccessRule(paths=("/orders",), methods=(Method.GET,)),
                AccessRule(
                    paths=("/orders",), methods=(Method.POST,), groups=("admins",), mfa=True
                ),
            )
        )
    )

    assert both(split, Request(path="/orders", token=STAFF))
    assert not both(split, Request(path="/orders", method="POST", token=STAFF))
    assert both(split, Request(path="/orders", method="POST", token=ADMIN))
    assert not both(split, Request(path="/orders", method="PUT", token=ADMIN))


@pytest.mark.requirement("R17")
def test_a_route_opens_its_own_host_and_paths_alone() -> None:
    routed = service(routes=(Route(host="shop", path="/cart"), Route(host="@", path="/c")))
    policies = allow_at_gateway(routed, SITE)

    for host, path, admitted in (
        ("shop.example.org", "/cart", True),
        ("shop.example.org", "/cart/7", True),
        ("SHOP.example.org:443", "/cart/7", True),
        ("shop.example.org", "/cartography", False),
        ("shop.example.org", "/c/7", False),
        ("example.org", "/c/7", True),
        ("shop.example.org.evil.org", "/cart", False),
    ):
        request = Request(host=host, path=path, token=STAFF)
        assert admits(policies, request) is admitted, (host, path)


def test_a_public_pattern_wider_than_the_route_opens_the_route_alone() -> None:
    routed = service(routes=(Route(host="shop", path="/cart"),), access=Access(public=("/*",)))

    assert both(routed, Request(path="/cart/7"))
    assert not both(routed, Request(path="/other"))


def test_a_service_behind_shards_alone_opens_nothing_at_the_gateway() -> None:
    assert allow_at_gateway(service(routes=(Route(host="media"),)), SITE) == []


def test_a_service_that_nobody_may_call_has_no_policy_to_keep_in_step() -> None:
    assert allow_at_workload(service(routes=()), SITE) == []
    assert allow_at_gateway(service(routes=()), SITE) == []


def test_adding_a_service_changes_nothing_of_another() -> None:
    before = [*allow_at_gateway(GUARDED, SITE), *allow_at_workload(GUARDED, SITE)]
    # Its name is the other's with the ending of a policy.
    added = service("cart-mfa", access=ACCESS, routes=(Route(host="www"),))
    after = [*allow_at_gateway(added, SITE), *allow_at_workload(added, SITE)]

    assert len(before) == 4
    assert not {(m.namespace, m.name) for m in before} & {(m.namespace, m.name) for m in after}
    assert [*allow_at_gateway(GUARDED, SITE), *allow_at_workload(GUARDED, SITE)] == before


def test_a_token_that_nobody_issues_is_not_asked_for() -> None:
    site = Site(domain="example.org")

    with pytest.raises(
        ValueError, match=r"shop/cart: access asks for a token for /\*, .* add an issuer"
    ):
        allow_at_workload(service(), site)
    opened = service(access=Access(public=("/*",)))
    assert both(opened, Request(path="/x"), site)


def test_a_name_too_long_for_the_gateway_is_refused() -> None:
    long = service("c" * 40).model_copy(update={"namespace": "n" * 30})

    with pytest.raises(ValueError, match=r"71 characters of at most 63; shorten"):
        allow_at_gateway(long, SITE)


def test_istio_knows_every_field(tmp_path: Path) -> None:
    called = GUARDED.model_copy(update={"callers": (Caller(service="shop/stock"),)})
    found = [*allow_at_gateway(called, SITE), *allow_at_workload(called, SITE)]

    assert mistakes([manifest.as_dict() for manifest in found], tmp_path) == []
