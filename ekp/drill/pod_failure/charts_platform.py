"""Charts of controllers: they change and deliver, and requests are answered without them.

Sources: ``values.yaml`` and templates of the charts at the pinned versions.
"""

from .component import MINORITY, Chart, Component
from .workload import Topology

_LINUX = {"kubernetes.io/os": "linux"}


def _cert_manager(base: str, name: str, component: str) -> Component:
    below = f"{base}." if base else ""
    return Component(
        name=name,
        base=base,
        labels={"app.kubernetes.io/name": name, "app.kubernetes.io/component": component},
        paths={"priorityClassName": "global.priorityClassName"},
        replicas="replicaCount",
        budget=f"{below}podDisruptionBudget",
        budget_otherwise={"minAvailable": 1},
    )


PLATFORM: dict[str, Chart] = {
    "argo-rollouts": Chart(
        components=(
            Component(
                name="argo-rollouts",
                base="controller",
                labels={
                    "app.kubernetes.io/name": "argo-rollouts",
                    "app.kubernetes.io/component": "rollouts-controller",
                },
                budget="controller.pdb",
            ),
        ),
        defaults={"controller": {"replicas": 2, "pdb": {"enabled": False}}},
    ),
    "cert-manager": Chart(
        components=(
            _cert_manager("", "cert-manager", "controller"),
            _cert_manager("webhook", "webhook", "webhook"),
            _cert_manager("cainjector", "cainjector", "cainjector"),
        ),
        defaults={
            "nodeSelector": _LINUX,
            "replicaCount": 1,
            "podDisruptionBudget": {"enabled": False},
            **{
                part: {
                    "nodeSelector": _LINUX,
                    "replicaCount": 1,
                    "podDisruptionBudget": {"enabled": False},
                }
                for part in ("webhook", "cainjector")
            },
        },
    ),
    "cluster-autoscaler": Chart(
        components=(
            Component(
                name="cluster-autoscaler",
                labels={
                    "app.kubernetes.io/name": "aws-cluster-autoscaler",
                    "app.kubernetes.io/instance": "{release}",
                },
                replicas="replicaCount",
                budget="podDisruptionBudget",
                budget_switch=None,
            ),
        ),
        defaults={
            "replicaCount": 1,
            "priorityClassName": "system-cluster-critical",
            "podDisruptionBudget": {"maxUnavailable": 1},
        },
    ),
    "aws-load-balancer-controller": Chart(
        components=(
            Component(
                name="aws-load-balancer-controller",
                labels={"app.kubernetes.io/name": "aws-load-balancer-controller"},
                replicas="replicaCount",
                autoscaling=("autoscaling.enabled", "autoscaling.minReplicas"),
                rather_apart=(Topology.NODE,),
                budget="podDisruptionBudget",
                budget_switch=None,
                budget_needs_several=True,
            ),
        ),
        defaults={
            "replicaCount": 2,
            "autoscaling": {"enabled": False, "minReplicas": 1},
            "priorityClassName": "system-cluster-critical",
        },
    ),
    "metrics-server": Chart(
        components=(
            Component(
                name="metrics-server",
                labels={"app.kubernetes.io/name": "metrics-server"},
                budget="podDisruptionBudget",
            ),
        ),
        defaults={
            "replicas": 1,
            "priorityClassName": "system-cluster-critical",
            "podDisruptionBudget": {"enabled": False},
            "resources": {"requests": {"cpu": "100m", "memory": "200Mi"}},
        },
    ),
    "vault": Chart(
        components=(
            Component(
                name="{release}",
                kind="StatefulSet",
                base="server",
                labels={"app.kubernetes.io/name": "vault", "component": "server"},
                replicas="ha.replicas",
                resources=("resources", "extraContainers"),
                never_together=True,
                budget="server.ha.disruptionBudget",
                budget_otherwise={"maxUnavailable": MINORITY},
                volume="server.dataStorage.enabled",
                votes=True,
            ),
        ),
        defaults={
            "server": {
                "ha": {"replicas": 3, "disruptionBudget": {"enabled": True}},
                "dataStorage": {"enabled": True},
            }
        },
    ),
    "vault-secrets-operator": Chart(
        components=(
            Component(
                name="vault-secrets-operator-controller-manager",
                base="controller",
                labels={
                    "app.kubernetes.io/name": "vault-secrets-operator",
                    "control-plane": "controller-manager",
                },
                resources=("manager.resources", "kubeRbacProxy.resources"),
                budget="controller.podDisruptionBudget",
            ),
        ),
        defaults={
            "controller": {
                "replicas": 1,
                "podDisruptionBudget": {
                    "enabled": False,
                    "maxUnavailable": "0",
                    "minAvailable": "0",
                },
                "manager": {"resources": {"requests": {"cpu": "10m", "memory": "64Mi"}}},
                "kubeRbacProxy": {"resources": {"requests": {"cpu": "5m", "memory": "64Mi"}}},
            }
        },
    ),
    "karpenter-crd": Chart(components=()),
    "karpenter": Chart(
        components=(
            Component(
                name="karpenter",
                labels={"app.kubernetes.io/name": "karpenter"},
                own_selector=True,
                resources=("controller.resources",),
                paths={"affinity": ""},
                never_together=True,
                budget="podDisruptionBudget",
                budget_switch=None,
            ),
        ),
        defaults={
            "replicas": 2,
            "priorityClassName": "system-cluster-critical",
            "nodeSelector": _LINUX,
            "podDisruptionBudget": {"maxUnavailable": 1},
            "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": Topology.ZONE.value,
                    "whenUnsatisfiable": "DoNotSchedule",
                }
            ],
        },
    ),
}
