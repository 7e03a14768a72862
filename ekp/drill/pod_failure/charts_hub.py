"""Charts of the hub: delivery, the clusters' pages, costs; requests of users need none of them.

Sources: ``values.yaml`` and templates of the charts at the pinned versions, and of DandyDeveloper's
redis-ha below argo-cd.
"""

from typing import Any

from .component import Chart, Component

_SOFT = ("global.affinity.podAntiAffinity", "kubernetes.io/hostname")
_COSTS = "costs are collected and shown later; the store in S3 keeps them"


def _argo(name: str, base: str, **more: Any) -> Component:
    return Component(
        name=f"argocd-{name}",
        base=base,
        labels={"app.kubernetes.io/name": f"argocd-{name}"},
        paths={
            key: f"{base}.{key}|global.{key}"
            for key in (
                "priorityClassName",
                "nodeSelector",
                "tolerations",
                "topologySpreadConstraints",
            )
        },
        own_selector=True,
        anti_affinity=_SOFT,
        budget=f"{base}.pdb",
        **more,
    )


def _redis(name: str, base: str, resources: tuple[str, ...], **more: Any) -> Component:
    return Component(
        name=f"{{release}}-redis-ha-{name}",
        base=base,
        switches=("redis-ha.enabled",),
        paths={"affinity": "", "topologySpreadConstraints": ""},
        resources=resources,
        anti_affinity=(f"{base}.hardAntiAffinity", "kubernetes.io/hostname"),
        budget=f"{base}.podDisruptionBudget",
        budget_switch=None,
        **more,
    )


def _costs(name: str, base: str, **more: Any) -> Component:
    return Component(
        name=f"{{release}}-{name}",
        base=base,
        switches=(f"{base}.enabled",),
        paths={
            "priorityClassName": f"{base}.priorityClassName|{base}.priority.name",
            "topologySpreadConstraints": "",
        },
        replicas=1,
        alone=_COSTS,
        **more,
    )


_PDB: dict[str, Any] = {"pdb": {"enabled": False}}
_SCALED: dict[str, Any] = {"replicas": 1, "autoscaling": {"enabled": False, "minReplicas": 1}}
_AUTOSCALING = ("autoscaling.enabled", "autoscaling.minReplicas")

HUB: dict[str, Chart] = {
    "argo-cd": Chart(
        components=(
            _argo(
                "application-controller",
                "controller",
                kind="StatefulSet",
                alone="what Git says is applied later; what runs runs on",
            ),
            _argo("server", "server", autoscaling=_AUTOSCALING),
            _argo("repo-server", "repoServer", autoscaling=_AUTOSCALING),
            _argo("applicationset-controller", "applicationSet"),
            _redis(
                "server",
                "redis-ha",
                ("redis.resources", "sentinel.resources", "splitBrainDetection.resources"),
                kind="StatefulSet",
                volume="redis-ha.persistentVolume.enabled",
                votes=True,
            ),
            _redis("haproxy", "redis-ha.haproxy", ("resources",)),
        ),
        defaults={
            "global": {
                "nodeSelector": {"kubernetes.io/os": "linux"},
                "affinity": {"podAntiAffinity": "soft"},
            },
            "controller": {"replicas": 1, **_PDB},
            "server": {**_SCALED, **_PDB},
            "repoServer": {**_SCALED, **_PDB},
            "applicationSet": {"replicas": 1, **_PDB},
            "redis-ha": {
                "enabled": False,
                "replicas": 3,
                "hardAntiAffinity": True,
                "haproxy": {"replicas": 3, "hardAntiAffinity": True},
                "persistentVolume": {"enabled": False},
            },
        },
        made_elsewhere=("redis-ha.replicas", "redis-ha.haproxy.replicas"),
    ),
    "rancher": Chart(
        components=(
            Component(
                name="rancher",
                labels={"app": "rancher"},
                paths={
                    "affinity": "",
                    "nodeSelector": "",
                    "tolerations": "extraTolerations",
                    "topologySpreadConstraints": "",
                },
                resources=("resources", "auditLog.resources"),
                anti_affinity=("antiAffinity", "topologyKey"),
            ),
        ),
        defaults={
            "replicas": 3,
            "antiAffinity": "preferred",
            "topologyKey": "kubernetes.io/hostname",
            "priorityClassName": "rancher-critical",
        },
    ),
    "kubecost": Chart(
        components=(
            _costs("finops-agent", "finopsagent"),
            _costs("aggregator", "aggregator", kind="StatefulSet", volume=True),
            _costs("cloud-cost", "cloudCost"),
            _costs("forecasting", "forecasting"),
            Component(
                name="{release}-frontend",
                base="frontend",
                switches=("frontend.enabled",),
                labels={"app": "cost-analyzer", "app.kubernetes.io/instance": "{release}"},
                paths={"priorityClassName": "frontend.priority.name"},
            ),
        ),
        defaults={
            "finopsagent": {"enabled": True},
            "aggregator": {
                "enabled": True,
                "resources": {"requests": {"cpu": "100m", "memory": "3Gi"}},
            },
            "cloudCost": {"enabled": True},
            "forecasting": {
                "enabled": True,
                "resources": {"requests": {"cpu": "200m", "memory": "300Mi"}},
            },
            "frontend": {
                "enabled": True,
                "replicas": 1,
                "resources": {"requests": {"cpu": "10m", "memory": "55Mi"}},
            },
        },
    ),
}
