"""What Git may put into a tenant's namespaces, when, and what the tenant's people may do there."""

from typing import Any

from ...core.fleet import Delivered
from ...core.sync_windows import SyncWindow
from ...core.tenants import Tenancy
from ..manifest import Manifest
from . import API_VERSION, NAMESPACE, name
from .roles import roles

RENDERED_KINDS: tuple[tuple[str, str], ...] = (
    ("", "ConfigMap"),
    ("", "Service"),
    ("", "ServiceAccount"),
    ("argoproj.io", "AnalysisTemplate"),
    ("argoproj.io", "Rollout"),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("networking.istio.io", "DestinationRule"),
    ("networking.istio.io", "VirtualService"),
    ("policy", "PodDisruptionBudget"),
    ("secrets.hashicorp.com", "VaultDynamicSecret"),
    ("secrets.hashicorp.com", "VaultStaticSecret"),
)
"""Group and kind of everything that `ekp services render` writes, and nothing else.

What guards a service is Terraform's: a commit opens no port (NetworkPolicy), lets no caller in
(AuthorizationPolicy), reaches no target group (TargetGroupBinding), takes no host of a shard
(VirtualServer) and changes no proxy (EnvoyFilter, Sidecar). What a service may read of Vault is
Terraform's as well (VaultAuth): Git says which of it becomes a Secret, and never holds one.
"""


def project(tenancy: Tenancy, delivered: Delivered) -> Manifest:
    """Return the AppProject of a tenant: its repository, its clusters, its kinds, no others.

    Argo CD shows no children of kinds that a project leaves out: pods and their logs are seen in
    the cluster and in Grafana (v3.4.4, ``controller/appcontroller.go``, ``getResourceTree``).
    """
    repository = tenancy.tenant.repository or delivered.delivery.repository
    own = name(tenancy.environment, tenancy.name)
    return Manifest(
        api_version=API_VERSION,
        kind="AppProject",
        name=own,
        namespace=NAMESPACE,
        labels={"app.kubernetes.io/managed-by": "ekp"},
        fields={
            "spec": {
                "description": f"Services of {tenancy.name} in {tenancy.environment}",
                "sourceRepos": [repository.url],
                "destinations": [
                    {"name": f"{tenancy.environment}-{region}", "namespace": namespace}
                    for region in delivered.regions_of(tenancy)
                    for namespace in tenancy.namespaces
                ],
                "clusterResourceWhitelist": [],
                "namespaceResourceWhitelist": [
                    {"group": group, "kind": kind} for group, kind in RENDERED_KINDS
                ],
                "roles": roles(own, tenancy.tenant.groups),
                "syncWindows": [_window(one) for one in delivered.delivery.windows],
            }
        },
    )


def _window(window: SyncWindow) -> dict[str, Any]:
    return {
        "kind": window.kind.value,
        "schedule": window.schedule,
        "duration": window.duration,
        "timeZone": window.time_zone,
        "applications": ["*"],
        "manualSync": window.manual_sync,
    }
