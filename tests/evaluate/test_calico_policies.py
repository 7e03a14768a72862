"""Policies decide in Calico's order, and say which of them it was."""

from ipaddress import IPv4Network
from typing import Any

import pytest

from ekp.evaluate.calico.endpoints import Endpoint, Inherited, address, own_node, pod
from ekp.evaluate.calico.policies import Policies, network
from ekp.evaluate.request import Decision, Unsupported, Workload

WEB = pod(Workload("shop", "web", {"app": "web"}, "web"))
CART = pod(Workload("shop", "cart", {"app": "cart"}, "cart"))
SPY = pod(
    # What a pod says of its namespace counts for nothing.
    Workload("other", "web", {"app": "web", "pcns.team": "shop", "pcns.claimed": ""}, "web"),
    Inherited(namespace={"team": "other"}),
)
INTERNET = address("203.0.113.7")


def policy(name: str, namespace: str | None = "shop", **spec: Any) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    kind = "NetworkPolicy" if namespace else "GlobalNetworkPolicy"
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


def tier(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "Tier",
        "metadata": {"name": name},
        "spec": spec,
    }


def enters(source: Endpoint, *objects: dict[str, Any], port: int = 8080) -> Decision:
    return network(objects, source, CART, port)


ALLOW: dict[str, Any] = {"action": "Allow"}
DENY: dict[str, Any] = {"action": "Deny"}


def test_a_pod_that_no_policy_selects_lets_everybody_in() -> None:
    other = policy("other", "other", selector="all()", ingress=[DENY])

    assert enters(WEB, other) == Decision(
        allowed=True,
        by="Profile kns.shop; Profile kns.shop",
        why="Egress of TCP 8080 from pod shop/web to pod shop/cart: no policy selects it; "
        "Ingress of TCP 8080 from pod shop/web to pod shop/cart: no policy selects it",
    )


def test_a_policy_without_rules_shuts_its_pods_off() -> None:
    found = enters(WEB, policy("shut", selector="app == 'cart'"))

    assert not found.allowed
    assert found.by == "Tier default"
    assert "no rule of NetworkPolicy shop/shut matches" in found.why


def test_without_types_a_policy_governs_the_directions_it_has_rules_for() -> None:
    assert enters(WEB, policy("out", selector="app == 'cart'", egress=[ALLOW])).allowed
    assert not network([policy("in", selector="app == 'web'")], CART, WEB, 80).allowed
    assert network([policy("in", selector="app == 'web'")], WEB, CART, 80).allowed
    both = policy("both", selector="app == 'web'", ingress=[ALLOW], egress=[DENY])
    assert network([both], WEB, CART, 80).by == "NetworkPolicy shop/both egress[0]"


def test_both_the_way_out_and_the_way_in_have_to_be_open() -> None:
    out = policy("out", selector="app == 'web'", egress=[ALLOW])
    into = policy("in", selector="app == 'cart'", ingress=[DENY, ALLOW])

    assert enters(WEB, out).by == "NetworkPolicy shop/out egress[0]; Profile kns.shop"
    assert enters(WEB, out, into).by == "NetworkPolicy shop/in ingress[0]"


def test_the_lower_order_is_asked_first_and_none_at_all_last() -> None:
    late, deny = policy("a", ingress=[ALLOW]), policy("z", order=10.5, ingress=[DENY])
    early = policy("m", None, order=9, ingress=[ALLOW], selector="has(app)")

    assert enters(WEB, late, deny).by.endswith("shop/z ingress[0]")
    assert enters(WEB, late, deny, early).by.endswith("GlobalNetworkPolicy m ingress[0]")


def test_of_the_same_order_the_name_decides() -> None:
    one, other = policy("a", order=1, ingress=[ALLOW]), policy("b", order=1, ingress=[DENY])

    assert enters(WEB, other, one).allowed


