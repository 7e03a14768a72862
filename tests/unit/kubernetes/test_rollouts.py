"""A new version takes over by its strategy, is measured on the way, and can always go back."""

from itertools import pairwise
from typing import Any

from modules.core.delivery import BlueGreen, Canary, CanaryStep, HeaderCanary, Strategy
from modules.core.services import Probes, Resilience, Service, selector
from modules.core.site import Site
from modules.kubernetes.istio.destinations import destination
from modules.kubernetes.istio.routes import routes
from modules.kubernetes.rollouts.analysis import analysis
from modules.kubernetes.rollouts.rollout import rollout
from modules.kubernetes.rollouts.strategies import HEADER_ROUTE, strategy
from modules.kubernetes.workload.addresses import addresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

STRATEGIES: list[Strategy] = [Canary(), HeaderCanary(), BlueGreen()]
STEPS = st.lists(st.integers(1, 99), min_size=1, max_size=20, unique=True).flatmap(
    lambda weights: st.tuples(
        *(
            st.builds(CanaryStep, weight=st.just(weight), pause_seconds=st.integers(60, 86_400))
            for weight in sorted(weights)
        )
    )
)


def orders(chosen: Strategy, **settings: Any) -> Service:
    return Service(
        name="orders",
        namespace="shop",
        image="registry.example.org/shop/orders:1.4.2",
        strategy=chosen,
        **settings,
    )


def canary(chosen: Strategy) -> dict[str, Any]:
    found: dict[str, Any] = strategy(orders(chosen))["canary"]
    return found


def weights_on_the_way(steps: list[dict[str, Any]]) -> list[int]:
    """Return the share that each pause is spent with, as Rollouts counts from nothing."""
    share, found = 0, []
    for step in steps:
        share = step.get("setWeight", share)
        if "pause" in step:
            found.append(share)
    return found


def pods_on_the_way(steps: list[dict[str, Any]]) -> list[int]:
    """Return the percent of pods that the new version has after each step."""
    share, fixed, found = 0, None, []
    for step in steps:
        share = step.get("setWeight", share)
        if "setCanaryScale" in step:
            fixed = step["setCanaryScale"].get("weight")
        found.append(share if fixed is None else fixed)
    return found


@pytest.mark.parametrize("chosen", STRATEGIES, ids=lambda s: s.kind)
def test_the_number_of_pods_is_the_autoscalers_alone(chosen: Strategy) -> None:
    assert "replicas" not in rollout(orders(chosen)).fields["spec"]


def test_a_rollout_selects_the_pods_that_it_makes() -> None:
    spec = rollout(orders(Canary())).fields["spec"]

    assert spec["selector"]["matchLabels"] == selector(orders(Canary()))
    assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()


@pytest.mark.requirement("R28")
@pytest.mark.parametrize("startup", [10, 60, 900])
def test_a_version_that_does_not_start_is_given_up(startup: int) -> None:
    spec = rollout(orders(Canary(), probes=Probes(startup_seconds=startup))).fields["spec"]

    assert spec["progressDeadlineAbort"] is True
    assert spec["progressDeadlineSeconds"] >= startup + 300


@pytest.mark.requirement("R18")
@given(steps=STEPS)
def test_a_canary_grows_by_its_steps_and_pauses_at_each(steps: tuple[CanaryStep, ...]) -> None:
    found = canary(Canary(steps=steps))["steps"]

    assert [*map(list, found)] == [["setWeight"], ["pause"]] * len(steps)
    assert weights_on_the_way(found) == [step.weight for step in steps]
    assert [step["pause"]["duration"] for step in found if "pause" in step] == [
        f"{step.pause_seconds}s" for step in steps
    ]


@given(steps=STEPS, testers=st.integers(60, 86_400))
def test_only_testers_get_the_new_version_first_and_then_it_grows(
    steps: tuple[CanaryStep, ...], testers: int
) -> None:
    found = canary(HeaderCanary(steps=steps, testers_seconds=testers))["steps"]

    assert weights_on_the_way(found) == [0, *(step.weight for step in steps)]
    assert next(step for step in found if "pause" in step)["pause"]["duration"] == f"{testers}s"


@pytest.mark.requirement("R18")
@given(steps=STEPS)
def test_the_share_never_falls_and_ends_with_the_whole(steps: tuple[CanaryStep, ...]) -> None:
    for chosen in (Canary(steps=steps), HeaderCanary(steps=steps)):
        found = canary(chosen)["steps"]
        shares = weights_on_the_way(found)

        assert all(one < following for one, following in pairwise(shares))
        # After the last step Rollouts gives the new version all; a step of less would hold it up.
        assert "pause" in found[-1]
        assert found[-1]["pause"]["duration"] is not None


