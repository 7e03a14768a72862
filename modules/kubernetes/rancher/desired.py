"""What Rancher's own objects shall be: those of its kinds, which are there once it runs."""

import json
from collections.abc import Sequence
from typing import Final

from ...core.entra import EntraApplication, rancher_principal
from ...core.hosts import Domain
from ...core.tenants import Tenant
from ..manifest import Manifest
from .names import (
    MANAGEMENT,
    REGISTRAR,
    REGISTRAR_LABEL,
    WORKSPACE,
    cluster_id,
    project_name,
)
from .registered import Registered
from .sign_in import digest, sign_in
from .view import OF_CLUSTER, OF_PROJECT, role_templates

ID: Final = "{cluster}"
"""Stands where a cluster's id belongs, on which Rancher has the last word."""
CLUSTER_LABEL: Final = "ekp/cluster"
"""Label of bindings: the cluster that the job made them for."""
# Whoever makes an object would own the cluster or the project: a job shall not.
_NOBODYS = {"field.cattle.io/no-creator-rbac": "true"}
_PLURALS = {
    "AuthConfig": "authconfigs",
    "Cluster": "clusters",
    "ClusterRoleTemplateBinding": "clusterroletemplatebindings",
    "GlobalRoleBinding": "globalrolebindings",
    "Project": "projects",
    "ProjectRoleTemplateBinding": "projectroletemplatebindings",
    "RoleTemplate": "roletemplates",
}


def desired(
    *, host: Domain, application: EntraApplication | None, clusters: Sequence[Registered]
) -> dict[str, str]:
    """Return the files that the registrar reads: a line an object, its path and then its JSON.

    ``hub`` is of Rancher itself, ``cluster.<name>`` of a cluster, ``people.<name>`` of those who
    see it or a part of it.
    """
    groups = sorted({g for one in clusters for t in one.tenants for g in t.groups.everyone})
    entrance = sign_in(application, host=host, groups=groups) if application else []
    viewers = application.viewers if application else ()
    files = {"hub": lines([*role_templates(), *entrance])}
    for one in clusters:
        name = one.cluster.name
        files[f"cluster.{name}"] = lines([imported(name)])
        files[f"people.{name}"] = lines(
            [
                *(_looks(name, group) for group in viewers),
                *(found for tenant in one.tenants for found in project(name, tenant)),
            ]
        )
    return files


def lines(manifests: Sequence[Manifest]) -> str:
    """Return each object's path in the Kubernetes API, a space, and the object."""
    return "".join(
        f"{_path(one)} {json.dumps(one.as_dict(), separators=(',', ':'))}\n" for one in manifests
    )


def imported(cluster: str) -> Manifest:
    """Return a cluster of Rancher's that others make and change: its spec is empty.

    Source: rancher/rancher v2.15.0, pkg/controllers/provisioningv2/cluster/controller.go.
    """
    return Manifest(
        api_version="provisioning.cattle.io/v1",
        kind="Cluster",
        name=cluster,
        namespace=WORKSPACE,
        labels={REGISTRAR_LABEL: REGISTRAR},
        annotations={
            **_NOBODYS,
            "provisioning.cattle.io/management-cluster-name": cluster_id(cluster),
        },
        fields={"spec": {}},
    )


def project(cluster: str, tenant: Tenant) -> list[Manifest]:
    """Return a tenant's project in a cluster, and who sees it.

    Bindings stand in the namespace that Rancher makes for the project on the hub, called by both.
    Source: rancher/webhook v0.11.0, docs.md, "Project", mutations on create.
    """
    name = project_name(tenant.name)
    home = Manifest(
        api_version=MANAGEMENT,
        kind="Project",
        name=name,
        namespace=ID,
        labels={CLUSTER_LABEL: cluster},
        annotations=_NOBODYS,
        fields={
            "spec": {
                "clusterName": ID,
                "displayName": tenant.name,
                "description": f"Tenant {tenant.name}, {tenant.owner}",
            }
        },
    )
    return [
        home,
        *(
            _binding(
                "ProjectRoleTemplateBinding",
                f"{ID}-{name}",
                cluster,
                group=group,
                role=OF_PROJECT,
                place=("projectName", f"{ID}:{name}"),
            )
            for group in tenant.groups.everyone
        ),
    ]


def _looks(cluster: str, group: str) -> Manifest:
    return _binding(
        "ClusterRoleTemplateBinding",
        ID,
        cluster,
        group=group,
        role=OF_CLUSTER,
        place=("clusterName", ID),
    )


def _binding(
    kind: str, namespace: str, cluster: str, *, group: str, role: str, place: tuple[str, str]
) -> Manifest:
    """Return a group's role; neither ever changes in a binding, so another pair is another name."""
    where, of = place
    return Manifest(
        api_version=MANAGEMENT,
        kind=kind,
        name=f"ekp-{digest(f'{group}/{role}')}",
        namespace=namespace,
        labels={CLUSTER_LABEL: cluster},
        fields={
            where: of,
            "groupPrincipalName": rancher_principal(group),
            "roleTemplateName": role,
        },
    )


def _path(manifest: Manifest) -> str:
    place = f"/namespaces/{manifest.namespace}" if manifest.namespace else ""
    return f"apis/{manifest.api_version}{place}/{_PLURALS[manifest.kind]}/{manifest.name}"
