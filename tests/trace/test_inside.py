"""What is not there is named, with the setting that makes it; what is there has its figures."""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.configured.reading import Reader
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import named
from ekp.evaluate.stage import Stage
from ekp.trace.follow import NotFollowedError, follow
from ekp.trace.parse import parse
from ekp.trace.tokens import SIGNATURE, issuers_of
from ekp.trace.traced import Trace
from ekp.trace.words import Words
from tests.support.configured import with_stack

from .table import ALICE, API, KEEPER, SHOP, claims

TENANTS, PLATFORM = "prod-eu-west-1-tenants", "prod-eu-west-1-platform"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def traced(found: Configured, url: str = f"{SHOP}/cart", **words: Any) -> Trace:
    asked = parse(
        Words(url=url, **(words or ALICE)),
        regions=found.regions,
        issuers=lambda: issuers_of(found.world("eu-west-1").objects),
        now=NOW,
    )
    return follow(found, asked.question, asked.notes)


def at(found: Trace, stage: Stage) -> list[Hop]:
    return [hop for hop in found.hops if hop.stage is stage]


def changed(
    prod: Configured, name: str, change: Callable[[dict[str, Any]], object] | None = None
) -> Configured:
    """Return production with an object of Git or of a stack changed, or without it."""
    met = []

    def kept(objects: Iterable[Any]) -> Iterator[Any]:
        for one in objects:
            if named(one) != name:
                yield one
                continue
            met.append(one)
            if change is not None:
                change(other := copy.deepcopy(one))
                yield other

    found = Configured.of(prod.reader.stacks, prod.environment, kept(prod.services))
    bundles = {stack.id: [*kept(prod.reader.objects(stack))] for stack in prod.stacks}
    assert met, f"there is no {name}"
    return replace(found, reader=Reader(prod.reader.stacks, bundles))


@pytest.mark.parametrize(
    ("gone", "status", "stage", "remedy"),
    [
        ("TargetGroupBinding istio-ingress/gateway", 503, Stage.BALANCER, "prod-eu-west-1-tenants"),
        ("VirtualService shop/checkout", 404, Stage.ROUTE, "ekp services render prod"),
        ("VirtualService shop/checkout-versions", 404, Stage.ROUTE, "ekp services render prod"),
        ("DestinationRule shop/checkout", 503, Stage.ROUTE, "ekp services render prod"),
        ("Service shop/checkout", 503, Stage.ROUTE, "ekp services render prod"),
        ("Rollout shop/checkout", 503, Stage.SERVICE, "ekp services render prod"),
    ],
)
def test_a_request_ends_where_an_object_is_missing_and_the_remedy_is_named(
    gone: str, status: int, stage: Stage, remedy: str, prod: Configured
) -> None:
    found = traced(changed(prod, gone))

    last = found.hops[-1]
    assert (found.outcome, found.status, last.stage) == (Verdict.MISSING, status, stage)
    assert remedy in last.remedy
    assert found.verdict.startswith(f"gets no further and is answered {status}")
    assert not found.allowed
    assert ("users see the page of last resort" in found.verdict) == (status == 503)


@pytest.mark.parametrize(
    ("gone", "stage", "remedy"),
    [
        ("PeerAuthentication istio-system/default", Stage.MUTUAL_TLS, "PeerAuthentication"),
        ("RequestAuthentication shop/checkout", Stage.TOKEN, "`identity.issuers`"),
    ],
)
def test_a_guard_that_is_missing_is_named_even_where_the_request_goes_on(
    gone: str, stage: Stage, remedy: str, prod: Configured
) -> None:
    found = traced(changed(prod, gone))

    (hop,) = [one for one in at(found, stage) if one.verdict is Verdict.MISSING]
    assert remedy in hop.remedy
    if found.allowed:
        assert found.verdict.endswith("1 guard on the way missing")
        assert found.unguarded == (hop,)


def test_a_gateway_that_no_chart_brings_is_named(prod: Configured) -> None:
    def gone(body: dict[str, Any]) -> None:
        releases = body["resource"]["helm_release"]
        for key in [key for key, one in releases.items() if one["name"] == "istio-ingressgateway"]:
            del releases[key]

    found = traced(with_stack(prod, PLATFORM, gone))

    last = found.hops[-1]
    assert (last.verdict, last.status) == (Verdict.MISSING, 503)
    assert "no chart of the region brings its pods" in last.why
    assert PLATFORM in last.remedy


def test_close_hosts_are_named_where_nobody_serves_one(prod: Configured) -> None:
    last = traced(prod, "https://shopp.prod.ekp.example/").hops[-1]

    assert "close to it: shop.prod.ekp.example" in last.why
    assert "environments/tenants/<tenant>.yaml: `routes: [{host: shopp}]`" in last.remedy


