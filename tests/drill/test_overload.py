"""Overload: limits hold for everyone, and a limit that is missing or too wide is named."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.drill.overload.drill import run
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, Outcome
from tests.support.configured import with_bundles, with_objects, without

Object = dict[str, Any]
Objects = list[Object]
REGION = "eu-west-1"
TENANTS = f"prod-{REGION}-tenants"
HERE = Place()
ENTRANCE = "Every entrance limits each client on every host that leads to a service"
FLOOD = "An ordinary client loses nothing, even while another one floods"
BOUND = "No client gets more than its rate and its burst, over any stretch of time"
NARROW = "What a client has a second narrows inwards: edge >= region >= entrance >= service"
BURST = "What a client may have at once is within what the next limit outwards counts in a window"
CAPACITY = "A pod never takes more than its capacity, however many clients there are"
ALONE = "No client alone fills a service: its rate is below what the fewest pods take"
TOLD = "Refusals are 429, and the mesh's say in `x-ekp-limited-by` who refuses"
UNSAFE = "Requests that change something are never tried again by a proxy"
RETRIES = "Refusals are never tried again, and retries under way are bounded at every caller"
POOLS = "Queues and retries to each service are bounded, and pods that fail are taken out"


def check(drill: Drill, must: str) -> Check:
    (found,) = [one for one in drill.checks if one.must == must]
    return found


def broken(found: Configured, *musts: str) -> Check:
    """Return the first of the checks that fail, which are these and no others."""
    drill = run(found, HERE)
    assert drill.outcome is Outcome.FAILED
    failing = [one.must for one in drill.checks if one.outcome is Outcome.FAILED]
    assert sorted(failing) == sorted(musts)
    first = check(drill, musts[0])
    assert first.remedy
    return first


def in_tenants(found: Configured, change: Callable[[Objects], Objects]) -> Configured:
    """Return the environment with other objects in the tenants layer of one region."""
    return with_bundles(found, TENANTS, change)


def limit_changed(
    found: Configured, name: str, change: Callable[[dict[str, Any]], object]
) -> Configured:
    """Return the environment with the settings of one EnvoyFilter's filter changed."""

    def every(objects: Objects) -> Objects:
        for one in objects:
            if (one["kind"], one["metadata"]["name"]) == ("EnvoyFilter", name):
                change(one["spec"]["configPatches"][0]["patch"]["value"]["typed_config"])
        return objects

    return in_tenants(found, every)


def without_object(found: Configured, kind: str, name: str) -> Configured:
    return in_tenants(
        found,
        lambda objects: [
            one for one in objects if (one["kind"], one["metadata"]["name"]) != (kind, name)
        ],
    )


def every_bucket(**fields: Any) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        for one in config["descriptors"]:
            one["token_bucket"].update(fields)

    return change


def in_git(
    found: Configured, kind: str, name: str, change: Callable[[dict[str, Any]], object]
) -> Configured:
    """Return the environment with the spec of one of the services' objects changed."""

    def every(objects: Objects) -> Objects:
        for one in objects:
            if (one["kind"], one["metadata"]["name"]) == (kind, name):
                change(one["spec"])
        return objects

    return with_objects(found, every)


@pytest.fixture(scope="module")
def drill(prod: Configured) -> Drill:
    return run(prod, HERE)


@pytest.mark.requirement("R30")
def test_production_bears_more_requests_than_its_services_were_sized_for(drill: Drill) -> None:
    assert drill.outcome is Outcome.PASSED
    assert [one for one in drill.checks if one.outcome is Outcome.FAILED] == []


@pytest.mark.requirement("R30")
def test_what_a_client_may_have_is_said_with_figures(drill: Drill) -> None:
    observed = check(drill, BOUND).observed

    assert "shop/checkout by the gateway: at most 75 and 5 for each second" in observed
    assert "shop/catalog by shard api: at most 303 and 20 for each second" in observed


@pytest.mark.requirement("R30")
def test_a_thousand_clients_get_what_the_pods_take_and_no_more(drill: Drill) -> None:
    (table,) = [one for one in drill.tables if one.title.startswith("shop/catalog")]
    rows = {row[0]: row for row in table.rows}
    many = rows["1,000 clients at half their limit"]

    # Three pods with 100 a second each; all refusals come from pods.
    assert many[table.columns.index("offered/s, last")] == "10,000"
    assert many[table.columns.index("answered/s, last")] == "300"
    assert many[-1].startswith("pod ")
    assert "1,100 in 10 s; the most that one took: 1,099" in check(drill, CAPACITY).observed


def test_a_storm_of_retries_grows_and_what_gets_through_does_not(drill: Drill) -> None:
    for table in drill.tables:
        for row in table.rows:
            if row[0] == "one client that asks twice again for each refusal":
                cells = dict(zip(table.columns, row, strict=True))
                offered = int(cells["offered/s, last"].replace(",", ""))
                assert offered > int(cells["offered/s, first"])
                assert int(cells["answered/s, last"]) < offered / 20


def test_how_many_clients_fill_all_pods_is_said(drill: Drill) -> None:
    observed = check(drill, ALONE).observed

    assert "all 10 that the autoscaler may start 1,000 (50 clients)" in observed


