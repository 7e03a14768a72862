"""Calico: the Tigera operator, and what it makes of its ``Installation``.

Sources: ``values.yaml`` of tigera-operator v3.32.1; tigera/operator, pkg/render/typha.go,
pkg/render/apiserver.go, pkg/render/kubecontrollers and pkg/common/autoscale.go.
"""

from typing import Any

from .component import Chart, Component
from .workload import PER_NODE, Role, Topology

_ALL = [
    {"effect": "NoExecute", "operator": "Exists"},
    {"effect": "NoSchedule", "operator": "Exists"},
]


def _typhas(nodes: int) -> int:
    """Return how many Typhas the operator runs for so many nodes."""
    if nodes <= 2:  # noqa: PLR2004 - the operator's own steps
        return 1
    return 2 if nodes <= 4 else max(3, nodes // 200 + 2)  # noqa: PLR2004 - as above


def _calico(key: str, *, everywhere: bool = False) -> dict[str, Any]:
    return {
        "resources": (f"{key}.spec.template.spec.containers",),
        "paths": {
            "priorityClassName": "calico.priorityClassName",
            "nodeSelector": "",
            "tolerations": "calico.everywhere" if everywhere else "",
            "affinity": "",
            "topologySpreadConstraints": "",
        },
    }


CALICO: dict[str, Chart] = {
    "tigera-operator": Chart(
        components=(
            Component(
                name="tigera-operator",
                replicas=1,
                alone="the policies that hold on the nodes stay; a change of Calico waits",
                paths={"topologySpreadConstraints": ""},
            ),
            Component(
                name="calico-node",
                kind=PER_NODE,
                role=Role.SERVES,
                **_calico("installation.calicoNodeDaemonSet", everywhere=True),
            ),
            Component(
                name="calico-typha",
                replicas=_typhas,
                rather_apart=(Topology.ZONE,),
                budget="calico.budget",
                **_calico("installation.typhaDeployment", everywhere=True),
            ),
            Component(
                name="calico-kube-controllers",
                replicas=1,
                alone="policies hold; what deleted pods and nodes left is cleaned up later",
                **_calico("installation.calicoKubeControllersDeployment"),
            ),
            Component(
                name="calico-apiserver",
                replicas="installation.controlPlaneReplicas",
                rather_apart=(Topology.ZONE, Topology.NODE),
                budget="calico.budget",
                **_calico("apiServer.apiServerDeployment"),
            ),
        ),
        defaults={
            "installation": {"controlPlaneReplicas": 2},
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "tolerations": _ALL,
            # The operator's own, which no value changes.
            "calico": {
                "priorityClassName": "system-cluster-critical",
                "everywhere": _ALL,
                "budget": {"enabled": True, "maxUnavailable": 1},
            },
        },
        made_elsewhere=("calico",),
    ),
}
