"""What a run does with clusters: probe once, drain once, tell what stays."""

from functools import partial

import pytest

from ekp.cluster.connect import Api
from ekp.cluster.contract import Cluster
from ekp.cluster.errors import ForbiddenError, NoClusterError, NotDrainedError
from ekp.cluster.hooks import Drain, Probe
from ekp.cluster.kinds import APPLICATION, TARGET_GROUP_BINDING
from ekp.cluster.session import Session
from ekp.runner.errors import InterruptedRunError, TerraformFailedError

from .conftest import Clock, connect, drain_of
from .controllers import FINALIZER, LoadBalancers, add_volume
from .double import TOKEN, Double, Json
from .stacks import Known, helm, published, run_over, stack

CLUSTER = stack("dev-cluster")
PLATFORM = stack("dev-platform", reads={"cluster": "dev-cluster"}, provider=helm())
TENANTS = stack("dev-tenants", reads={"cluster": "dev-cluster"}, provider=helm())
OWN = stack("management-cluster")
HUB = stack(
    "management-tenants",
    reads={"cluster": "management-cluster"},
    provider=helm(),
    delivers=("dev", "qa"),
)
REVIEW = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def drain_hook(clock: Clock) -> Drain:
    def session(api: Api) -> Session:
        return drain_of(api, clock)

    return Drain(connect, session=session)


@pytest.fixture
def upstreams(double: Double) -> Known:
    stacks = {one.id: one for one in (CLUSTER, PLATFORM, TENANTS)}
    return Known(stacks, {"dev-cluster": published(double)})


def test_a_cluster_is_probed_once_and_only_for_stacks_with_helm(
    double: Double, upstreams: Known
) -> None:
    run, recorder = run_over(CLUSTER, PLATFORM, TENANTS)
    probe = Probe(connect)

    probe(run, CLUSTER, upstreams)
    assert double.requests == []
    for one in (PLATFORM, TENANTS, PLATFORM):
        probe(run, one, upstreams)

    assert double.requests == [REVIEW]
    assert recorder.steps[0] == ("dev-platform", "reaches the Kubernetes API")


def test_a_probe_that_fails_fails_every_stack_of_the_cluster(
    double: Double, upstreams: Known
) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, TENANTS)
    double.allowed = False
    probe = Probe(connect, destroying=True)

    for one in (PLATFORM, TENANTS):
        with pytest.raises(ForbiddenError) as caught:
            probe(run, one, upstreams)
        assert caught.value.remedy.count("--skip-drain") == 1

    assert double.requests == [REVIEW]


def test_a_probe_needs_the_clusters_contract() -> None:
    run, _ = run_over(PLATFORM)

    with pytest.raises(NoClusterError):
        Probe(connect)(run, PLATFORM, Known(run.stacks))


def test_a_cluster_is_drained_once_and_what_stays_is_told_once(
    double: Double, upstreams: Known, clock: Clock
) -> None:
    run, recorder = run_over(CLUSTER, PLATFORM, TENANTS)
    double.controllers.append(LoadBalancers())
    double.add(TARGET_GROUP_BINDING, "http", namespace="x", finalizers=(FINALIZER,))
    add_volume(double, "audit", policy="Retain")
    drain = drain_hook(clock)

    assert drain(run, CLUSTER, upstreams) == ()
    (first,) = drain(run, TENANTS, upstreams)
    asked = len(double.requests)
    assert drain(run, PLATFORM, upstreams) == ()

    assert len(double.requests) == asked
    assert double.requests.count(f"GET {APPLICATION.path()}") == 1
    assert first.address == "PersistentVolume pv-audit"
    assert "vol-audit" in first.look_for
    assert ("dev-tenants", "drains: target group bindings") in recorder.steps
    assert recorder.done["dev-tenants"] == 1


def test_a_cluster_that_cannot_be_asked_is_not_drained_and_the_way_round_is_told(
    double: Double, upstreams: Known, clock: Clock
) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, TENANTS)
    double.status = 401

    with pytest.raises(NotDrainedError) as caught:
        drain_hook(clock)(run, PLATFORM, upstreams)

    assert "The cluster of dev-platform was not drained." in caught.value.message
    for word in ("access_entries", "--skip-drain", "load balancers", "network interfaces", "EBS"):
        assert word in caught.value.remedy


def test_what_does_not_go_away_is_told_with_the_way_round(
    double: Double, upstreams: Known, clock: Clock
) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, TENANTS)
    double.add(TARGET_GROUP_BINDING, "http", namespace="x", finalizers=(FINALIZER,))
    drain = drain_hook(clock)

    for one in (TENANTS, PLATFORM):
        with pytest.raises(NotDrainedError, match="TargetGroupBinding x/http") as caught:
            drain(run, one, upstreams)
        assert caught.value.remedy.count("--skip-drain") == 1

    assert clock.now == 300


