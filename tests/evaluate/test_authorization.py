"""AuthorizationPolicies decide as Istio's reference says.

https://istio.io/latest/docs/reference/config/security/authorization-policy/
https://istio.io/latest/docs/reference/config/security/conditions/
https://istio.io/latest/docs/concepts/security/#authorization
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ekp.evaluate.istio.authorization import authorize
from ekp.evaluate.request import Decision, Identity, Object, Request, Unsupported, Workload

ORDERS = Workload("shop", "orders", {"app": "orders", "tier": "api"}, "orders")
CART = Workload("cart", "cart", {"app": "cart"}, "cart")
GET = Request("orders.shop.example.org", "/orders/7?full=1", port=8080)
ALICE = Identity(
    "https://login.example.org/v2.0/alice",
    ("shop",),
    {
        "iss": "https://login.example.org/v2.0",
        "sub": "alice",
        "aud": ["shop"],
        "azp": "web",
        "groups": ["buyers", "admins"],
        "level": 3,
        "realm": {"roles": ["editor"]},
    },
)


def policy(
    *rules: Mapping[str, Any],
    action: str | None = None,
    namespace: str = "shop",
    name: str = "p",
    **spec: Any,
) -> Object:
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            **({"action": action} if action else {}),
            **({"rules": list(rules)} if rules else {}),
            **spec,
        },
    }


def source(**fields: list[str]) -> dict[str, Any]:
    return {"from": [{"source": fields}]}


def operation(**fields: list[str]) -> dict[str, Any]:
    return {"to": [{"operation": fields}]}


def when(key: str, **values: list[str]) -> dict[str, Any]:
    return {"when": [{"key": key, **values}]}


def decide(
    *objects: Object,
    peer: Workload | None = CART,
    request: Request = GET,
    identity: Identity | None = ALICE,
    trust_domain: str | None = "ekp-prod",
) -> Decision:
    return authorize(objects, ORDERS, peer, request, identity, trust_domain=trust_domain)


def allows(rule: Mapping[str, Any], **given: Any) -> bool:
    return decide(policy(rule), **given).allowed


def test_without_any_allow_policy_everything_is_allowed() -> None:
    assert decide() == Decision(True, "no AuthorizationPolicy", decide().why)
    assert decide(policy(operation(methods=["PUT"]), action="DENY")).allowed


def test_a_policy_without_rules_allows_nothing_and_one_with_an_empty_rule_everything() -> None:
    nothing, everything = policy(name="nothing"), policy({}, name="everything")
    assert decide(nothing).status == 403
    assert decide(nothing).by == "AuthorizationPolicy shop/nothing"
    assert decide(nothing, everything).by == "AuthorizationPolicy shop/everything rules[0]"


def test_a_deny_policy_without_rules_denies_nothing() -> None:
    assert decide(policy(action="DENY")).allowed


def test_deny_comes_before_allow_and_is_named_with_its_rule() -> None:
    deny = policy(operation(methods=["PUT"]), operation(methods=["GET"]), action="DENY", name="no")
    found = decide(policy({}), deny)
    assert (found.allowed, found.status) == (False, 403)
    assert found.by == "AuthorizationPolicy shop/no rules[1]"


def test_one_matching_allow_policy_is_enough() -> None:
    assert decide(policy(name="a"), policy(operation(methods=["GET"]), name="b")).allowed


def test_audit_decides_nothing() -> None:
    assert decide(policy({}, action="AUDIT")).by == "no AuthorizationPolicy"


@pytest.mark.parametrize(
    ("namespace", "selector", "holds"),
    [
        ("shop", None, True),
        ("shop", {"app": "orders"}, True),
        ("shop", {"app": "orders", "tier": "db"}, False),
        ("istio-system", None, True),
        ("istio-system", {"app": "orders"}, True),
        ("istio-system", {"app": "cart"}, False),
        ("cart", None, False),
    ],
)
def test_a_policy_holds_for_the_workloads_it_selects(
    namespace: str, selector: dict[str, str] | None, *, holds: bool
) -> None:
    spec: dict[str, Any] = {"selector": {"matchLabels": selector}} if selector else {}
    assert decide(policy(namespace=namespace, **spec)).allowed is not holds


def test_sources_and_operations_are_alternatives_and_their_fields_hold_together() -> None:
    rule: dict[str, Any] = {
        "from": [
            {"source": {"namespaces": ["elsewhere"]}},
            {"source": {"namespaces": ["cart"], "requestPrincipals": ["*"]}},
        ],
        "to": [
            {"operation": {"methods": ["POST"]}},
            {"operation": {"methods": ["HEAD", "GET"], "paths": ["/orders/*"]}},
        ],
        "when": [{"key": "request.auth.claims[groups]", "values": ["admins"]}],
    }
    assert allows(rule)
    assert not allows(rule, peer=replace(CART, namespace="other"))
    assert not allows(rule, identity=None)
    assert not allows(rule, request=replace(GET, method="DELETE"))
    assert not allows(rule, request=replace(GET, path="/admin"))
    assert not allows({**rule, "when": [{**rule["when"][0], "values": ["owners"]}]})


def test_all_conditions_hold_together() -> None:
    conditions = [
        {"key": "request.auth.claims[groups]", "values": ["admins"]},
        {"key": "request.method", "values": ["GET"]},
    ]
    with pytest.raises(Unsupported, match=r"rules\[0\].when\[1\].values: .*request.method"):
        decide(policy({"when": conditions}))
    conditions[1] = {"key": "destination.port", "values": ["8080"]}
    assert allows({"when": conditions})
    conditions[1] = {"key": "destination.port", "values": ["9090"]}
    assert not allows({"when": conditions})


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/orders/7", "/orders/7", True),
        ("/orders/7", "/orders/7/", False),
        ("/orders/7", "/Orders/7", False),
        ("/orders/*", "/orders/", True),
        ("/orders/*", "/orders", False),
        ("/orders*", "/ordersheet", True),
        ("*/7", "/orders/7", True),
        ("*", "/anything", True),
        ("/admin*", "/orders/../admin", True),
        ("/admin*", "/orders/%2e%2e%2fadmin", True),
        ("/admin*", "//admin", True),
        ("/foo/{*}", "/foo/bar", True),
        ("/foo/{*}", "/foo/bar/baz", False),
        ("/foo/{*}", "/foo/", False),
        ("/foo/{*}/bar/{**}", "/foo/buzz/bar/", True),
        ("/foo/{*}/bar/{**}", "/foo/buzz/bar/baz/more", True),
        ("/foo/{*}/bar/{**}", "/foo/buzz/bar", False),
        ("/store/{**}/cart", "/store/a/b/cart", True),
        ("/foo.bar/{*}", "/fooxbar/1", False),
    ],
)
def test_paths_are_compared_on_the_normalized_path(
    pattern: str, path: str, *, matches: bool
) -> None:
    assert allows(operation(paths=[pattern]), request=replace(GET, path=path)) is matches
    assert allows(operation(notPaths=[pattern]), request=replace(GET, path=path)) is not matches


@pytest.mark.parametrize(
    "template",
    ["/*/baz/{*}", "/{**}/foo/{*}", "/foo/{*}.txt", "foo/{*}", "/a{b}", "/foo/{**}/"],
)
def test_a_template_that_istio_refuses_is_refused(template: str) -> None:
    with pytest.raises(Unsupported, match="paths"):
        decide(policy(operation(paths=[template])))


@pytest.mark.parametrize(
    ("pattern", "host", "matches"),
    [
        ("shop.example.org", "SHOP.example.org", True),
        ("SHOP.example.org", "shop.example.org", True),
        ("shop.example.org", "shop.example.org:443", False),
        ("shop.example.org:*", "shop.example.org:443", True),
        ("*.example.org", "shop.example.org", True),
        ("*.example.org", "example.org", False),
    ],
)
def test_hosts_are_compared_in_any_case_and_with_their_port(
    pattern: str, host: str, *, matches: bool
) -> None:
    assert allows(operation(hosts=[pattern]), request=replace(GET, host=host)) is matches


@pytest.mark.parametrize(
    ("fields", "with_identity", "without"),
    [
        ({"serviceAccounts": ["cart/cart"]}, True, False),
        ({"serviceAccounts": ["shop/cart"]}, False, False),
        ({"serviceAccounts": ["cart"]}, False, False),
        ({"notServiceAccounts": ["cart/cart"]}, False, True),
        ({"namespaces": ["cart"]}, True, False),
        ({"namespaces": ["c*"]}, True, False),
        ({"namespaces": ["c*t"]}, True, False),
        ({"namespaces": ["cartel"]}, False, False),
        ({"notNamespaces": ["cart"]}, False, True),
        ({"principals": ["ekp-prod/ns/cart/sa/cart"]}, True, False),
        ({"principals": ["cluster.local/ns/cart/sa/cart"]}, True, False),
        ({"principals": ["other/ns/cart/sa/cart"]}, False, False),
        ({"principals": ["*/ns/cart/sa/cart"]}, True, False),
        ({"principals": ["*"]}, True, False),
        ({"notPrincipals": ["*"]}, False, True),
        ({"trustDomains": ["ekp-*"]}, True, False),
    ],
)
def test_a_peer_is_known_by_its_certificate_alone(
    fields: dict[str, list[str]], *, with_identity: bool, without: bool
) -> None:
    assert allows(source(**fields)) is with_identity
    assert allows(source(**fields), peer=None) is without
    assert allows(source(**fields), peer=replace(CART, in_mesh=False)) is without


def test_a_bare_service_account_is_one_of_the_policys_namespace() -> None:
    neighbour = Workload("shop", "web", {}, "web")
    assert allows(source(serviceAccounts=["web"]), peer=neighbour)
    assert not allows(source(serviceAccounts=["web"]), peer=replace(neighbour, namespace="cart"))


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        ("https://login.example.org/v2.0/alice", True),
        ("https://login.example.org/v2.0/*", True),
        ("https://login.example.org/v2.0/ali*", True),
        ("https://login.example.org/*", False),
        ("*.org/v2.0/alice", True),
        ("*/alice", True),
        ("*/al*", False),
        ("*lice", True),
        ("https:*", True),
        ("http:*", False),
    ],
)
def test_request_principals_compare_issuer_and_subject_apart(
    pattern: str, *, matches: bool
) -> None:
    assert allows(source(requestPrincipals=[pattern])) is matches
    assert allows(when("request.auth.principal", values=[pattern])) is matches
    assert not allows(source(requestPrincipals=[pattern]), identity=None)
    assert allows(source(notRequestPrincipals=[pattern]), identity=None)


@pytest.mark.parametrize(
    ("key", "value", "matches"),
    [
        ("request.auth.claims[groups]", "admins", True),
        ("request.auth.claims[groups]", "adm*", True),
        ("request.auth.claims[groups]", "owners", False),
        ("request.auth.claims[azp]", "web", True),
        ("request.auth.claims[level]", "3", False),
        ("request.auth.claims[level]", "*", False),
        ("request.auth.claims[realm][roles]", "editor", True),
        ("request.auth.claims[realm][none]", "editor", False),
        ("request.auth.claims[groups][roles]", "editor", False),
        ("request.auth.audiences", "shop", True),
        ("request.auth.presenter", "web", True),
        ("request.headers[X-Version]", "v*", True),
        ("request.headers[x-version]", "*", True),
        ("request.headers[x-other]", "*", False),
        ("source.namespace", "cart", True),
        ("source.principal", "ekp-prod/ns/cart/sa/cart", True),
        ("source.serviceAccount", "cart/cart", True),
        ("destination.port", "8080", True),
        ("destination.port", "80", False),
    ],
)
def test_conditions_and_their_opposites(key: str, value: str, *, matches: bool) -> None:
    request = replace(GET, headers={"x-version": "v2"})
    assert allows(when(key, values=[value]), request=request) is matches
    assert allows(when(key, notValues=[value]), request=request) is not matches


def test_not_values_match_what_is_missing() -> None:
    assert allows(when("request.auth.claims[acrs]", notValues=["c1"]), identity=None)
    assert allows(when("request.headers[x-tenant]", notValues=["*"]))


def test_a_path_that_the_proxy_refuses_is_answered_400() -> None:
    assert decide(policy({}), request=replace(GET, path="/a%00")).status == 400


def test_no_policy_holds_for_a_workload_without_a_sidecar() -> None:
    outside = replace(ORDERS, in_mesh=False)
    assert authorize([policy()], outside, None, GET, None).allowed


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (policy({}, action="CUSTOM", provider={"name": "opa"}), "spec.action"),
        (policy({}, action="Allow"), "spec.action"),
        (policy({}, targetRefs=[{"kind": "Gateway", "name": "g"}]), "spec.targetRefs"),
        (policy({}, selector={"matchExpressions": []}), "spec.selector.matchExpressions"),
        (policy({}, providers=[]), "spec.providers"),
        (policy({"form": []}), "spec.rules[0].form"),
        (policy({"from": []}), "spec.rules[0].from"),
        (policy({"from": [{}]}), "spec.rules[0].from[0].source"),
        (policy(source(ipBlocks=["10.0.0.0/8"])), "ipBlocks"),
        (policy(source(remoteIpBlocks=["10.0.0.0/8"])), "remoteIpBlocks"),
        (policy(source(serviceAccounts=["*/cart"])), "serviceAccounts"),
        (policy(source(serviceAccounts=["a/b/c"])), "serviceAccounts"),
        (policy(source(serviceAccounts=["a/b"], namespaces=["a"])), "from[0].source"),
        (policy(operation(path=["/"])), "operation.path"),
        (policy(operation(paths=[])), "operation.paths"),
        (policy(operation(methods=[""])), "operation.methods"),
        (policy(operation(ports=["http"])), "operation.ports"),
        (policy(when("destination.ip", values=["10.0.0.1"])), "destination.ip"),
        (policy(when("request.auth.claims", values=["x"])), "request.auth.claims"),
        (policy(when("request.headers[:path]", values=["x"])), ":path"),
        (policy({"when": [{"key": "source.namespace"}]}), "when[0]"),
        (policy(when("path", values=["/"])), "when[0].key"),
    ],
)
def test_what_is_not_understood_names_the_object_and_the_field(broken: Object, where: str) -> None:
    # Even where another policy would decide alone.
    with pytest.raises(Unsupported) as refusal:
        decide(policy(operation(paths=["*"]), action="DENY", name="first"), broken)
    assert "AuthorizationPolicy shop/p" in str(refusal.value)
    assert where in str(refusal.value)


def test_a_dry_run_is_not_taken_for_the_real_thing() -> None:
    trial = dict(policy({}))
    trial["metadata"] = {**trial["metadata"], "annotations": {"istio.io/dry-run": "true"}}
    with pytest.raises(Unsupported, match="dry-run"):
        decide(trial)


def test_principals_are_not_compared_without_the_meshs_trust_domain() -> None:
    with pytest.raises(Unsupported, match="trust domain"):
        decide(policy(source(principals=["a/ns/cart/sa/cart"])), trust_domain=None)