@pytest.mark.requirement("R11")
def test_limits_are_read_from_outside_inwards(drill: Drill) -> None:
    observed = check(drill, NARROW).observed

    assert "edge 50 >= eu-west-1 40 >= gateway 20 >= service shop/checkout 5" in observed
    assert "with all 10 pods the gateway alone would allow 66.7 a second" in observed


def test_what_nobody_counts_here_is_said(drill: Drill) -> None:
    (skipped,) = [one for one in drill.checks if one.outcome is Outcome.SKIPPED]

    assert "CPU" in skipped.must
    assert "none is sent" in skipped.observed


@pytest.mark.requirement("R30")
def test_a_gateway_without_its_limit_is_named(prod: Configured) -> None:
    found = broken(without_object(prod, "EnvoyFilter", "clients"), ENTRANCE)

    assert "no limit at gateway for shop.prod.ekp.example/ (eu-west-1)" in found.observed


def test_a_shard_without_its_limit_is_named(prod: Configured) -> None:
    def bare(objects: Objects) -> Objects:
        for one in objects:
            if one["kind"] == "VirtualServer":
                one["spec"].pop("policies")
        return objects

    found = broken(in_tenants(prod, bare), ENTRANCE)

    assert "no limit at shard api for api.prod.ekp.example/catalog" in found.observed


@pytest.mark.requirement("R30")
def test_a_limit_that_only_counts_is_no_limit(prod: Configured) -> None:
    none = {"default_value": {"numerator": 0, "denominator": "HUNDRED"}}
    change = limit_changed(prod, "clients", lambda one: one.update(filter_enforced=none))
    found = broken(change, ENTRANCE)

    assert "EnvoyFilter istio-ingress/clients" in found.observed
    assert "refuses nobody, or not all that is too much" in found.observed


def test_a_limit_that_is_switched_off_for_a_services_host_is_named(prod: Configured) -> None:
    off = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
    patch = {
        "applyTo": "VIRTUAL_HOST",
        "match": {
            "context": "GATEWAY",
            "routeConfiguration": {"vhost": {"name": "shop.prod.ekp.example:443"}},
        },
        "patch": {
            "operation": "MERGE",
            "value": {"typed_per_filter_config": {"ekp_rate.client": off}},
        },
    }

    def add(objects: Objects) -> Objects:
        clients = [one for one in objects if one["metadata"]["name"] == "clients"]
        added = copy.deepcopy(clients)
        for one in added:
            one["metadata"]["name"] = "off"
            one["spec"]["configPatches"] = [patch]
        return [*objects, *added]

    assert "shop.prod.ekp.example" in broken(in_tenants(prod, add), ENTRANCE).observed


@pytest.mark.requirement("R30")
def test_a_bucket_that_is_too_large_is_named(prod: Configured) -> None:
    change = limit_changed(prod, "clients", every_bucket(max_tokens=100_000))
    found = broken(change, BURST)

    assert "gateway: 300,000 at once over 3 pods is above the web ACL's 2,400" in found.observed


@pytest.mark.requirement("R11")
def test_a_bucket_that_fills_too_fast_is_named(prod: Configured) -> None:
    found = broken(limit_changed(prod, "clients", every_bucket(fill_interval="1s")), NARROW)

    assert "gateway 60 a second is above eu-west-1 40" in found.observed


def test_a_service_whose_rate_is_above_the_gateways_is_named(prod: Configured) -> None:
    change = limit_changed(prod, "shop-checkout.rate", every_bucket(tokens_per_fill=70))
    found = broken(change, NARROW)

    assert "service shop/checkout 70 a second is above gateway 20" in found.observed


def test_a_burst_of_a_shard_that_fills_the_service_costs_good_clients_requests(
    prod: Configured,
) -> None:
    def wider(objects: Objects) -> Objects:
        for one in objects:
            if one["kind"] == "Policy" and "rateLimit" in one["spec"]:
                one["spec"]["rateLimit"]["burst"] = 400
        return objects

    found = broken(in_tenants(prod, wider), FLOOD)

    assert "80 of 1,000 good requests refused" in found.observed


def test_a_gateway_that_forgets_clients_lets_them_have_more(prod: Configured) -> None:
    def forget(config: dict[str, Any]) -> None:
        config["max_dynamic_descriptors"] = 20

    change = limit_changed(prod, "shop-checkout.rate", forget)

    assert "shop/checkout by the gateway" in broken(change, BOUND).observed


def test_a_shard_that_forgets_clients_lets_them_have_more(prod: Configured) -> None:
    def forget(objects: Objects) -> Objects:
        for one in objects:
            if one["kind"] == "Policy" and "rateLimit" in one["spec"]:
                one["spec"]["rateLimit"]["zoneSize"] = "32k"
        return objects

    found = broken(in_tenants(prod, forget), BOUND)

    assert "shop/catalog by shard api" in found.observed
    assert "`zoneSize`" in found.remedy


