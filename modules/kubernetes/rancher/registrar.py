"""The hub's job that tells Rancher of clusters and tenants, with no more rights than it needs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...core.entra import EntraApplication
from ...core.hosts import Domain
from ..manifest import Manifest
from ..rbac import cluster_rights
from ..service_accounts import service_account
from .desired import desired
from .names import NAMESPACE, REGISTRAR, project_name
from .pods import DESIRED, runs, script
from .registered import Registered
from .sign_in import ADMIN, PROVIDER, admin_binding
from .view import OF_CLUSTER, OF_PROJECT, seen

APPLY: Final = ("create", "patch")
TOKEN: Final = "default-token"  # noqa: S105 - name of an object
RANCHER: Final = "management.cattle.io"


def registrar(
    *,
    host: Domain,
    region: str,
    application: EntraApplication | None,
    clusters: Sequence[Registered],
    secret_ids: Mapping[str, str],
    annotations: Mapping[str, str],
) -> list[Manifest]:
    """Return the job, its rights and what it reads.

    Rancher's kinds come with Rancher and not with its chart, so no release can hold their objects:
    the job applies them, from a ConfigMap. Its rights are the cluster's, since the namespaces they
    are in come with Rancher too; names bound them. ``secret_ids`` are by the cluster's name.
    """
    files = desired(host=host, application=application, clusters=clusters)
    names = [one.cluster.name for one in clusters]
    files["clusters"] = "".join(f"{name} {secret_ids[name]}\n" for name in names)
    # One a cluster: a ConfigMap holds 1 MiB, and tenants are many.
    found = {f"{REGISTRAR}-{name}": [f"cluster.{name}", f"people.{name}"] for name in names}
    found[REGISTRAR] = [name for name in files if "." not in name]
    configs = [
        Manifest(
            api_version="v1",
            kind="ConfigMap",
            name=name,
            namespace=NAMESPACE,
            fields={"data": {key: files[key] for key in keys}},
        )
        for name, keys in sorted(found.items())
    ]
    return [
        service_account(REGISTRAR, namespace=NAMESPACE, annotations=annotations),
        *cluster_rights(
            REGISTRAR,
            namespace=NAMESPACE,
            service_account=REGISTRAR,
            rules=_rules(clusters, application),
        ),
        *configs,
        *runs(
            REGISTRAR,
            script=script("registrar"),
            environment={"DESIRED": DESIRED, "RANCHER_HOST": host, "AWS_REGION": region},
            files=[one.name for one in configs],
        ),
    ]


def _rules(
    clusters: Sequence[Registered], application: EntraApplication | None
) -> list[dict[str, Any]]:
    """Return the rights; creation is bounded by names too, since it is by server-side apply.

    Source: kubernetes/kubernetes, staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go,
    ``createAuthorizerAttributes``.
    """
    projects = sorted({project_name(t.name) for one in clusters for t in one.tenants})
    rules = [
        _named(RANCHER, "roletemplates", APPLY, [OF_PROJECT, OF_CLUSTER]),
        _rule(RANCHER, "projectroletemplatebindings", [*APPLY, "list", "delete"]),
        _rule(RANCHER, "clusterroletemplatebindings", [*APPLY, "list", "delete"]),
        _rule(RANCHER, "globalrolebindings", ["list", "delete"]),
        # What it lets people see, since Rancher lets nobody give more than he has.
        *seen(),
    ]
    if clusters:
        names = [one.cluster.name for one in clusters]
        rules += [
            _named("provisioning.cattle.io", "clusters", [*APPLY, "get"], names),
            _named(RANCHER, "clusterregistrationtokens", ["get"], [TOKEN]),
            _named("", "secrets", ["get"], [f"crt-token-{TOKEN}"]),
        ]
    if projects:
        rules.append(_named(RANCHER, "projects", APPLY, projects))
    if application is not None:
        admins = [admin_binding(group) for group in application.admins]
        rules += [
            _named(RANCHER, "authconfigs", ["patch"], [PROVIDER]),
            _named(RANCHER, "globalrolebindings", APPLY, admins),
            # Without it only an administrator could make one.
            _named(RANCHER, "globalroles", ["bind"], [ADMIN]),
        ]
    return rules


def _rule(group: str, resource: str, verbs: Sequence[str]) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "verbs": [*verbs]}


def _named(group: str, resource: str, verbs: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    return {**_rule(group, resource, verbs), "resourceNames": [*names]}
