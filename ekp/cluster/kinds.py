"""The kinds of objects that are asked for, changed or deleted, and where the API has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind and its place in the API; the core group has no name."""

    group: str
    version: str
    plural: str
    name: str

    def path(self, namespace: str = "", name: str = "") -> str:
        """The path of all objects, or of one; objects of the whole cluster have no namespace."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        parts += ["namespaces", namespace] if namespace else []
        return "/" + "/".join([*parts, self.plural, *([name] if name else [])])


NAMESPACE = Kind("", "v1", "namespaces", "Namespace")
POD = Kind("", "v1", "pods", "Pod")
SECRET = Kind("", "v1", "secrets", "Secret")
SERVICE = Kind("", "v1", "services", "Service")
CLAIM = Kind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
VOLUME = Kind("", "v1", "persistentvolumes", "PersistentVolume")
STORAGE_CLASS = Kind("storage.k8s.io", "v1", "storageclasses", "StorageClass")
DEPLOYMENT = Kind("apps", "v1", "deployments", "Deployment")
REPLICA_SET = Kind("apps", "v1", "replicasets", "ReplicaSet")
STATEFUL_SET = Kind("apps", "v1", "statefulsets", "StatefulSet")
JOB = Kind("batch", "v1", "jobs", "Job")
CRON_JOB = Kind("batch", "v1", "cronjobs", "CronJob")
INGRESS = Kind("networking.k8s.io", "v1", "ingresses", "Ingress")
GATEWAY = Kind("gateway.networking.k8s.io", "v1", "gateways", "Gateway")
GLOBAL_ACCELERATOR = Kind("aga.k8s.aws", "v1beta1", "globalaccelerators", "GlobalAccelerator")
TARGET_GROUP_BINDING = Kind("elbv2.k8s.aws", "v1beta1", "targetgroupbindings", "TargetGroupBinding")
APPLICATION = Kind("argoproj.io", "v1alpha1", "applications", "Application")
APPLICATION_SET = Kind("argoproj.io", "v1alpha1", "applicationsets", "ApplicationSet")
ROLLOUT = Kind("argoproj.io", "v1alpha1", "rollouts", "Rollout")
PROMETHEUS = Kind("monitoring.coreos.com", "v1", "prometheuses", "Prometheus")
ALERTMANAGER = Kind("monitoring.coreos.com", "v1", "alertmanagers", "Alertmanager")
THANOS_RULER = Kind("monitoring.coreos.com", "v1", "thanosrulers", "ThanosRuler")
NODE_POOL = Kind("karpenter.sh", "v1", "nodepools", "NodePool")
NODE_CLAIM = Kind("karpenter.sh", "v1", "nodeclaims", "NodeClaim")
NODE_CLASS = Kind("karpenter.k8s.aws", "v1", "ec2nodeclasses", "EC2NodeClass")
ACCESS_REVIEW = Kind(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"
)
CALICO = (
    Kind("operator.tigera.io", "v1", "installations", "Installation"),
    Kind("operator.tigera.io", "v1", "apiservers", "APIServer"),
    Kind("operator.tigera.io", "v1", "goldmanes", "Goldmane"),
    Kind("operator.tigera.io", "v1", "whiskers", "Whisker"),
)


def label(kind: Kind, body: Object) -> str:
    """What a person calls the object: its kind, its namespace if it has one, its name."""
    return f"{kind.name} {'/'.join(filter(None, where(body)))}"


def where(body: Object) -> tuple[str, str]:
    """Namespace (empty for an object of the whole cluster) and name."""
    return body["metadata"].get("namespace", ""), body["metadata"]["name"]


def uid(body: Object) -> str:
    """What tells an object from a later one of the same name."""
    return str(body["metadata"]["uid"])


def finalizers(body: Object) -> Sequence[str]:
    """What has to be done before the object can go."""
    return body["metadata"].get("finalizers") or ()


def owners(body: Object) -> Sequence[Mapping[str, Any]]:
    """The objects that made this one and look after it."""
    found = body["metadata"].get("ownerReferences") or ()
    return [owner for owner in found if owner.get("controller")]