@pytest.mark.requirement("R30")
def test_a_pod_without_a_limit_of_its_own_takes_whatever_comes(prod: Configured) -> None:
    found = broken(without_object(prod, "EnvoyFilter", "checkout.capacity"), CAPACITY)

    assert "a pod of shop/checkout takes whatever comes (eu-west-1)" in found.observed
    assert "`capacity`" in found.remedy


def test_a_pods_limit_that_one_client_fills_is_named(prod: Configured) -> None:
    def small(config: dict[str, Any]) -> None:
        config["token_bucket"].update(max_tokens=1, tokens_per_fill=1)

    found = broken(limit_changed(prod, "checkout.capacity", small), ALONE, FLOOD)

    assert "shop/checkout by the gateway: a client 5 a second, 3 pods 3" in found.observed


def test_a_refusal_that_is_no_429_or_says_not_by_whom_is_named(prod: Configured) -> None:
    def other(config: dict[str, Any]) -> None:
        config["status"] = {"code": "ServiceUnavailable"}

    def silent(config: dict[str, Any]) -> None:
        config.pop("response_headers_to_add")

    assert "answers 503" in broken(limit_changed(prod, "clients", other), TOLD).observed
    found = broken(limit_changed(prod, "catalog.capacity", silent), TOLD)
    assert "EnvoyFilter shop/catalog.capacity does not say" in found.observed


def test_without_the_web_acls_a_service_is_still_within_the_gateway(prod: Configured) -> None:
    found = without(prod, f"prod-{REGION}-ingress", "aws_wafv2_web_acl_association")
    drill = run(without(found, "prod-edge", "aws_cloudfront_distribution"), HERE)

    assert "gateway 20 >= service shop/checkout 5" in check(drill, NARROW).observed


@pytest.mark.requirement("R30")
@pytest.mark.parametrize("lost", ["outlierDetection", "connectionPool"])
def test_a_service_whose_callers_have_no_bounds_is_named(prod: Configured, lost: str) -> None:
    change = in_git(
        prod, "DestinationRule", "checkout", lambda spec: spec["trafficPolicy"].pop(lost)
    )
    musts = [POOLS, RETRIES] if lost == "connectionPool" else [POOLS]

    assert f"DestinationRule shop/checkout has no {lost}" in broken(change, *musts).observed


def test_a_service_without_a_rule_for_its_callers_is_named(prod: Configured) -> None:
    change = with_objects(
        prod,
        lambda objects: [
            one
            for one in objects
            if (one["kind"], one["metadata"]["name"]) != ("DestinationRule", "catalog")
        ],
    )

    # Its canary's subsets are gone as well, so that no route leads there any more.
    drill = run(change, HERE)

    assert "shop/catalog: no DestinationRule has no" in check(drill, POOLS).observed


@pytest.mark.requirement("R30")
@pytest.mark.parametrize("retries", [{"attempts": 2}, None])
def test_a_route_that_tries_unsafe_methods_again_is_named(
    prod: Configured, retries: dict[str, Any] | None
) -> None:
    def again(spec: dict[str, Any]) -> None:
        unsafe = next(one for one in spec["http"] if one["name"] == "unsafe")
        unsafe.pop("retries")
        if retries:
            unsafe["retries"] = retries

    found = broken(in_git(prod, "VirtualService", "checkout", again), UNSAFE)

    assert "VirtualService shop/checkout unsafe: 2 attempts of POST" in found.observed


def test_a_shard_that_tries_the_next_upstream_is_named(prod: Configured) -> None:
    def again(objects: Objects) -> Objects:
        for one in objects:
            for upstream in one["spec"].get("upstreams", []) if "spec" in one else []:
                upstream.pop("next-upstream")
        return objects

    assert "upstream catalog: next-upstream" in broken(in_tenants(prod, again), UNSAFE).observed


def test_a_route_that_tries_refusals_again_is_named(prod: Configured) -> None:
    def again(spec: dict[str, Any]) -> None:
        spec["http"][0]["retries"]["retryOn"] = "reset,429"

    found = broken(in_git(prod, "VirtualService", "catalog", again), RETRIES)

    assert "VirtualService shop/catalog safe tries refusals again" in found.observed


def test_an_environment_without_services_says_so_and_looks_at_its_tools(
    synthesized_outdir: Any,
) -> None:
    drill = run(Configured.load(synthesized_outdir, "management"), HERE)
    skipped = [one.observed for one in drill.checks if one.outcome is Outcome.SKIPPED]

    assert skipped[0] == "management has no services."
    assert drill.outcome is Outcome.PASSED


def test_tools_behind_no_web_acl_are_named(synthesized_outdir: Any) -> None:
    hub = Configured.load(synthesized_outdir, "management")
    bare = without(hub, "management-eu-west-1-ingress", "aws_wafv2_web_acl_association")
    must = "Hosts of tools, on which the gateway counts nobody, are limited by a web ACL"

    assert "nothing limits a client on argocd.management" in broken(bare, must).observed


@pytest.mark.parametrize("environment", ["dev", "qa"])
def test_smaller_environments_bear_it_too(synthesized_outdir: Any, environment: str) -> None:
    assert run(Configured.load(synthesized_outdir, environment), HERE).outcome is Outcome.PASSED
