"""Charts on the way of users' requests, and the mesh's control plane.

Sources: ``values.yaml`` and templates of the charts base, cni, istiod and gateway of Istio 1.30.3,
and of nginx-ingress 2.6.4.
"""

import json

from ekp.drill.durations import seconds

from .component import Chart, Component, Values, look
from .workload import PER_NODE, Ending, Role


def _gateway_ending(values: Values) -> Ending:
    """The proxy drains by itself; its readiness probe is the injected container's own."""
    text = (look(values, "podAnnotations") or {}).get("proxy.istio.io/config", "{}")
    # Source: Istio's ProxyConfig, `terminationDrainDuration`: five seconds where nothing is said.
    drain = json.loads(text).get("terminationDrainDuration", "5s")
    waits = int(seconds(drain, "the gateway, terminationDrainDuration"))
    return Ending((), waits, look(values, "terminationGracePeriodSeconds"))


def _shard_ending(values: Values) -> Ending:
    ready = look(values, "controller.readyStatus.enable")
    return Ending(
        () if ready else ("nginx-ingress",),
        look(values, "controller.lifecycle.preStop.sleep.seconds") or 0,
        look(values, "controller.terminationGracePeriodSeconds"),
    )


ISTIO: dict[str, Chart] = {
    "gateway": Chart(
        components=(
            Component(
                name="{release}",
                role=Role.SERVES,
                labels={"app": "{release}", "istio": "ingressgateway"},
                replicas="replicaCount",
                autoscaling=("autoscaling.enabled", "autoscaling.minReplicas"),
                budget="podDisruptionBudget",
                budget_switch=None,
                ending=_gateway_ending,
            ),
        ),
        defaults={
            "autoscaling": {"enabled": True, "minReplicas": 1},
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
            "terminationGracePeriodSeconds": 30,
        },
    ),
    "istiod": Chart(
        components=(
            Component(
                name="istiod",
                labels={"app": "istiod", "istio": "pilot"},
                paths={"priorityClassName": "global.priorityClassName"},
                replicas="replicaCount",
                autoscaling=("autoscaleEnabled", "autoscaleMin"),
                budget="pdb",
                budget_switch="/global.defaultPodDisruptionBudget.enabled",
                budget_needs_several=True,
            ),
        ),
        defaults={
            "autoscaleEnabled": True,
            "autoscaleMin": 1,
            "replicaCount": 1,
            "pdb": {"minAvailable": 1},
            "global": {
                "defaultPodDisruptionBudget": {"enabled": True},
                "proxy": {"resources": {"requests": {"cpu": "100m", "memory": "128Mi"}}},
            },
            "resources": {"requests": {"cpu": "500m", "memory": "2048Mi"}},
        },
    ),
    "cni": Chart(
        components=(
            Component(
                name="istio-cni-node",
                kind=PER_NODE,
                role=Role.SERVES,
                paths={
                    "priorityClassName": "",
                    "nodeSelector": "",
                    "topologySpreadConstraints": "",
                },
            ),
        ),
        defaults={
            "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}},
            "tolerations": [
                {"effect": "NoSchedule", "operator": "Exists"},
                {"key": "CriticalAddonsOnly", "operator": "Exists"},
                {"effect": "NoExecute", "operator": "Exists"},
            ],
        },
    ),
    "base": Chart(components=()),
}
NGINX: dict[str, Chart] = {
    "nginx-ingress": Chart(
        components=(
            Component(
                name="{release}",
                role=Role.SERVES,
                base="controller",
                labels={
                    "app.kubernetes.io/name": "nginx-ingress",
                    "app.kubernetes.io/instance": "{release}",
                },
                replicas="replicaCount",
                autoscaling=("autoscaling.enabled", "autoscaling.minReplicas"),
                budget="controller.podDisruptionBudget",
                ending=_shard_ending,
            ),
        ),
        defaults={
            "controller": {
                "replicaCount": 1,
                "autoscaling": {"enabled": False, "minReplicas": 1},
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
                "terminationGracePeriodSeconds": 30,
                "readyStatus": {"enable": True},
            }
        },
    ),
}
