"""Argo CD stops syncing into a cluster that is drained, and goes on elsewhere."""

import pytest

from ekp.cluster.kinds import APPLICATION, APPLICATION_SET
from ekp.cluster.session import Session
from ekp.cluster.suspend import suspend

from .conftest import cluster_at, connect
from .double import Double, Json

AUTOMATED = {"automated": {"prune": True, "selfHeal": True}, "retry": {"limit": 2}}


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


def synced(double: Double) -> list[str]:
    return [
        one["metadata"]["name"]
        for one in double.of(APPLICATION)
        if "automated" in one["spec"]["syncPolicy"]
    ]


@pytest.mark.parametrize(
    "destination",
    [
        {"server": "https://kubernetes.default.svc", "namespace": "shop"},
        {"name": "in-cluster"},
        {"name": "ekp-dev-euw1-eks"},
    ],
)
def test_an_application_of_the_cluster_itself_is_not_synced_any_more(
    destination: Json, double: Double, session: Session
) -> None:
    one = application(double, "shop", destination)

    suspend(session, session.api, session.api.cluster)

    assert one["spec"]["syncPolicy"] == {"retry": {"limit": 2}}
    assert session.left == []


def test_on_the_hub_only_applications_of_the_drained_cluster_are_touched(
    double: Double, hub: Double, session: Session
) -> None:
    both = hub.add(APPLICATION_SET, "shop", namespace="argocd", spec={"template": {}})
    other = hub.add(APPLICATION_SET, "bank", namespace="argocd", spec={})
    application(hub, "shop-dev", {"server": f"{double.url}/"}, made_by=both)
    application(hub, "shop-prod", {"server": "https://prod.example"}, made_by=both)
    application(hub, "bank-prod", {"name": "ekp-prod-euw1-eks"}, made_by=other)
    application(hub, "argo-cd", {"server": "https://kubernetes.default.svc"})

    suspend(session, connect(cluster_at(hub, "hub")), session.api.cluster)

    assert synced(hub) == ["shop-prod", "bank-prod", "argo-cd"]
    assert both["spec"]["syncPolicy"] == {"applicationsSync": "create-only"}
    assert other["spec"] == {}
    # First the set, which would switch the sync on again.
    assert [call.rpartition("/")[2] for call in hub.calls] == ["shop", "shop-dev"]


def test_what_is_kept_back_on_the_hub_is_told(
    double: Double, hub: Double, session: Session
) -> None:
    made_by = hub.add(APPLICATION_SET, "shop", namespace="argocd", spec={})
    application(hub, "shop-dev", {"server": double.url}, made_by=made_by)

    suspend(session, connect(cluster_at(hub, "hub")), session.api.cluster)

    assert [one.what for one in session.left] == [
        "Applications on hub",
        "ApplicationSet argocd/shop on hub",
    ]
    assert "argocd/shop-dev" in session.left[0].why


def test_what_is_suspended_already_is_left_as_it_is(double: Double, session: Session) -> None:
    made_by = double.add(APPLICATION_SET, "shop", namespace="argocd", spec={})
    application(double, "shop", {"name": "in-cluster"}, made_by=made_by)

    suspend(session, session.api, session.api.cluster)
    before = [*double.calls]
    suspend(session, session.api, session.api.cluster)

    assert before
    assert double.calls == before


def test_without_argo_cd_nothing_is_changed(double: Double, session: Session) -> None:
    suspend(session, session.api, session.api.cluster)

    assert double.calls == []
