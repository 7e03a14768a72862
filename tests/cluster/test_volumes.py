"""EBS volumes of claims go with what uses them; what is to be retained is named and kept."""

import pytest

from ekp.cluster.errors import NotDrainedError
from ekp.cluster.kinds import (
    CLAIM,
    CRON_JOB,
    DEPLOYMENT,
    JOB,
    POD,
    PROMETHEUS,
    REPLICA_SET,
    STATEFUL_SET,
    STORAGE_CLASS,
    VOLUME,
)
from ekp.cluster.session import Session
from ekp.cluster.volumes import remove_volumes

from .conftest import Clock
from .controllers import add_pod, add_volume, kubernetes, prometheus_operator
from .double import Double


def test_a_claim_of_a_running_stateful_set_goes_once_its_pods_are_stopped(
    double: Double, session: Session
) -> None:
    double.controllers.append(kubernetes)
    vault = double.add(STATEFUL_SET, "vault", namespace="data", spec={"replicas": 3})
    add_volume(double, "data-vault-0", used_by=(STATEFUL_SET, vault))

    remove_volumes(session)

    assert vault["spec"]["replicas"] == 0
    assert double.of(CLAIM) == double.of(VOLUME) == double.of(POD) == []
    assert double.calls == [
        "PATCH /apis/apps/v1/namespaces/data/statefulsets/vault",
        "DELETE /api/v1/namespaces/data/persistentvolumeclaims/data-vault-0",
    ]


def test_the_owner_of_a_stateful_set_is_scaled_before_it(double: Double, session: Session) -> None:
    double.controllers += [prometheus_operator, kubernetes]
    above = double.add(PROMETHEUS, "k8s", namespace="data", spec={"replicas": 2})
    made = double.add(
        STATEFUL_SET, "prom", namespace="data", owner=(PROMETHEUS, above), spec={"replicas": 2}
    )
    add_volume(double, "db-prom-0", used_by=(STATEFUL_SET, made))

    remove_volumes(session)

    assert double.of(VOLUME) == []
    assert (
        double.calls[0] == "PATCH /apis/monitoring.coreos.com/v1/namespaces/data/prometheuses/k8s"
    )


def test_what_makes_pods_is_stopped_in_its_own_way(double: Double, session: Session) -> None:
    web = double.add(DEPLOYMENT, "web", namespace="data", spec={"replicas": 1})
    made = double.add(
        REPLICA_SET, "web-1", namespace="data", owner=(DEPLOYMENT, web), spec={"replicas": 1}
    )
    nightly = double.add(CRON_JOB, "nightly", namespace="data", spec={"suspend": False})
    job = double.add(JOB, "nightly-1", namespace="data", owner=(CRON_JOB, nightly), spec={})
    stopped = double.add(JOB, "once", namespace="data", spec={"suspend": True})
    add_volume(double, "a", used_by=(REPLICA_SET, made))
    add_volume(double, "b", used_by=(JOB, job))
    add_volume(double, "c", used_by=(JOB, stopped))

    with pytest.raises(NotDrainedError):
        remove_volumes(session)

    assert web["spec"] == made["spec"] == {"replicas": 0}
    assert nightly["spec"] == job["spec"] == {"suspend": True}
    assert [call.rpartition("/")[2] for call in double.calls] == [
        "web",
        "web-1",
        "nightly",
        "nightly-1",
    ]


def test_volumes_to_retain_and_of_other_drivers_are_kept_and_named(
    double: Double, session: Session
) -> None:
    double.controllers.append(kubernetes)
    add_volume(double, "audit", policy="Retain")
    add_volume(double, "shared", driver="efs.csi.aws.com")
    double.add(
        VOLUME,
        "spare",
        spec={
            "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "vol-spare"},
            "persistentVolumeReclaimPolicy": "Delete",
        },
    )

    remove_volumes(session)

    assert double.calls == []
    assert [one.what for one in session.left] == [
        "PersistentVolume pv-audit",
        "PersistentVolume pv-shared",
        "PersistentVolume spare",
    ]
    assert "vol-audit (ebs.csi.aws.com, claim data/audit) is kept (Retain)" in session.left[0].why
    assert "no claim" in session.left[2].why


def test_a_claim_that_waits_for_its_volume_goes_too(double: Double, session: Session) -> None:
    double.controllers.append(kubernetes)
    for name, provisioner, policy in (
        ("gp3", "ebs.csi.aws.com", "Delete"),
        ("gp3-retain", "ebs.csi.aws.com", "Retain"),
        ("efs", "efs.csi.aws.com", "Delete"),
    ):
        double.add(STORAGE_CLASS, name, provisioner=provisioner, reclaimPolicy=policy)
        double.add(CLAIM, f"on-{name}", namespace="data", spec={"storageClassName": name})

    remove_volumes(session)

    assert double.names(CLAIM) == ["on-gp3-retain", "on-efs"]


def test_a_pod_that_nothing_can_scale_is_named(
    double: Double, session: Session, clock: Clock
) -> None:
    add_volume(double, "own")
    add_pod(double, "bare", "own")
    add_pod(double, "done", "own", phase="Succeeded")
    add_pod(double, "elsewhere", "own", namespace="other")

    with pytest.raises(NotDrainedError) as caught:
        remove_volumes(session)

    assert "Pod data/bare" in caught.value.message
    assert "done" not in caught.value.message
    assert "other/elsewhere" not in caught.value.message
    assert "a bare pod" in caught.value.remedy
    assert double.calls == []
    assert clock.now == session.limits.pods_seconds


def test_the_claim_of_a_pods_own_volume_is_known_by_its_name(
    double: Double, session: Session
) -> None:
    add_volume(double, "worker-scratch")
    volumes = [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}]
    double.add(POD, "worker", namespace="data", spec={"volumes": volumes})

    with pytest.raises(NotDrainedError, match="Pod data/worker"):
        remove_volumes(session)


def test_an_owner_that_is_gone_or_unknown_ends_the_way_up(double: Double, session: Session) -> None:
    double.controllers.append(kubernetes)
    gone = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "uid": "u"}}
    strange = {"apiVersion": "db.example/v1", "kind": "Database", "metadata": gone["metadata"]}
    replicas = double.add(
        REPLICA_SET, "rs", namespace="data", owner=(DEPLOYMENT, gone), spec={"replicas": 1}
    )
    db = double.add(
        STATEFUL_SET, "db", namespace="data", owner=(DEPLOYMENT, strange), spec={"replicas": 1}
    )
    add_volume(double, "a", used_by=(REPLICA_SET, replicas))
    add_volume(double, "b", used_by=(STATEFUL_SET, db))

    with pytest.raises(NotDrainedError, match="Pod data/pod-a"):
        remove_volumes(session)

    assert replicas["spec"] == db["spec"] == {"replicas": 0}
    assert double.names(POD) == ["pod-a"]


def test_a_volume_that_ec2_does_not_delete_is_named_with_its_reason(
    double: Double, session: Session
) -> None:
    volume = add_volume(double, "own")
    volume["status"] = {"phase": "Failed", "message": "VolumeInUse: vol-own is attached"}
    del double.objects[CLAIM, "data", "own"]

    with pytest.raises(NotDrainedError, match="pv-own: VolumeInUse") as caught:
        remove_volumes(session)

    assert "ebs-csi-controller" in caught.value.remedy
    assert double.calls == []
