"""Argo CD: what it would make anew in a cluster that is drained is not synced any more."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import kinds
from .connect import Api
from .contract import Cluster
from .kinds import APPLICATION, APPLICATION_SET, Object
from .session import Left, Session

# As in modules/core/gitops.py, which is not read here: a test holds them together.
ENVIRONMENT, REGION = "ekp/environment", "ekp/region"
INSIDE = {
    ("server", "https://kubernetes.default.svc"),
    ("name", "in-cluster"),
}
CREATE_ONLY = "create-only"
LOOKS = 3
_GENERATORS = threading.Lock()  # a change writes the list whole, and regions are drained at once


def suspend(session: Session, argo: Api, cluster: Cluster) -> None:
    """Switch sync off for the Applications of ``cluster`` in the Argo CD behind ``argo``.

    They are known by the labels that the layer ``tenants`` gives them: names of clusters in Argo CD
    are people's. Applications of other clusters keep their sync.

    The ApplicationSets that made them would switch it on again, so those of ``cluster``'s
    environment leave its region out; what they made stays. Their own ``applicationsSync`` says
    nothing where the controller has a policy (Argo CD 3.4.4, ``applicationset/utils/policy.go``).
    Sets of others get it all the same. Whether it all holds is looked at once more.
    """
    inside = argo.cluster.endpoint == cluster.endpoint
    found = _applications(argo, cluster, inside=inside)
    sets = _sets(argo, cluster, found)
    if not (found or sets):
        return
    session.tell(f"suspends Argo CD on {argo.cluster.name}", len(found))
    _leave_out(argo, cluster, [kinds.uid(one) for one in sets])
    for count, one in enumerate(found, start=1):
        _stop(argo, one)
        session.done(count)
    session.left.extend(_come_back(session, argo, cluster, inside=inside))
    if not inside:
        session.left.extend(_kept_back(argo, cluster, found, sets))


def _applications(argo: Api, cluster: Cluster, *, inside: bool) -> list[Object]:
    return [one for one in argo.all(APPLICATION) if _destined(one, cluster, inside=inside)]


def _destined(application: Object, cluster: Cluster, *, inside: bool) -> bool:
    labels = application["metadata"].get("labels") or {}
    if (labels.get(ENVIRONMENT), labels.get(REGION)) == (cluster.environment, cluster.region):
        return True
    destination = application["spec"].get("destination") or {}
    given = {
        ("server", str(destination.get("server", "")).rstrip("/").lower()),
        ("name", destination.get("name")),
    }
    wanted = {("server", cluster.endpoint.lower())}
    return bool(given & (wanted | INSIDE if inside else wanted))


def _sets(argo: Api, cluster: Cluster, applications: Sequence[Object]) -> list[Object]:
    makers = {owner["uid"] for one in applications for owner in kinds.owners(one)}
    return [
        one
        for one in argo.all(APPLICATION_SET)
        if kinds.uid(one) in makers or _is_of(one, cluster.environment)
    ]


def _is_of(application_set: Object, environment: str) -> bool:
    """Whether a set makes Applications of that environment alone, one a region."""
    metadata = (application_set["spec"].get("template") or {}).get("metadata") or {}
    return (metadata.get("labels") or {}).get(ENVIRONMENT) == environment


def _leave_out(argo: Api, cluster: Cluster, uids: Sequence[str]) -> None:
    with _GENERATORS:
        for one in argo.all(APPLICATION_SET):
            if kinds.uid(one) not in uids:
                continue
            change = _change_of(one, cluster)
            if change:
                argo.patch(APPLICATION_SET, one, {"spec": change})


def _change_of(application_set: Object, cluster: Cluster) -> Mapping[str, Any]:
    spec = application_set["spec"]
    if _is_of(application_set, cluster.environment):
        before = spec.get("generators") or []
        after = [_without(one, cluster.region) for one in before]
        return {} if after == before else {"generators": after}
    policy = spec.get("syncPolicy") or {}
    if policy.get("applicationsSync") == CREATE_ONLY:
        return {}
    return {"syncPolicy": {"applicationsSync": CREATE_ONLY}}


def _without(generator: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    if "clusters" not in generator:
        return generator
    clusters = generator["clusters"] or {}
    selector = clusters.get("selector") or {}
    asked = selector.get("matchExpressions") or []
    other = {"key": REGION, "operator": "NotIn", "values": [region]}
    if other in asked:
        return generator
    selector = {**selector, "matchExpressions": [*asked, other]}
    return {**generator, "clusters": {**clusters, "selector": selector}}


def _stop(argo: Api, application: Object) -> bool:
    """Stop what is on; whether anything was.

    A sync under way is tried again whatever the policy says by then, without end if its ``retry``
    says so (Argo CD 3.4.4, ``controller/appcontroller.go``, ``processRequestedAppOperation``).
    """
    change: dict[str, Any] = {}
    automated = (application["spec"].get("syncPolicy") or {}).get("automated")
    # Where waves are on, the set starts syncs itself and writes `enabled: false`.
    if automated is not None and automated.get("enabled") is not False:
        change["spec"] = {"syncPolicy": {"automated": None}}
    if application.get("operation") is not None:
        state = (application.get("status") or {}).get("operationState") or {}
        if state.get("phase") == "Running":
            change["status"] = {"operationState": {"phase": "Terminating"}}
        elif state.get("phase") != "Terminating":
            change["operation"] = None  # asked for, and not begun
    if change:
        argo.patch(APPLICATION, application, change)
    return bool(change)


def _come_back(session: Session, argo: Api, cluster: Cluster, *, inside: bool) -> Iterator[Left]:
    """Look whether somebody switches sync on again, such as an Application of Applications.

    A set that was about to write when it was changed writes once more; that is put right.
    """
    again: list[Object] = []
    for _ in range(LOOKS):
        session.sleep(session.limits.interval_seconds)
        found = _applications(argo, cluster, inside=inside)
        again = [one for one in found if _stop(argo, one)]
        if not again:
            return
    yield Left(
        f"Applications on {argo.cluster.name}",
        f"somebody switches sync on again for {_names(again)}: Argo CD may still deploy to"
        f" {cluster.name}; find who writes spec.syncPolicy.automated or operation there",
    )


def _kept_back(
    argo: Api, cluster: Cluster, applications: Sequence[Object], sets: Sequence[Object]
) -> Iterator[Left]:
    if applications:
        yield Left(
            f"Applications on {argo.cluster.name}",
            f"sync is off for {_names(applications)}: delete them, or leave them for when the"
            " cluster comes back",
        )
    for one in sets:
        what = f"{kinds.label(APPLICATION_SET, one)} on {argo.cluster.name}"
        if _is_of(one, cluster.environment):
            yield Left(
                what,
                f"leaves {cluster.region} out: when the cluster is back and Argo CD's Secret of it"
                f" is new, take {REGION} NotIn {cluster.region} out of the matchExpressions of"
                " spec.generators, which also switches sync on again",
            )
        else:
            yield Left(
                what,
                "only makes Applications and changes none: set spec.syncPolicy.applicationsSync"
                " back when the cluster is gone from it",
            )


def _names(found: Sequence[Object]) -> str:
    return ", ".join("/".join(kinds.where(one)) for one in found)
