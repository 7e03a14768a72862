"""Argo CD: what it would make anew in a cluster that is drained is not synced any more."""

from collections.abc import Iterator

from . import kinds
from .connect import Api
from .contract import Cluster
from .kinds import APPLICATION, APPLICATION_SET, Object
from .session import Left, Session

INSIDE = {
    ("server", "https://kubernetes.default.svc"),
    ("name", "in-cluster"),
}
CREATE_ONLY = "create-only"


def suspend(session: Session, argo: Api, cluster: Cluster) -> None:
    """Switch automatic sync off for the Applications of ``cluster`` in the Argo CD behind ``argo``.

    An ApplicationSet would switch it on again: the sets that made them go on making Applications
    and leave those that exist alone. Applications of other clusters keep their sync.
    """
    inside = argo.cluster.endpoint == cluster.endpoint
    found = [one for one in argo.all(APPLICATION) if _destined(one, cluster, inside=inside)]
    if not found:
        return
    session.tell(f"suspends Argo CD on {argo.cluster.name}", len(found))
    makers = {owner["uid"] for one in found for owner in kinds.owners(one)}
    sets = [one for one in argo.all(APPLICATION_SET) if kinds.uid(one) in makers]
    for one in sets:
        if (one["spec"].get("syncPolicy") or {}).get("applicationsSync") != CREATE_ONLY:
            change = {"spec": {"syncPolicy": {"applicationsSync": CREATE_ONLY}}}
            argo.patch(APPLICATION_SET, one, change)
    for count, one in enumerate(found, start=1):
        if (one["spec"].get("syncPolicy") or {}).get("automated") is not None:
            argo.patch(APPLICATION, one, {"spec": {"syncPolicy": {"automated": None}}})
        session.done(count)
    if not inside:
        session.left.extend(_kept_back(argo, found, sets))


def _destined(application: Object, cluster: Cluster, *, inside: bool) -> bool:
    wanted = {("server", cluster.endpoint.lower()), ("name", cluster.name)}
    destination = application["spec"].get("destination") or {}
    given = {
        ("server", str(destination.get("server", "")).rstrip("/").lower()),
        ("name", destination.get("name")),
    }
    return bool(given & (wanted | INSIDE if inside else wanted))


def _kept_back(argo: Api, applications: list[Object], sets: list[Object]) -> Iterator[Left]:
    names = ", ".join("/".join(kinds.where(one)) for one in applications)
    yield Left(
        f"Applications on {argo.cluster.name}",
        f"automatic sync is off for {names}: remove them from Git, or set"
        " spec.syncPolicy.automated again when the cluster comes back",
    )
    for one in sets:
        yield Left(
            f"{kinds.label(APPLICATION_SET, one)} on {argo.cluster.name}",
            "only makes Applications and changes none: set spec.syncPolicy.applicationsSync back"
            " when the cluster is gone from it",
        )
