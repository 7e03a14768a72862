"""Who gets to a service's pods: users by its ways in, services by their certificate, no other."""

from modules.core.hosts import Shard
from modules.core.services import Caller, Method, Route
from modules.core.site import Site
from modules.kubernetes.istio.access import allow_at_workload

import pytest

from ...support.authorization import Request, admits
from ...support.shop import ACCESS, ADMIN, GATEWAY, GUARDED, SHARD, SITE, STAFF, service


@pytest.mark.requirement("R17")
def test_a_shard_is_no_way_around_the_rules() -> None:
    behind = service(access=ACCESS, routes=(Route(host="media"),))
    policies = allow_at_workload(behind, SITE)

    for path, token, admitted in (
        ("/status", {}, True),
        ("/anything", {}, False),
        ("/anything", STAFF, True),
        ("/admin/users", STAFF, False),
        ("/admin/users", ADMIN, True),
    ):
        assert admits(policies, Request(path=path, token=token, account=SHARD)) is admitted, path
    assert not admits(policies, Request(path="/status", account=GATEWAY))


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("account", [None, "shop/other", SHARD, "istio-ingress/other"])
def test_users_come_by_the_ways_in_of_the_service_alone(account: str | None) -> None:
    policies = allow_at_workload(GUARDED, SITE)

    assert admits(policies, Request(path="/status", token=STAFF, account=GATEWAY))
    assert not admits(policies, Request(path="/status", token=STAFF, account=account))


def test_more_shards_than_one_source_can_name_are_all_let_in() -> None:
    shards = {f"s{n}": Shard(hosts=(f"h{n}.example.org",), slot=n + 1) for n in range(20)}
    site = Site(domain="example.org", shards=shards, identity=SITE.identity)
    wide = service(routes=tuple(Route(host=f"h{n}") for n in range(20)))
    policies = allow_at_workload(wide, site)

    for n in range(20):
        account = f"nginx-ingress/nginx-ingress-s{n}"
        assert admits(policies, Request(path="/", token=STAFF, account=account))
    sources = [s["source"] for s in policies[0].fields["spec"]["rules"][0]["from"]]
    assert max(len(source["serviceAccounts"]) for source in sources) == 16


CALLED = service(
    access=ACCESS,
    callers=(
        Caller(service="shop/stock"),
        Caller(service="billing/invoices", paths=("/orders/*",), methods=(Method.GET,)),
    ),
)


@pytest.mark.requirement("R13", "R17")
@pytest.mark.parametrize(
    ("account", "path", "method", "admitted"),
    [
        ("shop/stock", "/anything", "POST", True),
        ("billing/invoices", "/orders/7", "GET", True),
        ("billing/invoices", "/orders/7", "POST", False),
        ("billing/invoices", "/anything", "GET", False),
        ("shop/invoices", "/orders/7", "GET", False),
        (None, "/orders/7", "GET", False),
    ],
)
def test_services_call_by_their_certificate_what_they_were_given(
    account: str | None,
    path: str,
    method: str,
    admitted: bool,  # noqa: FBT001 - the outcome of a row
) -> None:
    request = Request(path=path, method=method, account=account)
    assert admits(allow_at_workload(CALLED, SITE), request) is admitted


@pytest.mark.requirement("R42")
def test_a_caller_passes_on_the_second_factor_of_its_user() -> None:
    policies = allow_at_workload(CALLED, SITE)
    asked = Request(path="/admin/users", account="shop/stock")

    assert not admits(policies, asked)
    assert admits(policies, Request(path="/admin/users", account="shop/stock", token=ADMIN))


def test_other_ports_of_a_pod_are_closed() -> None:
    policies = allow_at_workload(CALLED, SITE)

    for account, token in ((GATEWAY, STAFF), ("shop/stock", {})):
        assert not admits(policies, Request(path="/x", account=account, token=token, port=9229))


def test_a_service_called_from_inside_alone_needs_no_issuer() -> None:
    inner = service(routes=(), callers=(Caller(service="shop/stock"),))
    policies = allow_at_workload(inner, Site(domain="example.org"))

    assert admits(policies, Request(path="/x", account="shop/stock"))