def test_a_stop_of_the_run_stops_the_drain(double: Double, upstreams: Known, clock: Clock) -> None:
    run, _ = run_over(CLUSTER, PLATFORM)
    double.add(TARGET_GROUP_BINDING, "http", namespace="x", finalizers=(FINALIZER,))
    run.interrupts.request()

    with pytest.raises(InterruptedRunError):
        drain_hook(clock)(run, PLATFORM, upstreams)


def hub_application(hub: Double, environment: str = "dev") -> Json:
    name = f"{environment}-eu-west-1"
    return hub.add(
        APPLICATION,
        f"{name}-shop",
        namespace="argocd",
        metadata={"labels": {"ekp/environment": environment, "ekp/region": "eu-west-1"}},
        spec={"destination": {"name": name}, "syncPolicy": {"automated": {}}},
    )


def test_argo_cd_on_the_hub_that_brings_the_environment_is_suspended(
    double: Double, hub: Double, clock: Clock
) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, OWN, HUB)
    states = {
        "dev-cluster": published(double),
        "management-cluster": published(hub, "ekp-management-euw1-eks"),
    }
    application = hub_application(hub)

    (left,) = drain_hook(clock)(run, PLATFORM, Known(run.stacks, states))

    assert application["spec"] == {"destination": {"name": "dev-eu-west-1"}, "syncPolicy": {}}
    assert left.address == "Applications on ekp-management-euw1-eks"


def test_a_hub_that_brings_other_environments_is_not_asked(
    double: Double, hub: Double, clock: Clock
) -> None:
    other = stack(
        "management-tenants",
        reads={"cluster": "management-cluster"},
        provider=helm(),
        delivers=("prod",),
    )
    run, _ = run_over(CLUSTER, PLATFORM, OWN, other)
    states = {"dev-cluster": published(double), "management-cluster": published(hub, "hub")}

    assert drain_hook(clock)(run, PLATFORM, Known(run.stacks, states)) == ()
    assert hub.requests == []


def test_a_hub_that_does_not_answer_is_told_and_the_cluster_drained_all_the_same(
    double: Double, hub: Double, clock: Clock
) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, OWN, HUB)
    states = {"dev-cluster": published(double), "management-cluster": published(hub, "hub")}
    hub.status = 403
    double.add(TARGET_GROUP_BINDING, "http", namespace="x")

    (left,) = drain_hook(clock)(run, PLATFORM, Known(run.stacks, states))

    assert left.address == "Argo CD on hub"
    assert left.look_for.startswith("may still deploy to ekp-dev-euw1-eks: ")
    assert double.names(TARGET_GROUP_BINDING) == []


def test_a_hub_that_is_destroyed_stops_what_it_brings_to_itself_alone(
    hub: Double, clock: Clock
) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, OWN, HUB)
    own, elsewhere = hub_application(hub, "management"), hub_application(hub)

    told = drain_hook(clock)(
        run, HUB, Known(run.stacks, {"management-cluster": published(hub, "hub")})
    )

    assert told == ()
    assert own["spec"]["syncPolicy"] == {}
    assert elsewhere["spec"]["syncPolicy"] == {"automated": {}}


def test_a_hub_that_is_not_deployed_is_passed_over(double: Double, clock: Clock) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, OWN, HUB)

    known = Known(run.stacks, {"dev-cluster": published(double)})

    assert drain_hook(clock)(run, PLATFORM, known) == ()


def test_a_hub_whose_state_is_out_of_reach_is_told(double: Double, clock: Clock) -> None:
    run, _ = run_over(CLUSTER, PLATFORM, OWN, HUB)
    denied = TerraformFailedError("Access denied.", remedy="")
    known = Known(run.stacks, {"dev-cluster": published(double), "management-cluster": denied})

    (left,) = drain_hook(clock)(run, PLATFORM, known)

    assert left.address == "cluster of management-tenants"
    assert left.look_for.endswith("Access denied.")


def test_the_first_of_two_stacks_at_once_drains_and_the_other_waits(
    double: Double, upstreams: Known, clock: Clock
) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - this test alone

    run, _ = run_over(CLUSTER, PLATFORM, TENANTS)
    add_volume(double, "audit", policy="Retain")
    drain = partial(drain_hook(clock), run)

    with ThreadPoolExecutor(2) as pool:
        told = [*pool.map(lambda one: drain(one, upstreams), (PLATFORM, TENANTS))]

    assert sorted(map(len, told)) == [0, 1]


def test_a_client_is_made_for_the_cluster_with_its_own_tokens(double: Double) -> None:
    cluster = Cluster("x", "eu-west-1", double.url, double.authority, "", (), "dev")
    api = Api(cluster, token=lambda: TOKEN)

    assert api.may("create", APPLICATION)
