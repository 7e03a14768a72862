"""Add-ons of EKS: CoreDNS, without which nothing finds anything, and what each node runs.

Sources: Amazon EKS user guide, "Manage CoreDNS for DNS in Amazon EKS clusters": two copies, spread
over zones by ``topologySpreadConstraints`` with ScheduleAnyway, a readiness probe, and from
v1.9.3-eksbuild.6 on a PodDisruptionBudget; aws/containers-roadmap#295 and #1028 for its affinity
and budget; kubernetes-sigs/aws-ebs-csi-driver, charts/aws-ebs-csi-driver/values.yaml.
"""

from typing import Any

from .component import Chart, Component, Values
from .workload import PER_NODE, Ending, Role, Topology


def _dns_ending(_: Values) -> Ending:
    """The add-on's Corefile has ``lameduck 5s``; Kubernetes gives a pod 30 seconds."""
    return Ending((), 5, 30)


_ANYWHERE: list[Any] = [{"operator": "Exists"}]


def _on_each_node(name: str, cpu: str, memory: str) -> Chart:
    return Chart(
        components=(Component(name=name, kind=PER_NODE, role=Role.SERVES),),
        defaults={
            "tolerations": _ANYWHERE,
            "priorityClassName": "system-node-critical",
            "resources": {"requests": {"cpu": cpu, "memory": memory}},
        },
    )


ADDONS: dict[str, Chart] = {
    "coredns": Chart(
        components=(
            Component(
                name="coredns",
                role=Role.SERVES,
                labels={"k8s-app": "kube-dns", "eks.amazonaws.com/component": "coredns"},
                replicas="replicaCount",
                autoscaling=("autoScaling.enabled", "autoScaling.minReplicas"),
                rather_apart=(Topology.NODE,),
                budget="podDisruptionBudget",
                ending=_dns_ending,
            ),
        ),
        defaults={
            "replicaCount": 2,
            "autoScaling": {"enabled": False, "minReplicas": 2},
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "priorityClassName": "system-cluster-critical",
            "resources": {"requests": {"cpu": "100m", "memory": "70Mi"}},
            "tolerations": [
                {"key": "CriticalAddonsOnly", "operator": "Exists"},
                {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
            ],
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": Topology.ZONE.value,
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                }
            ],
        },
    ),
    "kube-proxy": _on_each_node("kube-proxy", "100m", "0"),
    "vpc-cni": _on_each_node("aws-node", "50m", "0"),
    "eks-pod-identity-agent": _on_each_node("eks-pod-identity-agent", "0", "0"),
    # Two controllers of six containers.
    "aws-ebs-csi-driver": Chart(
        components=(
            Component(
                name="ebs-csi-controller",
                base="controller",
                labels={"app": "ebs-csi-controller"},
                replicas="replicaCount",
                resources=("resources",) * 6,
                rather_apart=(Topology.NODE,),
                budget="controller.podDisruptionBudget",
                budget_otherwise={"maxUnavailable": 1},
            ),
            Component(
                name="ebs-csi-node", kind=PER_NODE, base="node", resources=("resources",) * 3
            ),
        ),
        defaults={
            "controller": {
                "replicaCount": 2,
                "podDisruptionBudget": {"enabled": True},
                "priorityClassName": "system-cluster-critical",
                "resources": {"requests": {"cpu": "10m", "memory": "40Mi"}},
                "tolerations": [
                    {"key": "CriticalAddonsOnly", "operator": "Exists"},
                    {"effect": "NoExecute", "operator": "Exists", "tolerationSeconds": 300},
                ],
            },
            "node": {
                "priorityClassName": "system-node-critical",
                "tolerations": _ANYWHERE,
                "resources": {"requests": {"cpu": "10m", "memory": "40Mi"}},
            },
        },
    ),
}
"""Add-ons of EKS, whose ``configuration_values`` are as a chart's values."""
