"""What the controllers of a cluster do, as far as a drain waits for it."""

from typing import Any

from ekp.cluster.kinds import (
    CLAIM,
    INGRESS,
    NODE_CLAIM,
    NODE_CLASS,
    NODE_POOL,
    POD,
    PROMETHEUS,
    SERVICE,
    STATEFUL_SET,
    TARGET_GROUP_BINDING,
    VOLUME,
    Kind,
    Object,
)

from .double import Double, Json

FINALIZER = "elbv2.k8s.aws/resources"


class LoadBalancers:
    """The AWS Load Balancer Controller: ``registered`` are the bindings with targets in AWS."""

    def __init__(self) -> None:
        self.registered: set[str] = set()

    def __call__(self, double: Double) -> None:
        for binding in double.of(TARGET_GROUP_BINDING):
            name = binding["metadata"]["name"]
            if "deletionTimestamp" not in binding["metadata"]:
                self.registered.add(name)
            elif name in self.registered:
                self.registered.remove(name)  # it deregisters first, and lets go the next time
            else:
                double.free(TARGET_GROUP_BINDING, name)
        for kind in (SERVICE, INGRESS):
            double.free(kind)


def kubernetes(double: Double) -> None:
    """Kubernetes' own controllers: StatefulSets, claims in use, volumes of claims."""
    for pod in double.of(POD):
        above = pod["metadata"].get("ownerReferences", [{}])[0]
        makers = [one for one in double.of(STATEFUL_SET) if one["metadata"]["uid"] == above["uid"]]
        if any(one["spec"]["replicas"] == 0 for one in makers):
            double.delete((POD, pod["metadata"]["namespace"], pod["metadata"]["name"]))
    used = {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in double.of(POD)
        for volume in pod["spec"].get("volumes", ())
        if "persistentVolumeClaim" in volume
    }
    for claim in double.of(CLAIM):
        metadata = claim["metadata"]
        if "deletionTimestamp" in metadata and metadata["name"] not in used:
            metadata["finalizers"] = []
            double.delete((CLAIM, metadata["namespace"], metadata["name"]))
            volume = (VOLUME, "", claim["spec"].get("volumeName", ""))
            policy = double.objects.get(volume, {}).get("spec", {})
            if policy.get("persistentVolumeReclaimPolicy") == "Delete":
                del double.objects[volume]


def prometheus_operator(double: Double) -> None:
    """It makes a StatefulSet what its Prometheus says."""
    for above in double.of(PROMETHEUS):
        for one in double.of(STATEFUL_SET):
            owners = one["metadata"].get("ownerReferences", ())
            if any(owner["uid"] == above["metadata"]["uid"] for owner in owners):
                one["spec"]["replicas"] = above["spec"]["replicas"]


class Karpenter:
    """Karpenter: a node with a budget that is never met ends at its termination time alone."""

    def __init__(self) -> None:
        self.terminated: list[str] = []

    def __call__(self, double: Double) -> None:
        for claim in double.of(NODE_CLAIM):
            metadata = claim["metadata"]
            due = "karpenter.sh/nodeclaim-termination-timestamp" in metadata.get("annotations", {})
            if due and "deletionTimestamp" in metadata and not double.of(NODE_POOL):
                self.terminated.append(metadata["name"])
        double.free(NODE_CLAIM)
        if not double.of(NODE_CLAIM):
            double.free(NODE_CLASS)


def add_volume(
    double: Double,
    claim: str,
    *,
    policy: str = "Delete",
    driver: str = "ebs.csi.aws.com",
    used_by: tuple[Kind, Object] | None = None,
    namespace: str = "data",
) -> Json:
    """Add a claim, its volume, and a pod that uses it."""
    volume = double.add(
        VOLUME,
        f"pv-{claim}",
        spec={
            "csi": {"driver": driver, "volumeHandle": f"vol-{claim}"},
            "persistentVolumeReclaimPolicy": policy,
            "claimRef": {"namespace": namespace, "name": claim},
        },
    )
    double.add(
        CLAIM,
        claim,
        namespace=namespace,
        finalizers=("kubernetes.io/pvc-protection",),
        spec={"volumeName": f"pv-{claim}", "storageClassName": "gp3"},
    )
    if used_by is not None:
        add_pod(double, f"pod-{claim}", claim, owner=used_by, namespace=namespace)
    return volume


def add_pod(
    double: Double,
    name: str,
    claim: str,
    *,
    owner: tuple[Kind, Any] | None = None,
    namespace: str = "data",
    phase: str = "Running",
) -> Json:
    """Add a pod that uses a claim, and a volume that is none."""
    volumes = [{"name": "tmp", "emptyDir": {}}, {"persistentVolumeClaim": {"claimName": claim}}]
    return double.add(
        POD,
        name,
        namespace=namespace,
        owner=owner,
        spec={"volumes": volumes},
        status={"phase": phase},
    )
