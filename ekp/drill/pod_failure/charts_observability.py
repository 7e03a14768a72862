"""Charts that watch: metrics, logs, traces; requests are answered without them.

Sources: ``values.yaml`` and templates of the charts at the pinned versions; Grafana, kube-state-
metrics and the node exporter are charts of their own below kube-prometheus-stack.
"""

from typing import Any

from .component import Chart, Component
from .workload import PER_NODE

_NOTHING_MORE = {"topologySpreadConstraints": ""}


def _store(name: str, top: str, spec: str, label: str) -> Component:
    """Prometheus or Alertmanager, whose StatefulSet the operator makes of an object's spec."""
    return Component(
        name=name,
        kind="StatefulSet",
        base=f"{top}.{spec}",
        labels={"app.kubernetes.io/name": label},
        anti_affinity=(
            f"{top}.{spec}.podAntiAffinity",
            f"{top}.{spec}.podAntiAffinityTopologyKey",
        ),
        budget=f"{top}.podDisruptionBudget",
        volume=f"{top}.{spec}.{'storageSpec' if spec.startswith('prom') else 'storage'}",
    )


def _loki(name: str, base: str, **more: Any) -> Component:
    return Component(
        name=name,
        base=base,
        switches=(f"{base}.enabled",),
        paths={
            key: f"{base}.{key}|defaults.{key}"
            for key in ("priorityClassName", "nodeSelector", "tolerations")
        },
        budget=f"{base}.podDisruptionBudget",
        budget_needs_several=True,
        budget_otherwise={"maxUnavailable": 1},
        **more,
    )


def _agent(name: str) -> Component:
    return Component(name=name, kind=PER_NODE, paths=_NOTHING_MORE)


_STORE: dict[str, Any] = {
    "podAntiAffinity": "soft",
    "podAntiAffinityTopologyKey": "kubernetes.io/hostname",
}
_BUDGET: dict[str, Any] = {"enabled": False, "minAvailable": 1}
_LOKI_BUDGET: dict[str, Any] = {"podDisruptionBudget": {"enabled": True}}

OBSERVABILITY: dict[str, Chart] = {
    "kube-prometheus-stack": Chart(
        components=(
            _store("prometheus-{release}-prometheus", "prometheus", "prometheusSpec", "prometheus"),
            _store(
                "alertmanager-{release}-alertmanager",
                "alertmanager",
                "alertmanagerSpec",
                "alertmanager",
            ),
            Component(
                name="{release}-operator",
                base="prometheusOperator",
                paths=_NOTHING_MORE,
                replicas=1,
                budget="prometheusOperator.podDisruptionBudget",
                alone="Prometheus and Alertmanager run on; changes of rules and monitors wait",
            ),
            Component(
                name="{release}-kube-state-metrics",
                base="kube-state-metrics",
                replicas=1,
                alone="metrics of objects have a gap; alerts on them wait",
            ),
            Component(
                name="{release}-grafana",
                base="grafana",
                replicas=1,
                resources=("resources", "sidecar.resources", "sidecar.resources"),
                volume="grafana.persistence.enabled",
                alone="nobody sees dashboards; alerts go out all the same",
            ),
            Component(
                name="{release}-prometheus-node-exporter",
                kind=PER_NODE,
                base="prometheus-node-exporter",
            ),
        ),
        defaults={
            "prometheus": {
                "prometheusSpec": {"replicas": 1, **_STORE},
                "podDisruptionBudget": _BUDGET,
            },
            "alertmanager": {
                "alertmanagerSpec": {"replicas": 1, **_STORE},
                "podDisruptionBudget": _BUDGET,
            },
            "prometheusOperator": {"podDisruptionBudget": _BUDGET},
            "prometheus-node-exporter": {
                "tolerations": [{"effect": "NoSchedule", "operator": "Exists"}]
            },
        },
        made_elsewhere=("grafana", "kube-state-metrics", "prometheus-node-exporter"),
    ),
    "loki": Chart(
        components=(
            # A write counts once two of three copies have it.
            _loki(
                "{release}",
                "singleBinary",
                kind="StatefulSet",
                labels={
                    "app.kubernetes.io/name": "loki",
                    "app.kubernetes.io/component": "single-binary",
                },
                never_together=True,
                volume="singleBinary.persistence.enabled",
                votes=True,
            ),
            _loki(
                "{release}-gateway",
                "gateway",
                labels={
                    "app.kubernetes.io/name": "loki",
                    "app.kubernetes.io/component": "gateway",
                },
                never_together=True,
            ),
            *(
                _loki(
                    f"{{release}}-{name}",
                    base,
                    kind="StatefulSet",
                    cache=True,
                    alone="queries of logs read S3 instead, and take longer",
                )
                for name, base in (
                    ("chunks-cache", "chunksCache"),
                    ("results-cache", "resultsCache"),
                )
            ),
        ),
        defaults={
            "singleBinary": {
                "enabled": True,
                "replicas": 0,
                "persistence": {"enabled": True},
                **_LOKI_BUDGET,
            },
            "gateway": {"enabled": True, "replicas": 1, **_LOKI_BUDGET},
            "chunksCache": {
                "enabled": True,
                "replicas": 1,
                "allocatedMemory": 8192,
                "allocatedCPU": "500m",
                **_LOKI_BUDGET,
            },
            "resultsCache": {
                "enabled": True,
                "replicas": 1,
                "allocatedMemory": 1024,
                "allocatedCPU": "500m",
                **_LOKI_BUDGET,
            },
        },
    ),
    "jaeger": Chart(
        components=(
            Component(
                name="{release}",
                base="jaeger",
                # The chart's own spelling.
                paths={
                    "topologySpreadConstraints": "jaeger.topologySpreadContraints",
                    "priorityClassName": "",
                },
                volume="jaeger.extraVolumes",
                alone="spans of that time are lost; those that it kept are on its volume",
            ),
        ),
        defaults={"jaeger": {"replicas": 1}},
    ),
    "aws-for-fluent-bit": Chart(
        components=(_agent("aws-for-fluent-bit"),),
        defaults={"resources": {"requests": {"cpu": "50m", "memory": "50Mi"}}},
    ),
    "aws-cloudwatch-metrics": Chart(
        components=(_agent("aws-cloudwatch-metrics"),),
        defaults={"resources": {"requests": {"cpu": "200m", "memory": "200Mi"}}},
    ),
}
