"""One Application a region for a namespace's services, all at once or wave by wave."""

from typing import Any

from ...core.fleet import Delivered
from ...core.gitops import ENVIRONMENT_LABEL, REGION_LABEL, Delivery, Sync
from ...core.tenants import Tenancy
from ..manifest import Manifest
from . import API_VERSION, NAMESPACE, name
from .differences import written_by_controllers

SYNC_OPTIONS = (
    # Namespaces carry guardrails, so they are Terraform's.
    "CreateNamespace=false",
    # What nobody changed is not applied again, whatever else a commit brings.
    "ApplyOutOfSyncOnly=true",
    # A change of a DestinationRule amid a canary keeps the hashes that tell its versions apart:
    # without them each share would meet both, until all pods of the HPA are up. Argo CD copies the
    # list around an overlooked field whole from the cluster (argoproj/argo-cd#17694; v3.4.4,
    # controller/sync.go, normalizeTargetResources), so what Git changes stands outside of
    # spec.subsets and of the routes that have weights: a VirtualService of their own holds these.
    "RespectIgnoreDifferences=true",
    # No ServerSideApply: Argo CD forces conflicts, and would take those fields over.
)


def application_set(tenancy: Tenancy, namespace: str, delivered: Delivered) -> Manifest:
    """Return the ApplicationSet of a tenant's namespace.

    Clusters are the Secrets of Argo CD with the label ``ekp/environment``; each has ``ekp/region``.

    With waves, the ApplicationSet controller takes automated sync off its Applications (their
    ``prune`` still holds) and syncs a wave once each Application of the one before is synced and
    healthy. A Rollout on its way keeps its Application from that: it is Progressing, Suspended in
    the pause of a step, and Degraded once its analysis failed, which stops the waves until the next
    commit. It takes ``progressive_syncs`` of Argo CD's settings, and nothing heals in between:
    a change by hand is put right by the next wave. A limit of Argo CD 3.4, still open: whether a
    region is done is read off its last refresh, so that a later region which sees a commit first
    may start beside the canary region (argoproj/argo-cd#12325, #29347, #29410). Each Rollout's own
    steps and analysis hold in every region regardless.
    Source: Argo CD 3.4, "Progressive Syncs" and ``resource_customizations/argoproj.io/Rollout``.

    Deleted, it takes its Applications along and leaves what they deployed running.
    """
    environment, delivery = tenancy.environment, delivered.delivery
    return Manifest(
        api_version=API_VERSION,
        kind="ApplicationSet",
        name=name(environment, namespace),
        namespace=NAMESPACE,
        labels={"app.kubernetes.io/managed-by": "ekp"},
        fields={
            "spec": {
                "goTemplate": True,
                "goTemplateOptions": ["missingkey=error"],
                "generators": [{"clusters": _clusters(tenancy, delivered)}],
                **_strategy(delivery),
                # Applications get no finalizer, so that a tenant's release which goes by mistake,
                # or is made anew, stops no service: the next Applications take them over.
                "syncPolicy": {"preserveResourcesOnDeletion": True},
                "template": {
                    "metadata": {
                        "name": f"{environment}-{{{{.values.region}}}}-{namespace}",
                        "labels": {
                            "app.kubernetes.io/managed-by": "ekp",
                            ENVIRONMENT_LABEL: environment,
                            REGION_LABEL: "{{.values.region}}",
                        },
                    },
                    "spec": _application(tenancy, namespace, delivery),
                },
            }
        },
    )


def _clusters(tenancy: Tenancy, delivered: Delivered) -> dict[str, Any]:
    regions = delivered.regions_of(tenancy)
    return {
        "selector": {
            "matchLabels": {ENVIRONMENT_LABEL: tenancy.environment},
            "matchExpressions": [{"key": REGION_LABEL, "operator": "In", "values": [*regions]}],
        },
        "values": {"region": f'{{{{index .metadata.labels "{REGION_LABEL}"}}}}'},
    }


def _strategy(delivery: Delivery) -> dict[str, Any]:
    if delivery.sync is not Sync.WAVES:
        return {}
    steps = [
        {
            "matchExpressions": [{"key": REGION_LABEL, "operator": "In", "values": [*wave]}],
            "maxUpdate": "100%",
        }
        for wave in delivery.waves
    ]
    return {"strategy": {"type": "RollingSync", "rollingSync": {"steps": steps}}}


def _application(tenancy: Tenancy, namespace: str, delivery: Delivery) -> dict[str, Any]:
    repository = tenancy.tenant.repository or delivery.repository
    return {
        "project": name(tenancy.environment, tenancy.name),
        "source": {
            "repoURL": repository.url,
            "targetRevision": repository.revision,
            "path": f"{repository.path}/{tenancy.environment}/{namespace}",
            # What is rendered lies flat; Argo CD would read JSON, Jsonnet and folders below, too.
            "directory": {"recurse": False, "include": "*.yaml"},
        },
        "destination": {"name": "{{.name}}", "namespace": namespace},
        "ignoreDifferences": written_by_controllers(),
        "syncPolicy": {
            # A folder that lost all its files is an error, not a reason to delete everything.
            "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
            "syncOptions": [*SYNC_OPTIONS],
            "retry": {
                # Without end: a revision whose last attempt failed is never tried again, and a
                # commit may come before the deploy of its namespace (v3.4.4, autoSync in
                # ``controller/appcontroller.go``: "failed previous sync attempt").
                "limit": -1,
                # A commit that mends what fails is tried next.
                "refresh": True,
                "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"},
            },
        },
    }
