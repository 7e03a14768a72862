"""All that Git holds of a service comes from its settings, and none of it is another service's."""

from pathlib import Path
from typing import Any

from modules.core.delivery import BlueGreen, Canary, HeaderCanary, Strategy
from modules.core.hosts import Shard
from modules.core.services import Protocol, Route, Service
from modules.core.site import Site
from modules.kubernetes.service_objects import service_objects

import pytest
import yaml

from tests.support.core_kinds import core_mistakes
from tests.support.custom_resources import mistakes

SITE = Site(domain="example.org", shards={"bulk": Shard(hosts=("bulk.example.org",), slot=1)})
STRATEGIES: list[Strategy] = [Canary(), HeaderCanary(), BlueGreen()]
ROUTES = (
    Route(host="shop", path="/orders"),
    Route(host="@"),
    Route(host="bulk", path="/orders"),
)


def service(name: str = "orders", **settings: Any) -> Service:
    return Service(
        name=name,
        namespace="shop",
        image=f"registry.example.org/shop/{name}:1.4.2",
        **{"routes": (Route(host="shop", path=f"/{name}"), Route(host="bulk")), **settings},
    )


def objects(found: Service) -> list[dict[str, Any]]:
    return [manifest.as_dict() for manifest in service_objects(found, SITE)]


def test_every_object_is_valid(tmp_path: Path) -> None:
    # All in one: reading the definitions takes seconds.
    found = [
        one
        for chosen in STRATEGIES
        for protocol in Protocol
        for one in objects(
            service(
                strategy=chosen,
                protocol=protocol,
                variables={"LEVEL": "info"},
                routes=ROUTES if protocol is Protocol.HTTP else (),
            )
        )
    ]
    core = ("ServiceAccount", "Service", "ConfigMap", "HorizontalPodAutoscaler")

    assert core_mistakes(found) == []
    others = [one for one in found if one["kind"] not in (*core, "PodDisruptionBudget")]
    assert mistakes(others, tmp_path) == []


@pytest.mark.requirement("R45")
def test_a_commit_brings_all_that_a_service_needs_in_an_order_that_reads() -> None:
    kinds = list(dict.fromkeys(found["kind"] for found in objects(service())))

    assert kinds[:8] == [
        "ServiceAccount",
        "Service",
        "Rollout",
        "AnalysisTemplate",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "VirtualService",
        "DestinationRule",
    ]
    assert {"PodMonitor", "PrometheusRule", "ConfigMap"} == set(kinds[8:])


@pytest.mark.parametrize("chosen", STRATEGIES, ids=lambda s: s.kind)
def test_no_object_stands_twice_and_all_are_in_the_services_namespace(chosen: Strategy) -> None:
    found = objects(service(strategy=chosen))
    ids = [(one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in found]

    assert len(set(ids)) == len(ids)
    assert {one["metadata"]["namespace"] for one in found} == {"shop"}


def test_two_services_share_no_object() -> None:
    ids = [
        {(one["kind"], one["metadata"]["name"]) for one in objects(service(name))}
        for name in ("orders", "orders-archive")
    ]

    assert not ids[0] & ids[1]


def test_the_same_settings_make_the_same_text() -> None:
    texts = [
        yaml.safe_dump_all(objects(service(variables=variables)), sort_keys=False)
        for variables in ({"A": "1", "B": "2"}, {"B": "2", "A": "1"})
    ]

    assert texts[0] == texts[1]
    # YAML's own references would be noise in a diff.
    assert "&id" not in texts[0]


@pytest.mark.requirement("R31")
@pytest.mark.parametrize("chosen", STRATEGIES, ids=lambda s: s.kind)
def test_scaling_budget_and_addresses_are_of_the_same_pods(chosen: Strategy) -> None:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for one in objects(service(strategy=chosen)):
        by_kind.setdefault(one["kind"], []).append(one)
    (rollout,) = by_kind["Rollout"]
    (scaler,) = by_kind["HorizontalPodAutoscaler"]
    (budget,) = by_kind["PodDisruptionBudget"]
    pods = rollout["spec"]["template"]["metadata"]["labels"]

    assert scaler["spec"]["scaleTargetRef"]["name"] == rollout["metadata"]["name"]
    assert budget["spec"]["selector"]["matchLabels"].items() <= pods.items()
    for address in by_kind["Service"]:
        assert address["spec"]["selector"].items() <= pods.items()


def test_git_holds_none_of_terraforms_guardrails() -> None:
    guardrails = {
        "AuthorizationPolicy",
        "EnvoyFilter",
        "Gateway",
        "NetworkPolicy",
        "PeerAuthentication",
        "RequestAuthentication",
        "ServiceEntry",
        "Sidecar",
    }

    assert not guardrails & {found["kind"] for found in objects(service())}
