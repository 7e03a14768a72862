"""Argo CD stops syncing into a cluster that is drained, and goes on elsewhere."""

from modules.core.fleet import Delivered
from modules.core.gitops import ENVIRONMENT_LABEL, REGION_LABEL, Delivery, GitRepository, Sync
from modules.kubernetes.argo_cd.application_set import application_set

import pytest

from ekp.cluster import suspend as suspending
from ekp.cluster.kinds import APPLICATION, APPLICATION_SET
from ekp.cluster.session import Session
from ekp.cluster.suspend import suspend
from tests.support.tenants import tenancy, tenant

from .conftest import cluster_at, connect
from .double import Double, Json

AUTOMATED = {"automated": {"prune": True, "selfHeal": True}, "retry": {"limit": 2}}
REPOSITORY = GitRepository(url="https://git.example.org/shop/services.git")
REGIONS = ("eu-west-1", "us-east-1")


def application(
    double: Double, name: str, destination: Json, *, made_by: Json | None = None
) -> Json:
    return double.add(
        APPLICATION,
        name,
        namespace="argocd",
        owner=(APPLICATION_SET, made_by) if made_by else None,
        spec={"destination": destination, "syncPolicy": dict(AUTOMATED)},
    )


def delivered(hub: Double, environment: str, *, waves: bool = False) -> Json:
    """Add the set of the namespace shop, as the layer writes it."""
    how = {"sync": Sync.WAVES, "waves": tuple((one,) for one in REGIONS)} if waves else {}
    shop = tenancy(tenant(), environment)
    here = Delivered(
        environment=environment,
        regions=REGIONS,
        tenancies=(shop,),
        delivery=Delivery(repository=REPOSITORY, **how),
        networks=(),
    )
    written = application_set(shop, "shop", here)
    return hub.add(
        APPLICATION_SET, written.name, namespace="argocd", spec=written.as_dict()["spec"]
    )


class Sets:
    """Argo CD 3.4.4's controller with the policy create-update, which no set may override."""

    def __call__(self, double: Double) -> None:
        for one in double.of(APPLICATION_SET):
            for region in REGIONS:
                if self.selects(one, region):
                    self.write(double, one, region)

    def selects(self, one: Json, region: str) -> bool:
        (generator,) = one["spec"]["generators"]
        asked = generator["clusters"]["selector"]["matchExpressions"]
        assert {each["operator"] for each in asked} <= {"In", "NotIn"}
        return all((region in each["values"]) == (each["operator"] == "In") for each in asked)

    def write(self, double: Double, one: Json, region: str) -> None:
        labels = one["spec"]["template"]["metadata"]["labels"] | {REGION_LABEL: region}
        environment = labels[ENVIRONMENT_LABEL]
        name = f"{environment}-{region}-shop"
        spec = one["spec"]["template"]["spec"]
        spec = spec | {"destination": {"name": f"{environment}-{region}", "namespace": "shop"}}
        spec["syncPolicy"] = dict(spec["syncPolicy"])
        there = double.objects.get((APPLICATION, "argocd", name))
        if there is not None:
            there["spec"] = spec
            return
        double.add(
            APPLICATION,
            name,
            namespace="argocd",
            metadata={"labels": labels},
            owner=(APPLICATION_SET, one),
            spec=spec,
        )


def synced(double: Double) -> list[str]:
    return [
        one["metadata"]["name"]
        for one in double.of(APPLICATION)
        if "automated" in one["spec"]["syncPolicy"]
    ]


def under_way(double: Double, name: str, phase: str) -> Json:
    one = application(double, name, {"name": "in-cluster"})
    one |= {"operation": {"sync": {}}, "status": {"operationState": {"phase": phase}}}
    return one


@pytest.mark.parametrize(
    "destination",
    [
        {"server": "https://kubernetes.default.svc", "namespace": "shop"},
        {"name": "in-cluster"},
    ],
)
def test_an_application_of_the_cluster_itself_is_not_synced_any_more(
    destination: Json, double: Double, session: Session
) -> None:
    one = application(double, "shop", destination)

    suspend(session, session.api, session.api.cluster)

    assert one["spec"]["syncPolicy"] == {"retry": {"limit": 2}}
    assert session.left == []


def test_the_labels_are_those_that_applications_are_given() -> None:
    assert (suspending.ENVIRONMENT, suspending.REGION) == (ENVIRONMENT_LABEL, REGION_LABEL)


@pytest.mark.parametrize("waves", [False, True])
def test_on_the_hub_the_region_of_the_drained_cluster_alone_is_not_brought_any_more(
    *, waves: bool, hub: Double, session: Session
) -> None:
    for environment in ("dev", "prod"):
        delivered(hub, environment, waves=waves)
    hub.controllers.append(Sets())

    argo = connect(cluster_at(hub, "hub"))
    suspend(session, argo, session.api.cluster)
    argo.all(APPLICATION)  # the controller has its turn once more

    assert synced(hub) == ["dev-us-east-1-shop", "prod-eu-west-1-shop", "prod-us-east-1-shop"]
    # First the set, which would switch the sync on again; then nothing more is needed.
    assert [call.rpartition("/")[2] for call in hub.calls] == ["dev-shop", "dev-eu-west-1-shop"]