def test_the_last_hop_says_how_many_pods_answer_and_how_a_new_version_comes(
    prod: Configured,
) -> None:
    (last,) = at(traced(prod, headers=["x-canary: always"], **KEEPER), Stage.WORKLOAD)

    assert "3 to 20 pods" in last.why
    assert "requests with x-canary: always, wait 600s, 10 %, wait 300s, 50 %" in last.why
    assert "its x-canary: always leads to the new version" in last.why
    assert 'x-auth-groups: ["00000000-0000-0000-0000-0000000000c1"] in base64' in last.why


def test_pods_that_nothing_scales_are_told(prod: Configured) -> None:
    found = traced(changed(prod, "HorizontalPodAutoscaler shop/checkout"))

    assert "1 pod, and no HorizontalPodAutoscaler adds any" in found.hops[-1].why


def test_what_a_caller_writes_under_a_claim_s_name_is_not_what_the_application_sees(
    prod: Configured,
) -> None:
    spoofed = ["x-auth-subject: admin", "x-auth-groups: admin"]

    public = traced(prod, f"{API}/catalog/products", headers=spoofed).hops[-1]
    known = traced(prod, headers=spoofed, **ALICE).hops[-1]

    assert "the application sees no x-auth-subject and no x-auth-groups" in public.why
    assert "x-auth-subject: alice" in known.why
    assert "admin" not in public.why + known.why


def test_weights_of_a_canary_are_shown_as_shares(prod: Configured) -> None:
    def half(one: dict[str, Any]) -> None:
        stable, canary = one["spec"]["http"][0]["route"]
        stable["weight"], canary["weight"] = 75, 25

    versions = "VirtualService shop/checkout-versions"
    found = traced(changed(prod, versions, half))

    (hop,) = [one for one in at(found, Stage.ROUTE) if one.name == "canary weights"]
    assert hop.why.startswith("stable 75 %, canary 25 %: Argo Rollouts writes the weights")
    assert hop.by == versions


def test_destination_service_and_limits_have_their_figures(prod: Configured) -> None:
    found = traced(prod, rate="4/s", **ALICE)

    (destination,) = at(found, Stage.DESTINATION)
    assert destination.why.split("; ") == [
        "subset stable",
        "TLS ISTIO_MUTUAL",
        "a pod is left out for 30s after 5 failures in a row, at most 50 % of them",
        "a proxy has at most 200 connections, 100 waiting, 200 requests, 20 retries open",
    ]
    assert [hop.why for hop in at(found, Stage.SERVICE)] == [
        "port 80 is 8080 of its pods (app.kubernetes.io/name=checkout)"
    ]
    gateway, service, pods = (hop.why for hop in at(found, Stage.RATE_LIMIT))
    assert "has 20/s for all hosts together, 100 at once at each of 3 pods" in gateway
    assert "has 5/s for requests to checkout.shop, stable, 25 at once" in service
    assert "a pod takes 50/s of everybody, 50 at once: 150/s with 3 pods, 1000/s with 20" in pods


def test_the_first_who_reads_a_token_says_what_was_taken_for_granted(prod: Configured) -> None:
    gateway, pods = at(traced(prod), Stage.TOKEN)

    assert SIGNATURE in gateway.why
    assert "its issuer is taken to be the environment's only one" in gateway.why
    assert pods.why == "the token is valid"
    refused = at(traced(prod, **claims(exp=1)), Stage.TOKEN)[-1]
    assert "it ended on 1970-01-01 00:00:01 UTC" in refused.why
    assert SIGNATURE not in refused.why


def test_a_tool_s_pods_are_of_a_chart_and_not_looked_at(synthesized_outdir: Path) -> None:
    found = traced(
        Configured.load(synthesized_outdir, "dev"), "https://grafana.dev.ekp.example/", method="GET"
    )

    assert found.hops[-1].by == "chart kube-prometheus-stack"
    assert found.allowed


def test_what_is_not_understood_ends_the_trace_and_what_was_met_is_kept(prod: Configured) -> None:
    def odd(one: dict[str, Any]) -> None:
        one["spec"]["http"][0]["fault"] = {"abort": {"httpStatus": 500}}

    with pytest.raises(NotFollowedError) as error:
        traced(changed(prod, "VirtualService shop/checkout", odd))

    assert "VirtualService shop/checkout" in error.value.message
    assert "fault" in error.value.message
    assert error.value.trace.hops[-1].name == "target group ekp-prod-euw1-gateway-tls"


def test_a_network_that_lets_no_balancer_in_is_a_timeout(prod: Configured) -> None:
    found = traced(changed(prod, "GlobalNetworkPolicy platform-balancers-to-gateway-ingress"))

    assert (found.outcome, found.status) == (Verdict.REFUSES, 504)
    assert found.hops[-1].stage is Stage.NETWORK
    assert found.verdict.endswith("users see the page of last resort")
