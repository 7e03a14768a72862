"""A job that brings Calico's definitions: as a release they would almost fill Helm's Secret."""

from dataclasses import dataclass
from typing import Any

from ..kubernetes.containers import as_user, locked_down
from ..kubernetes.jobs import AFTER_RELEASE, wait_for
from ..kubernetes.manifest import Manifest
from ..kubernetes.rbac import cluster_rights
from ..kubernetes.scheduling import CLUSTER_CRITICAL
from ..kubernetes.service_accounts import service_account

JOB = "calico-crds"
# Those that the operator's chart has objects of.
FIRST = ("installations.operator.tigera.io", "apiservers.operator.tigera.io")


@dataclass(frozen=True, slots=True)
class Image:
    """An image as the operator's chart names it."""

    registry: str
    image: str
    version: str

    @property
    def reference(self) -> str:
        """What a container names."""
        return f"{self.registry}/{self.image}:{self.version}"


# That of the chart tigera-operator v3.32.1, whose default it is.
OPERATOR = Image(registry="quay.io", image="tigera/operator", version="v1.42.3")


def calico_crds(namespace: str) -> list[Manifest]:
    """Return a job in which the operator makes the definitions that its image carries.

    Calico's chart of definitions (``crd.projectcalico.org.v1`` v3.32.1) takes about 945 kB of the
    1,048,576 bytes that Helm has for a release, and upstream has it applied by hand. The operator
    has the very same definitions inside: ``-bootstrap-crds`` makes those that are missing and
    ends, and ``-manage-crds`` (the chart's ``manageCRDs``) later brings them to its version.
    Source: tigera/operator v1.42.3, ``cmd/main.go`` and ``pkg/imports/crds``.
    """
    return [
        service_account(JOB, namespace=namespace),
        *_rights(namespace),
        _job(namespace),
        *wait_for(
            f"{JOB}-established",
            namespace=namespace,
            rules=[_definitions("get", "list", "watch")],
            arguments=["--for=condition=Established", *(f"crd/{name}" for name in FIRST)],
            seconds=120,
        ),
    ]


def _definitions(*verbs: str) -> dict[str, Any]:
    return {
        "apiGroups": ["apiextensions.k8s.io"],
        "resources": ["customresourcedefinitions"],
        "verbs": list(verbs),
    }


def _rights(namespace: str) -> list[Manifest]:
    rules = [
        _definitions("create"),
        # Whether another operator is at work, which this one asks before all else.
        {
            "apiGroups": [""],
            "resources": ["configmaps"],
            "resourceNames": ["active-operator"],
            "verbs": ["get", "list", "watch"],
        },
    ]
    return cluster_rights(JOB, namespace=namespace, service_account=JOB, rules=rules)


def _job(namespace: str) -> Manifest:
    container = {
        "name": "operator",
        "image": OPERATOR.reference,
        "args": ["-bootstrap-crds"],
        # Otherwise it would ask for a migration whose definition is not there.
        "env": [{"name": "CALICO_API_GROUP", "value": "crd.projectcalico.org/v1"}],
        "resources": {
            "requests": {"cpu": "50m", "memory": "128Mi"},
            "limits": {"memory": "512Mi"},
        },
        "securityContext": locked_down(),
    }
    return Manifest(
        api_version="batch/v1",
        kind="Job",
        name=JOB,
        namespace=namespace,
        # Before the job that waits for what it makes.
        annotations={**AFTER_RELEASE, "helm.sh/hook-weight": "-1"},
        fields={
            "spec": {
                "backoffLimit": 6,
                "activeDeadlineSeconds": 300,
                "template": {
                    "spec": {
                        "serviceAccountName": JOB,
                        "automountServiceAccountToken": True,
                        "restartPolicy": "OnFailure",
                        "priorityClassName": CLUSTER_CRITICAL,
                        # The image's own user.
                        "securityContext": as_user(10001),
                        "containers": [container],
                    }
                },
            }
        },
    )
