"""EBS volumes of claims: their data is deleted with the environment, and so are they."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from . import kinds
from .kinds import (
    ALERTMANAGER,
    CLAIM,
    CRON_JOB,
    DEPLOYMENT,
    JOB,
    POD,
    PROMETHEUS,
    REPLICA_SET,
    ROLLOUT,
    STATEFUL_SET,
    STORAGE_CLASS,
    THANOS_RULER,
    VOLUME,
    Kind,
    Object,
)
from .session import Found, Left, Session

DRIVER = "ebs.csi.aws.com"
NO_PODS: Mapping[str, Any] = MappingProxyType({"replicas": 0})
SUSPENDED: Mapping[str, Any] = MappingProxyType({"suspend": True})
# What makes pods -> the change after which it makes none. All from the highest owner down are
# changed: the Prometheus operator would scale its StatefulSet up again, and a CronJob that is
# suspended leaves its Job running.
MAKERS: Mapping[Kind, Mapping[str, Any]] = {
    DEPLOYMENT: NO_PODS,
    REPLICA_SET: NO_PODS,
    STATEFUL_SET: NO_PODS,
    ROLLOUT: NO_PODS,
    PROMETHEUS: NO_PODS,
    ALERTMANAGER: NO_PODS,
    THANOS_RULER: NO_PODS,
    JOB: SUSPENDED,
    CRON_JOB: SUSPENDED,
}
ENDED = {"Succeeded", "Failed"}
NAMED = {(one.group, one.name): one for one in MAKERS}


def remove_volumes(session: Session) -> None:
    """Stop what uses EBS volumes, delete their claims, and wait until AWS has deleted them.

    Volumes that are to be retained, and those of other drivers, are left and named.
    """
    volumes = session.api.all(VOLUME)
    doomed = [one for one in volumes if _deleted_with_claim(one)]
    session.left.extend(_kept(one) for one in volumes if not _deleted_with_claim(one))
    claims = _claims(session, doomed)
    if not doomed and not claims:
        return
    _stop(session, {kinds.where(claim) for claim in claims})
    session.delete(
        "EBS volumes and the data in them",
        [(CLAIM, one) for one in claims],
        following=[(VOLUME, one) for one in doomed],
        seconds=session.limits.volumes_seconds,
        remedy="Look at `kubectl -n kube-system logs deployment/ebs-csi-controller`; a claim is"
        " held while a pod uses it, a volume until EC2 has deleted it. Then run the command again.",
    )


def _deleted_with_claim(volume: Object) -> bool:
    spec = volume["spec"]
    own = (spec.get("csi") or {}).get("driver") == DRIVER
    # One that was never claimed is nobody's to delete.
    return own and "claimRef" in spec and spec.get("persistentVolumeReclaimPolicy") == "Delete"


def _kept(volume: Object) -> Left:
    spec = volume["spec"]
    source = spec.get("csi") or {}
    claim = spec.get("claimRef")
    of = f"claim {claim['namespace']}/{claim['name']}" if claim else "no claim"
    return Left(
        kinds.label(VOLUME, volume),
        f"{source.get('volumeHandle', 'its storage')} ({source.get('driver', 'no CSI driver')},"
        f" {of}) is kept ({spec.get('persistentVolumeReclaimPolicy')}): delete it in AWS when"
        " nobody needs its data",
    )


def _claims(session: Session, doomed: Iterable[Object]) -> list[Object]:
    """The claims of these volumes, and those that would get such a volume yet."""
    classes = {
        one["metadata"]["name"]
        for one in session.api.all(STORAGE_CLASS)
        if one.get("provisioner") == DRIVER and one.get("reclaimPolicy", "Delete") == "Delete"
    }
    names = {one["metadata"]["name"] for one in doomed}
    return [
        claim
        for claim in session.api.all(CLAIM)
        if claim["spec"].get("volumeName") in names
        or (
            not claim["spec"].get("volumeName") and claim["spec"].get("storageClassName") in classes
        )
    ]


def _stop(session: Session, claims: set[tuple[str, str]]) -> None:
    users = [one for one in session.api.all(POD) if _uses(one, claims)]
    makers: dict[str, Found] = {}
    for pod in users:
        makers.update({kinds.uid(body): (kind, body) for kind, body in _makers(session, pod)})
    if users:
        session.tell("stops what uses EBS volumes", len(users))
    for kind, body in makers.values():
        change = MAKERS[kind]
        if any(body["spec"].get(name) != value for name, value in change.items()):
            session.api.patch(kind, body, {"spec": dict(change)})
    session.wait(
        "pods that use EBS volumes",
        [(POD, one) for one in users],
        seconds=session.limits.pods_seconds,
        remedy="Delete what makes these pods (a bare pod, a DaemonSet or an operator of your own"
        " cannot be scaled to nothing), then run the command again.",
    )


def _uses(pod: Object, claims: set[tuple[str, str]]) -> bool:
    namespace, name = kinds.where(pod)
    if (pod.get("status") or {}).get("phase") in ENDED:
        return False
    return any((namespace, claim) in claims for claim in _named(pod, name))


def _named(pod: Object, name: str) -> Iterator[str]:
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            yield volume["persistentVolumeClaim"]["claimName"]
        elif "ephemeral" in volume:  # its claim is named after pod and volume
            yield f"{name}-{volume['name']}"


def _makers(session: Session, body: Object) -> Iterator[Found]:
    """What is known to make pods and made this, the highest first."""
    for owner in kinds.owners(body):
        kind = NAMED.get((owner["apiVersion"].rpartition("/")[0], owner["kind"]))
        above = session.api.find(kind, kinds.where(body)[0], owner["name"]) if kind else None
        if kind and above:
            yield from _makers(session, above)
            yield kind, above