@given(steps=STEPS)
def test_testers_always_find_pods_and_a_share_never_meets_too_few(
    steps: tuple[CanaryStep, ...],
) -> None:
    found = canary(HeaderCanary(steps=steps))["steps"]
    shares: list[int] = []
    for step in found:
        shares.append(step.get("setWeight", shares[-1] if shares else 0))

    pods = pods_on_the_way(found)

    assert min(pods) > 0
    assert all(percent >= share for percent, share in zip(pods, shares, strict=True))
    assert pods[-1] == shares[-1]


def test_the_route_for_testers_is_set_once_pods_are_there_and_removed_after_them() -> None:
    found = canary(HeaderCanary(header="x-try", value="yes"))
    steps = found["steps"]
    (place, route), (end, removed) = (
        (place, step["setHeaderRoute"])
        for place, step in enumerate(steps)
        if "setHeaderRoute" in step
    )

    assert "setCanaryScale" in steps[place - 1]
    assert route["match"] == [{"headerName": "x-try", "headerValue": {"exact": "yes"}}]
    assert "pause" in steps[place + 1]
    assert end == place + 2
    assert removed == {"name": route["name"]}


def test_rollouts_may_remove_the_testers_route_when_it_goes_back() -> None:
    found = canary(HeaderCanary())
    names = {step["setHeaderRoute"]["name"] for step in found["steps"] if "setHeaderRoute" in step}

    assert names == {HEADER_ROUTE}
    assert found["trafficRouting"]["managedRoutes"] == [{"name": HEADER_ROUTE}]


def test_a_plain_canary_adds_no_route() -> None:
    assert "managedRoutes" not in canary(Canary())["trafficRouting"]


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("chosen", [Canary(), HeaderCanary()], ids=lambda s: s.kind)
def test_rollout_routes_and_subsets_of_a_canary_agree(chosen: Strategy) -> None:
    service = orders(chosen)
    istio = canary(chosen)["trafficRouting"]["istio"]
    rule = destination(service)
    subsets = {subset["name"]: subset["labels"] for subset in rule.fields["spec"]["subsets"]}
    (written,) = (
        found
        for found in routes(service, Site(domain="example.org"))
        if found.name == istio["virtualService"]["name"]
    )
    (route,) = written.fields["spec"]["http"]
    shares = {way["destination"]["subset"]: way["weight"] for way in route["route"]}

    assert istio["destinationRule"] == {
        "name": rule.name,
        "stableSubsetName": "stable",
        "canarySubsetName": "canary",
    }
    assert shares == {"stable": 100, "canary": 0}
    assert set(subsets) == set(shares)
    (address,) = addresses(service)
    assert all(found == address.fields["spec"]["selector"] for found in subsets.values())


def test_the_old_version_keeps_its_pods_until_the_new_one_has_everything() -> None:
    found = canary(Canary())

    assert "dynamicStableScale" not in found
    assert found["maxUnavailable"] == 0


@pytest.mark.requirement("R19")
@pytest.mark.parametrize("chosen", [Canary(), HeaderCanary()], ids=lambda s: s.kind)
def test_a_canary_is_measured_from_the_first_moment_someone_gets_it(chosen: Strategy) -> None:
    found = canary(chosen)

    start = found["analysis"]["startingStep"]
    assert "pause" in found["steps"][start]
    assert not any("pause" in step for step in found["steps"][:start])


@pytest.mark.requirement("R19")
@pytest.mark.parametrize("chosen", STRATEGIES, ids=lambda s: s.kind)
def test_the_analysis_is_the_services_own_and_told_which_version_is_new(chosen: Strategy) -> None:
    service = orders(chosen)
    (only,) = strategy(service).values()
    asked = only.get("analysis") or only["postPromotionAnalysis"]
    template = analysis(service)

    assert asked["templates"] == [{"templateName": template.name}]
    assert asked["args"] == [{"name": "hash", "valueFrom": {"podTemplateHashValue": "Latest"}}]
    assert [arg["name"] for arg in asked["args"]] == [
        arg["name"] for arg in template.fields["spec"]["args"]
    ]


@pytest.mark.requirement("R28")
@given(watched=st.integers(120, 86_400))
def test_the_old_version_of_blue_green_stays_until_the_new_one_was_judged(watched: int) -> None:
    service = orders(BlueGreen(watched_seconds=watched))
    found = strategy(service)["blueGreen"]
    metric = analysis(service).fields["spec"]["metrics"][0]

    takes = int(metric["initialDelay"].removesuffix("s")) + (metric["count"] - 1) * int(
        metric["interval"].removesuffix("s")
    )

    assert takes <= watched < found["scaleDownDelaySeconds"]
    assert metric["count"] > metric["failureLimit"]


def test_blue_green_switches_between_the_services_that_are_there() -> None:
    service = orders(BlueGreen())
    found = strategy(service)["blueGreen"]

    assert [found["activeService"], found["previewService"]] == [
        address.name for address in addresses(service)
    ]
    assert found["autoPromotionEnabled"] is True


def test_a_rollout_waits_for_the_longest_request_of_a_pod_that_goes() -> None:
    service = orders(Canary(), resilience=Resilience(timeout_seconds=120))

    pod = rollout(service).fields["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > 120
