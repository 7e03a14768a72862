"""What Git may put into one namespace of an environment's clusters."""

from ...core.gitops import GitRepository
from ..manifest import Manifest
from . import API_VERSION, NAMESPACE, name

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
)
"""Group and kind of everything that `ekp services render` writes, and nothing else.

What guards a service is Terraform's: a commit opens no port (NetworkPolicy), lets no caller in
(AuthorizationPolicy), reaches no target group (TargetGroupBinding), takes no host of a shard
(VirtualServer) and changes no proxy (EnvoyFilter, Sidecar).
"""


def project(environment: str, namespace: str, repository: GitRepository) -> Manifest:
    """Return the AppProject of a namespace: its repository, its clusters, its kinds, no others.

    Argo CD shows no children of kinds that a project leaves out: pods and their logs are seen in
    the cluster and in Grafana (v3.4.4, ``controller/appcontroller.go``, ``getResourceTree``).
    """
    return Manifest(
        api_version=API_VERSION,
        kind="AppProject",
        name=name(environment, namespace),
        namespace=NAMESPACE,
        labels={"app.kubernetes.io/managed-by": "ekp"},
        fields={
            "spec": {
                "description": f"Services of {namespace} in {environment}",
                "sourceRepos": [repository.url],
                # Names of clusters begin with their environment, whose name has no hyphen.
                "destinations": [{"name": f"{environment}-*", "namespace": namespace}],
                "clusterResourceWhitelist": [],
                "namespaceResourceWhitelist": [
                    {"group": group, "kind": kind} for group, kind in RENDERED_KINDS
                ],
            }
        },
    )