def test_log_goes_on_and_pass_leaves_the_tier() -> None:
    rules = [{"action": "Log"}, {"action": "Pass", "source": {"selector": "app == 'web'"}}, DENY]
    first = policy("guard", tier="first", ingress=rules)
    tenants = policy("open", ingress=[ALLOW])

    objects = (tier("first", order=1), first, tenants)
    assert enters(WEB, *objects).by.endswith("shop/open ingress[0]")
    assert enters(SPY, *objects[:2]).allowed is False
    assert enters(WEB, *objects[:2]).allowed, "no later tier selects it"


def test_tiers_come_in_their_order_whatever_their_policies_have() -> None:
    deny = policy("deny", tier="second", order=1, ingress=[DENY])
    allow = policy("allow", tier="first", order=2, ingress=[ALLOW])

    assert enters(WEB, tier("first", order=1), tier("second", order=2), deny, allow).allowed
    assert not enters(WEB, tier("first", order=2), tier("second", order=1), deny, allow).allowed
    assert not enters(WEB, tier("first"), deny, allow, tier("second", order=1)).allowed


def test_the_default_tier_stands_at_a_million() -> None:
    deny, allow = policy("deny", ingress=[DENY]), policy("allow", tier="other", ingress=[ALLOW])

    assert enters(WEB, tier("other", order=999_999), deny, allow).allowed
    assert not enters(WEB, tier("other", order=1_000_001), deny, allow).allowed


def test_a_tier_may_pass_on_what_it_does_not_decide() -> None:
    nothing = policy("none", tier="open", selector="all()")

    assert enters(WEB, tier("open", order=1, defaultAction="Pass"), nothing).allowed
    assert enters(WEB, tier("open", order=1), nothing).by == "Tier open"


def test_a_policy_in_a_tier_that_is_missing_is_an_error() -> None:
    with pytest.raises(Unsupported, match=r"shop/lost: .* there is no Tier gone"):
        enters(WEB, policy("lost", tier="gone"))


@pytest.mark.parametrize(
    ("namespace", "source", "web", "spy"),
    [
        # In a namespace's policy a selector alone means the namespace's own pods.
        ("shop", {"selector": "app == 'web'"}, True, False),
        ("shop", {"notSelector": "app == 'cart'"}, True, False),
        ("shop", {"serviceAccounts": {"names": ["web"]}}, True, False),
        ("shop", {"selector": "app == 'web'", "namespaceSelector": "all()"}, True, True),
        ("shop", {"namespaceSelector": "team == 'other'"}, False, True),
        ("shop", {"namespaceSelector": "team == 'shop'"}, False, False),
        ("shop", {"namespaceSelector": "has(claimed)"}, False, False),
        ("shop", {"namespaceSelector": "projectcalico.org/name == 'other'"}, False, True),
        ("shop", {"namespaceSelector": "global()"}, False, False),
        ("shop", {"selector": "all()"}, True, False),
        ("shop", {}, True, True),
        # In a global one it means every pod.
        (None, {"selector": "app == 'web'"}, True, True),
        (None, {"notSelector": "app == 'web'"}, False, False),
        (None, {"serviceAccounts": {"names": ["web"]}}, True, True),
        (None, {"namespaceSelector": "kubernetes.io/metadata.name == 'shop'"}, True, False),
        (None, {"selector": "projectcalico.org/namespace == 'other'"}, False, True),
        (None, {"serviceAccounts": {"selector": "projectcalico.org/name == 'no'"}}, False, False),
    ],
)
def test_whose_pods_a_selector_means(
    namespace: str | None,
    source: dict[str, Any],
    web: bool,  # noqa: FBT001 - a row of a table
    spy: bool,  # noqa: FBT001 - a row of a table
) -> None:
    one = policy("one", namespace, types=["Ingress"], ingress=[ALLOW | {"source": source}])

    assert (enters(WEB, one).allowed, enters(SPY, one).allowed) == (web, spy)


