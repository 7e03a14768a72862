"""Names by which Rancher on the hub and the clusters know each other, worked out from settings."""

from hashlib import sha256
from typing import Final

NAMESPACE: Final = "cattle-system"
"""Of Rancher on the hub, and of its agent in every other cluster."""
MANAGEMENT: Final = "management.cattle.io/v3"
WORKSPACE: Final = "fleet-default"
"""Namespace of the hub in which Rancher keeps the clusters that it looks after."""
REGISTRAR: Final = "rancher-registrar"
"""The hub's job, its service account and its role."""
REGISTRAR_LABEL: Final = "ekp/registrar"
"""Label of Rancher's objects that the job made, and nobody else."""
PROJECT: Final = "field.cattle.io/projectId"
"""Annotation of a namespace that puts it into a project."""


def cluster_id(cluster: str) -> str:
    """Return the id that Rancher is asked to give a cluster called ``<environment>-<region>``.

    Of the form that Rancher makes up by itself. Source: rancher/rancher v2.15.0,
    pkg/controllers/provisioningv2/cluster/controller.go, ``mgmtClusterNameAnn``.
    """
    return f"c-m-{sha256(cluster.encode()).hexdigest()[:8]}"


def project_name(tenant: str) -> str:
    """Return the name of a tenant's project, the same in every cluster."""
    return f"ekp-{tenant}"


def project_annotation(cluster: str, tenant: str) -> dict[str, str]:
    """Return what puts a namespace of the cluster into the tenant's project."""
    return {PROJECT: f"{cluster_id(cluster)}:{project_name(tenant)}"}


def registration_secret(cluster: str) -> str:
    """Return the name, below the hub's prefix, of the secret with a cluster's registration.

    It does not end in the region: a partial ARN that ends in a hyphen and six characters, such as
    ``-west-1``, is taken for a whole one. Source: Secrets Manager API, DescribeSecret, SecretId.
    """
    return f"rancher-{cluster}-registration"
