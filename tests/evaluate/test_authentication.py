"""Tokens, claim headers and mutual TLS are judged as Istio's references say.

https://istio.io/latest/docs/reference/config/security/request_authentication/
https://istio.io/latest/docs/reference/config/security/jwt/
https://istio.io/latest/docs/reference/config/security/peer_authentication/
https://istio.io/latest/docs/reference/config/networking/envoy-filter/
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ekp.evaluate.istio.authentication import authenticate, forwarded
from ekp.evaluate.istio.authorization import authorize
from ekp.evaluate.istio.headers import cleaned
from ekp.evaluate.istio.peer import connect
from ekp.evaluate.request import Object, Request, Token, Unsupported, Workload

ORDERS = Workload("shop", "orders", {"app": "orders"}, "orders")
CART = Workload("cart", "cart", {}, "cart")
LOGIN, PARTNERS = "https://login.example.org/", "https://partners.example.org/"
ALICE = Token(LOGIN, ("shop",), {"sub": "alice", "groups": ["a", "b"], "scope": "read write"})
GET = Request("shop.example.org", "/orders", token=ALICE, headers={"X-Auth-Subject": "root"})
HEADERS = [
    {"header": "x-auth-subject", "claim": "sub"},
    {"header": "x-auth-groups", "claim": "groups"},
]


def istio(kind: str, spec: Mapping[str, Any], namespace: str = "shop", name: str = "o") -> Object:
    group = "networking.istio.io/v1alpha3" if kind == "EnvoyFilter" else "security.istio.io/v1"
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}


def rule(issuer: str = LOGIN, **fields: Any) -> dict[str, Any]:
    return {"issuer": issuer, "audiences": ["shop"], "outputClaimToHeaders": HEADERS, **fields}


def tokens(*rules: Mapping[str, Any], **fields: Any) -> Object:
    return istio("RequestAuthentication", {"jwtRules": list(rules), **fields})


TAKES = tokens(rule(), rule(PARTNERS))


def test_a_valid_token_names_its_issuer_and_subject() -> None:
    decision, identity = authenticate([TAKES], ORDERS, GET)
    assert decision.allowed
    assert decision.by == "RequestAuthentication shop/o jwtRules[0]"
    assert identity is not None
    assert identity.principal == f"{LOGIN}/alice"
    assert identity.audiences == ("shop",)
    assert identity.claims["iss"] == LOGIN


def test_a_request_without_a_token_passes_without_an_identity() -> None:
    decision, identity = authenticate([TAKES], ORDERS, replace(GET, token=None))
    assert decision.allowed
    assert identity is None


@pytest.mark.parametrize(
    ("token", "status", "why"),
    [
        (replace(ALICE, issuer="https://elsewhere.example.org/"), 401, "unknown issuer"),
        (replace(ALICE, issuer=LOGIN.rstrip("/")), 401, "unknown issuer"),
        (replace(ALICE, expired=True), 401, "expired"),
        (replace(ALICE, verifiable=False), 401, "bad signature"),
        # Envoy tells this apart from the others: 403.
        (replace(ALICE, audiences=("bank",)), 403, "wrong audience"),
        (replace(ALICE, audiences=()), 403, "wrong audience"),
        (replace(ALICE, issuer=PARTNERS, audiences=("bank",)), 403, "wrong audience"),
    ],
)
def test_a_token_that_no_rule_accepts_is_refused(token: Token, status: int, why: str) -> None:
    decision, identity = authenticate([TAKES], ORDERS, replace(GET, token=token))
    assert (decision.allowed, decision.status, identity) == (False, status, None)
    assert decision.why.endswith(why)
    assert decision.by == "RequestAuthentication shop/o"


def test_a_token_in_the_query_is_not_guessed_at_where_envoy_would_take_it() -> None:
    asked = replace(GET, path="/orders?a=1&access_token=x", token=None)

    with pytest.raises(Unsupported, match="access_token"):
        authenticate([tokens(rule())], ORDERS, asked)
    places = [{"name": "Authorization", "prefix": "Bearer "}]
    assert authenticate([tokens(rule(fromHeaders=places))], ORDERS, asked)[0].allowed
    assert authenticate([tokens(rule())], ORDERS, replace(asked, path="/?my_access_token=x"))


def test_any_of_the_audiences_will_do_and_without_any_every_one() -> None:
    several = replace(GET, token=replace(ALICE, audiences=("bank", "shop")))
    assert authenticate([TAKES], ORDERS, several)[0].allowed
    other = replace(GET, token=replace(ALICE, audiences=("bank",)))
    free = rule()
    del free["audiences"]
    assert authenticate([tokens(free)], ORDERS, other)[0].allowed


@pytest.mark.parametrize(
    ("namespace", "labels", "looked_at"),
    [
        ("shop", None, True),
        ("shop", {"app": "orders"}, True),
        ("shop", {"app": "cart"}, False),
        ("istio-system", None, True),
        ("cart", None, False),
    ],
)
def test_a_rule_holds_for_the_workloads_its_object_selects(
    namespace: str, labels: dict[str, str] | None, *, looked_at: bool
) -> None:
    spec: dict[str, Any] = {"jwtRules": [rule()]}
    if labels:
        spec["selector"] = {"matchLabels": labels}
    forged = replace(GET, token=replace(ALICE, verifiable=False))
    found, _ = authenticate([istio("RequestAuthentication", spec, namespace)], ORDERS, forged)
    assert found.allowed is not looked_at


def test_rules_of_several_objects_count_together() -> None:
    wide = istio("RequestAuthentication", {"jwtRules": [rule(PARTNERS)]}, "istio-system")
    partner = replace(GET, token=replace(ALICE, issuer=PARTNERS))
    assert authenticate([wide, tokens(rule())], ORDERS, partner)[0].allowed
    assert not authenticate([tokens(rule())], ORDERS, partner)[0].allowed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("alice", "alice"),
        (7, "7"),
        (7.0, "7"),
        (1.5, "1.500000"),
        (True, "true"),
        (False, "false"),
        (["a", "b"], base64.b64encode(b'["a","b"]').decode()),
        ({"a": 1}, base64.b64encode(b'{"a":1}').decode()),
        (None, None),
        ("", None),
    ],
)
def test_claims_become_headers(value: object, written: str | None) -> None:
    token = replace(ALICE, claims={"sub": value})
    _, identity = authenticate([TAKES], ORDERS, replace(GET, token=token))
    assert identity is not None
    assert identity.headers.get("x-auth-subject") == written


def test_a_dot_leads_into_a_nested_claim() -> None:
    nested = rule(outputClaimToHeaders=[{"header": "X-Role", "claim": "realm.role"}])
    token = replace(ALICE, claims={"realm": {"role": "editor"}})
    _, identity = authenticate([tokens(nested)], ORDERS, replace(GET, token=token))
    assert identity is not None
    assert identity.headers == {"x-role": "editor"}


def test_scopes_are_compared_word_by_word() -> None:
    _, identity = authenticate([TAKES], ORDERS, GET)
    condition = {"key": "request.auth.claims[scope]", "values": ["write"]}
    policy = istio("AuthorizationPolicy", {"rules": [{"when": [condition]}]})
    assert authorize([policy], ORDERS, None, GET, identity).allowed


def test_a_claim_header_is_the_proxys_own_whatever_the_sender_wrote() -> None:
    _, identity = authenticate([TAKES], ORDERS, GET)
    assert forwarded([TAKES], ORDERS, GET, identity).header("x-auth-subject") == "alice"
    nobody = replace(GET, token=None)
    assert forwarded([TAKES], ORDERS, nobody, None).header("x-auth-subject") is None
    assert forwarded([], ORDERS, nobody, None).header("x-auth-subject") == "root"


def test_a_preflight_passes_untouched_so_that_only_an_envoy_filter_cleans_it() -> None:
    headers = {"Origin": "https://a", "Access-Control-Request-Method": "PUT", **GET.headers}
    preflight = replace(GET, method="OPTIONS", headers=headers, token=replace(ALICE, expired=True))
    decision, identity = authenticate([TAKES], ORDERS, preflight)
    assert decision.allowed
    assert identity is None
    assert forwarded([TAKES], ORDERS, preflight, None).header("x-auth-subject") == "root"
    assert cleaned([mutation()], ORDERS, preflight).header("x-auth-subject") is None


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (tokens(rule(), targetRefs=[{"kind": "Service"}]), "targetRefs"),
        (tokens(rule(fromHeaders=[{"name": "x-jwt"}])), "fromHeaders"),
        (tokens(rule(fromParams=["token"])), "fromParams"),
        (tokens(rule(fromCookies=["token"])), "fromCookies"),
        (tokens(rule(outputPayloadToHeader="x-payload")), "outputPayloadToHeader"),
        (tokens(rule(audiences=[])), "audiences"),
        (tokens({"audiences": ["shop"]}), "issuer"),
    ],
)
def test_a_rule_that_is_not_understood_is_named(broken: Object, where: str) -> None:
    with pytest.raises(Unsupported, match=f"RequestAuthentication shop/o: .*{where}"):
        authenticate([broken], ORDERS, GET)


def mutation(
    *,
    operation: str = "INSERT_FIRST",
    context: str = "SIDECAR_INBOUND",
    labels: Mapping[str, str] | None = None,
    before: str | None = None,
    **mutations: Any,
) -> Object:
    inner = {"name": "envoy.filters.network.http_connection_manager"}
    chain = {**inner, **({"subFilter": {"name": before}} if before else {})}
    kind = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"
    removals = {"request_mutations": [{"remove": "x-auth-subject"}], **mutations}
    patch = {
        "applyTo": "HTTP_FILTER",
        "match": {"context": context, "listener": {"filterChain": {"filter": chain}}},
        "patch": {
            "operation": operation,
            "value": {
                "name": "envoy.filters.http.header_mutation",
                "typed_config": {"@type": f"type.googleapis.com/{kind}", "mutations": removals},
            },
        },
    }
    spec = {"workloadSelector": {"labels": dict(labels or {"app": "orders"})}}
    return istio("EnvoyFilter", {**spec, "configPatches": [patch]})


def test_a_spoofed_claim_header_is_gone_before_anything_reads_it() -> None:
    assert cleaned([mutation()], ORDERS, GET).headers == {}
    ahead = mutation(operation="INSERT_BEFORE", before="envoy.filters.http.jwt_authn")
    assert cleaned([ahead], ORDERS, GET).headers == {}


def test_a_removal_for_others_or_for_another_way_removes_nothing() -> None:
    for other in (mutation(labels={"app": "cart"}), mutation(context="GATEWAY")):
        assert cleaned([other], ORDERS, GET).headers == GET.headers
    assert cleaned([mutation(context="GATEWAY")], ORDERS, GET, gateway=True).headers == {}


@pytest.mark.parametrize(
    "broken",
    [
        # It would take off what authentication has just put on.
        mutation(operation="INSERT_BEFORE", before="envoy.filters.http.router"),
        mutation(operation="ADD"),
        mutation(request_mutations=[{"append": {"header": {"key": "x-a", "value": "1"}}}]),
        mutation(query_parameter_mutations=[]),
    ],
)
def test_a_mutation_that_is_no_plain_removal_is_refused(broken: Object) -> None:
    with pytest.raises(Unsupported, match="EnvoyFilter shop/o"):
        cleaned([broken], ORDERS, GET)


def test_a_filter_of_unknown_effect_is_refused_and_a_rate_limit_is_none() -> None:
    def filtering(kind: str) -> Object:
        value = {"typed_config": {"@type": f"type.googleapis.com/{kind}"}}
        patch = {"applyTo": "HTTP_FILTER", "patch": {"operation": "INSERT_FIRST", "value": value}}
        return istio("EnvoyFilter", {"configPatches": [patch]})

    limit = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
    assert cleaned([filtering(limit)], ORDERS, GET) == GET
    with pytest.raises(Unsupported, match="Lua"):
        cleaned([filtering("envoy.extensions.filters.http.lua.v3.Lua")], ORDERS, GET)


def exempting(*, applied: str = "VIRTUAL_HOST", **settings: Any) -> Object:
    kind = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig"
    off = {"envoy.filters.http.jwt_authn": {"@type": kind, "disabled": True, **settings}}
    vhost = {"name": "tool.example.org:80"}
    patch = {
        "applyTo": applied,
        "match": {"context": "GATEWAY", "routeConfiguration": {"vhost": vhost}},
        "patch": {"operation": "MERGE", "value": {"typed_per_filter_config": off}},
    }
    return istio("EnvoyFilter", {"configPatches": [patch]}, name="tool")


def test_a_host_may_be_left_to_verify_its_own_tokens() -> None:
    theirs = replace(GET, host="tool.example.org:80", token=replace(ALICE, issuer="tool"))
    decision, identity = authenticate([TAKES, exempting()], ORDERS, theirs)
    assert decision.allowed
    assert decision.by == "EnvoyFilter shop/tool"
    assert identity is None
    assert forwarded([TAKES, exempting()], ORDERS, theirs, None) == theirs
    for other in (replace(theirs, host="shop.example.org"), replace(theirs, port=8080)):
        assert not authenticate([TAKES, exempting()], ORDERS, other)[0].allowed


@pytest.mark.parametrize("broken", [exempting(applied="HTTP_ROUTE"), exempting(bypass="x")])
def test_other_settings_of_authentication_are_refused(broken: Object) -> None:
    with pytest.raises(Unsupported, match="EnvoyFilter shop/tool"):
        authenticate([TAKES, broken], ORDERS, GET)


def mtls(mode: str | None, namespace: str = "shop", **spec: Any) -> Object:
    own = {"mtls": {"mode": mode}} if mode else {}
    return istio("PeerAuthentication", {**own, **spec}, namespace, namespace)


MESH_STRICT = mtls("STRICT", "istio-system")
MINE: dict[str, Any] = {"selector": {"matchLabels": {"app": "orders"}}}


@pytest.mark.parametrize(
    ("objects", "plaintext"),
    [
        ([], True),
        ([MESH_STRICT], False),
        ([MESH_STRICT, mtls("PERMISSIVE")], True),
        ([MESH_STRICT, mtls("UNSET")], False),
        ([MESH_STRICT, mtls("PERMISSIVE", "cart")], False),
        ([MESH_STRICT, mtls("PERMISSIVE", **MINE)], True),
        ([MESH_STRICT, mtls("PERMISSIVE", selector={"matchLabels": {"app": "cart"}})], False),
        ([MESH_STRICT, mtls(None, **MINE, portLevelMtls={8080: {"mode": "PERMISSIVE"}})], True),
        ([MESH_STRICT, mtls(None, **MINE, portLevelMtls={9090: {"mode": "PERMISSIVE"}})], False),
        ([mtls("PERMISSIVE", **MINE, portLevelMtls={"8080": {"mode": "STRICT"}})], False),
    ],
)
def test_the_narrowest_policy_says_whether_plaintext_is_taken(
    objects: list[Object], *, plaintext: bool
) -> None:
    for outsider in (None, replace(CART, in_mesh=False)):
        decision, known = connect(objects, ORDERS, outsider, 8080)
        assert (decision.allowed, known) == (plaintext, None)
    decision, known = connect(objects, ORDERS, CART, 8080)
    assert (decision.allowed, known) == (True, CART)


def test_with_mutual_tls_off_nobody_is_known() -> None:
    assert connect([mtls("DISABLE")], ORDERS, CART, 8080)[1] is None


def test_a_gateway_takes_callers_from_outside_the_mesh() -> None:
    assert connect([MESH_STRICT], ORDERS, None, 8080, gateway=True)[0].allowed


@pytest.mark.parametrize(
    "objects",
    [
        [mtls("strict")],
        [mtls("STRICT", "istio-system", **MINE)],
        [mtls(None, portLevelMtls={8080: {"mode": "STRICT"}})],
        [mtls("STRICT"), istio("PeerAuthentication", {}, "shop", "second")],
    ],
)
def test_a_policy_that_istio_would_read_otherwise_is_refused(objects: list[Object]) -> None:
    with pytest.raises(Unsupported, match="PeerAuthentication"):
        connect(objects, ORDERS, CART, 8080)