def test_a_set_asks_for_what_it_asked_for_before_and_for_another_region(
    hub: Double, session: Session
) -> None:
    one = delivered(hub, "dev")

    suspend(session, connect(cluster_at(hub, "hub")), session.api.cluster)

    (generator,) = one["spec"]["generators"]
    assert generator["clusters"]["selector"] == {
        "matchLabels": {"ekp/environment": "dev"},
        "matchExpressions": [
            {"key": "ekp/region", "operator": "In", "values": [*REGIONS]},
            {"key": "ekp/region", "operator": "NotIn", "values": ["eu-west-1"]},
        ],
    }
    assert generator["clusters"]["values"]


def test_applications_of_other_peoples_sets_are_known_by_the_address_they_lead_to(
    double: Double, hub: Double, session: Session
) -> None:
    both = hub.add(APPLICATION_SET, "shop", namespace="argocd", spec={"template": {}})
    other = hub.add(APPLICATION_SET, "bank", namespace="argocd", spec={})
    application(hub, "shop-dev", {"server": f"{double.url}/"}, made_by=both)
    application(hub, "shop-prod", {"server": "https://prod.example"}, made_by=both)
    application(hub, "bank-prod", {"name": "prod-eu-west-1"}, made_by=other)
    application(hub, "argo-cd", {"server": "https://kubernetes.default.svc"})

    suspend(session, connect(cluster_at(hub, "hub")), session.api.cluster)

    assert synced(hub) == ["shop-prod", "bank-prod", "argo-cd"]
    assert both["spec"]["syncPolicy"] == {"applicationsSync": "create-only"}
    assert other["spec"] == {}


def test_what_is_kept_back_on_the_hub_is_told_with_the_way_back(
    hub: Double, session: Session
) -> None:
    delivered(hub, "dev")
    hub.controllers.append(Sets())

    suspend(session, connect(cluster_at(hub, "hub")), session.api.cluster)

    assert [one.what for one in session.left] == [
        "Applications on hub",
        "ApplicationSet argocd/dev-shop on hub",
    ]
    assert "argocd/dev-eu-west-1-shop" in session.left[0].why
    assert "take ekp/region NotIn eu-west-1 out" in session.left[1].why


def test_whoever_switches_sync_on_again_is_answered_and_told(
    double: Double, session: Session
) -> None:
    def root(api: Double) -> None:
        for one in api.of(APPLICATION):
            one["spec"]["syncPolicy"] = dict(AUTOMATED)

    application(double, "shop", {"name": "in-cluster"})
    double.controllers.append(root)

    suspend(session, session.api, session.api.cluster)

    (left,) = session.left
    assert "somebody switches sync on again for argocd/shop" in left.why


def test_what_is_written_once_more_just_after_the_change_is_put_right(
    double: Double, session: Session
) -> None:
    late = [1]

    def writes_late(api: Double) -> None:
        if api.calls and late:
            late.pop()
            api.of(APPLICATION)[0]["spec"]["syncPolicy"] = dict(AUTOMATED)

    application(double, "shop", {"name": "in-cluster"})
    double.controllers.append(writes_late)

    suspend(session, session.api, session.api.cluster)

    assert not late
    assert synced(double) == []
    assert session.left == []


def test_a_sync_under_way_is_ended_and_one_that_has_not_begun_is_withdrawn(
    double: Double, session: Session
) -> None:
    running, asked = under_way(double, "a", "Running"), under_way(double, "b", "Succeeded")
    ending = under_way(double, "c", "Terminating")

    suspend(session, session.api, session.api.cluster)

    assert running["status"]["operationState"]["phase"] == "Terminating"
    # Argo CD takes the operation away itself once it has cleaned up.
    assert "operation" in running
    assert "operation" in ending
    assert "operation" not in asked
    assert asked["status"]["operationState"]["phase"] == "Succeeded"


def test_what_is_suspended_already_is_left_as_it_is(hub: Double, session: Session) -> None:
    made_by = hub.add(APPLICATION_SET, "shop", namespace="argocd", spec={})
    application(hub, "shop", {"server": session.api.cluster.endpoint}, made_by=made_by)
    delivered(hub, "dev")
    argo = connect(cluster_at(hub, "hub"))

    suspend(session, argo, session.api.cluster)
    before = [*hub.calls]
    suspend(session, argo, session.api.cluster)

    assert len(before) == 3
    assert hub.calls == before


def test_without_argo_cd_nothing_is_changed(double: Double, session: Session) -> None:
    suspend(session, session.api, session.api.cluster)

    assert double.calls == []