@pytest.mark.parametrize(
    ("namespace", "source", "allowed"),
    [
        ("shop", {"selector": "all()"}, False),
        ("shop", {"notSelector": "app == 'cart'"}, False),
        (None, {"selector": "all()"}, False),
        (None, {"notSelector": "app == 'cart'"}, True),
        (None, {"nets": ["203.0.113.0/24"]}, True),
        (None, {"nets": ["2001:db8::/32", "10.0.0.0/8"]}, False),
        (None, {"nets": ["0.0.0.0/0"], "notNets": ["203.0.113.7/32"]}, False),
        (None, {"notNets": ["10.0.0.0/8"]}, True),
        (None, {"nets": ["203.0.113.0/24"], "selector": "all()"}, False),
    ],
)
def test_what_an_address_outside_the_cluster_matches(
    namespace: str | None,
    source: dict[str, Any],
    allowed: bool,  # noqa: FBT001 - a row of a table
) -> None:
    one = policy("one", namespace, types=["Ingress"], ingress=[ALLOW | {"source": source}])

    assert enters(INTERNET, one).allowed is allowed


def test_a_global_policy_selects_by_namespace_and_service_account_too() -> None:
    deny = [DENY]
    one = policy("one", None, namespaceSelector="team == 'other'", egress=deny)
    account = policy("one", None, serviceAccountSelector="tenant == 'x'", egress=deny)
    marked = pod(Workload("a", "b", {}, "b"), Inherited(service_account={"tenant": "x"}))

    assert not enters(SPY, one).allowed
    assert enters(WEB, one).allowed
    assert not enters(marked, account).allowed
    assert enters(WEB, account).allowed


@pytest.mark.parametrize(
    ("match", "allowed"),
    [
        ({"protocol": "TCP", "destination": {"ports": [80, "8000:8080"]}}, True),
        ({"protocol": "TCP", "destination": {"ports": ["8081:9000"]}}, False),
        ({"protocol": "TCP", "destination": {"notPorts": [8080]}}, False),
        ({"protocol": "TCP", "destination": {"notPorts": ["1:8079"]}}, True),
        ({"protocol": 6}, True),
        ({"protocol": "UDP", "destination": {"ports": [8080]}}, False),
        ({"notProtocol": "TCP"}, False),
        ({"notProtocol": 17}, True),
        ({"ipVersion": 6}, False),
        ({"ipVersion": 4, "destination": {"selector": "app == 'cart'"}}, True),
        ({"destination": {"selector": "app == 'web'"}}, False),
    ],
)
def test_protocols_ports_and_the_pod_itself_are_matched(
    match: dict[str, Any],
    allowed: bool,  # noqa: FBT001 - a row of a table
) -> None:
    assert enters(WEB, policy("one", ingress=[ALLOW | match])).allowed is allowed


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ({"http": {"methods": ["GET"]}}, r"ingress\[0\]\.http: it is not evaluated"),
        ({"icmp": {"type": 8}}, r"ingress\[0\]\.icmp"),
        ({"destination": {"services": {"name": "a"}}}, r"destination\.services"),
        ({"protocol": "TCP", "destination": {"ports": ["web"]}}, "'web' has a name"),
        ({"protocol": "TCP", "destination": {"ports": ["9:8"]}}, "'9:8' is no range"),
        ({"destination": {"ports": [80]}}, "ports need a protocol"),
        ({"protocol": "TCP", "source": {"ports": [80]}}, "nobody knows a caller's own port"),
        ({"source": {"selector": "a = 'b'"}}, "source.selector: selector .* character 3"),
        ({"source": {"selector": "global()"}}, "global\\(\\) stands alone"),
        ({"source": {"namespaceSelector": "!global()"}}, "global\\(\\) stands alone"),
        ({"source": {"nets": ["10.0.0.0/40"]}}, "source.nets"),
        ({"source": {"nets": ["10.0.0.0/8"]}}, "the address of pod shop/web is not known"),
    ],
)
def test_what_is_not_evaluated_is_an_error_and_no_guess(
    match: dict[str, Any], message: str
) -> None:
    with pytest.raises(Unsupported, match=f"NetworkPolicy shop/one: .*{message}"):
        enters(WEB, policy("one", ingress=[ALLOW | match]))


@pytest.mark.parametrize(
    "other",
    [
        policy("raw", None, doNotTrack=True),
        policy("types", None, types=["Both"]),
        policy("odd", namespaceSelector="all()"),
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "GlobalNetworkSet",
            "metadata": {"name": "a"},
        },
        {"apiVersion": "crd.projectcalico.org/v1", "kind": "Tier", "metadata": {"name": "a"}},
        {"apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy", "metadata": {"name": "a"}},
    ],
)
def test_an_object_that_would_change_the_answer_unseen_is_an_error(other: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        Policies.of([other])


def test_a_pod_somewhere_in_a_network_is_matched_where_that_is_enough() -> None:
    vpc = IPv4Network("10.0.0.0/16")
    web = pod(Workload("shop", "web", {}, "web"), addresses=vpc)

    def one(**source: list[str]) -> dict[str, Any]:
        return policy("one", ingress=[ALLOW | {"source": source}])

    assert enters(web, one(nets=["10.0.0.0/8"])).allowed
    assert not enters(web, one(nets=["0.0.0.0/0"], notNets=["10.0.0.0/8"])).allowed
    assert not enters(web, one(nets=["192.168.0.0/16"])).allowed
    with pytest.raises(Unsupported, match="pod shop/web may or may not lie in it"):
        enters(web, one(nets=["10.0.1.0/24"]))


def test_a_node_reaches_its_own_pods_whatever_policies_say() -> None:
    shut = policy("shut", selector="all()", ingress=[DENY])

    assert enters(own_node(), shut).allowed
    assert not enters(address("10.0.0.5"), shut).allowed, "another node does not"


def kubernetes(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "k", "namespace": "shop"},
        "spec": {"podSelector": {}} | spec,
    }


@pytest.mark.parametrize(
    ("rule", "web", "spy"),
    [
        ({}, True, True),
        ({"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}, True, False),
        ({"from": [{"podSelector": {}, "namespaceSelector": {}}]}, True, True),
        ({"from": [{"namespaceSelector": {"matchLabels": {"team": "other"}}}]}, False, True),
        ({"from": [{"podSelector": {}}, {"namespaceSelector": {}}]}, True, True),
        ({"ports": [{"port": 8080}]}, True, True),
        ({"ports": [{"port": 8000, "endPort": 8090}, {"port": 1}]}, True, True),
        ({"ports": [{"protocol": "UDP"}]}, False, False),
        (
            {
                "from": [
                    {
                        "podSelector": {
                            "matchExpressions": [
                                {"key": "app", "operator": "In", "values": ["web", "x"]},
                                {"key": "app", "operator": "NotIn", "values": ["x"]},
                                {"key": "app", "operator": "Exists"},
                                {"key": "x", "operator": "DoesNotExist"},
                            ]
                        }
                    }
                ]
            },
            True,
            False,
        ),
    ],
)
def test_kubernetes_own_policies_mean_what_kubernetes_says(
    rule: dict[str, Any],
    web: bool,  # noqa: FBT001 - a row of a table
    spy: bool,  # noqa: FBT001 - a row of a table
) -> None:
    one = kubernetes(ingress=[rule])

    assert (enters(WEB, one).allowed, enters(SPY, one).allowed) == (web, spy)


def test_kubernetes_own_policies_come_at_order_1000_and_name_their_rule() -> None:
    one = kubernetes(ingress=[{"ports": [{"port": 1}, {"port": 2}]}, {}])

    assert enters(WEB, one).by == "Profile kns.shop; NetworkPolicy shop/k ingress[1]"
    assert not enters(WEB, one, policy("deny", order=999, ingress=[DENY])).allowed
    assert enters(WEB, one, policy("deny", order=1001, ingress=[DENY])).allowed


def test_kubernetes_own_policies_except_addresses_and_shut_the_way_out_where_they_say() -> None:
    block = {"cidr": "203.0.113.0/24", "except": ["203.0.113.7/32"]}
    one = kubernetes(ingress=[{"from": [{"ipBlock": block}]}])

    assert enters(address("203.0.113.8"), one).allowed
    assert not enters(INTERNET, one).allowed
    assert network([kubernetes()], WEB, INTERNET, 443).allowed
    assert not network([kubernetes(policyTypes=["Egress"])], WEB, INTERNET, 443).allowed
