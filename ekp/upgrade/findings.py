"""What stands in the way of an upgrade, or should be known before it: charts, add-ons, nodes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from modules.addons import charts
from modules.addons.cluster_autoscaler import IMAGES
from modules.core.chart_compatibility import COMPATIBILITY, admits, untested
from modules.core.charts import Chart
from modules.core.eks_addons import SOURCE as ADDONS_SOURCE
from modules.core.eks_addons import VERSIONS, Addon
from modules.core.kubernetes_versions import SUPPORT

from .cluster import Cluster
from .versions import number

SKEW = 3
"""Minors that a kube-proxy or a kubelet may be older than the API, and no minor newer.

Source: kubernetes.io, "Version Skew Policy".
"""
KARPENTER_SOURCE = "karpenter.sh, Managing AMIs: an alias follows the cluster's minor"


class Weight(StrEnum):
    """What a finding does to the plan."""

    REFUSES = "refuses"
    """The upgrade would fail, or break the cluster: it is mended first."""
    WARNS = "warns"
    """It may go well; somebody looks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know before an upgrade, with who says so and what to do."""

    weight: Weight
    subject: str
    message: str
    source: str
    remedy: str


def findings(cluster: Cluster, target: str) -> Sequence[Finding]:
    """Return what is known against bringing a cluster to a minor, the refusals first."""
    found = [*_charts(cluster, target), *_addons(cluster, target), *_nodes(cluster, target)]
    return sorted(found, key=lambda one: one.weight is not Weight.REFUSES)


def _charts(cluster: Cluster, target: str) -> Iterator[Finding]:
    for chart in cluster.charts:
        source = COMPATIBILITY[chart.folder].source
        pin = f"Pin a version that is for {target} in modules/addons/charts.py, and deploy it first"
        if reason := admits(chart, target):
            yield Finding(
                Weight.REFUSES, _named(chart), reason.partition(";")[0] + ".", source, f"{pin}."
            )
        elif untested(chart, target):
            yield Finding(
                Weight.WARNS,
                _named(chart),
                _not_tested(chart, target).capitalize(),
                source,
                f"{pin}.",
            )
    if not cluster.is_hub:
        for chart in (charts.ARGO_CD, charts.RANCHER):
            refusal = admits(chart, target)
            if refusal or untested(chart, target):
                said = f"its chart is not for {target}." if refusal else _not_tested(chart, target)
                yield Finding(
                    Weight.WARNS,
                    f"{_named(chart)} on the hub",
                    f"It looks after this cluster, and {said}",
                    COMPATIBILITY[chart.folder].source,
                    "See in its release notes whether it takes such clusters; update it first.",
                )
    if charts.CLUSTER_AUTOSCALER in cluster.charts and target not in IMAGES:
        yield Finding(
            Weight.REFUSES,
            _named(charts.CLUSTER_AUTOSCALER),
            f"Its image is of the cluster's minor, and none of {target} is known.",
            "kubernetes/autoscaler, cluster-autoscaler/README.md, Releases",
            "Add the image to modules/addons/cluster_autoscaler.py.",
        )


def _named(chart: Chart) -> str:
    return f"{chart.name} {chart.version}"


def _not_tested(chart: Chart, target: str) -> str:
    tested = COMPATIBILITY[chart.folder].tested or ()
    return f"its makers test it on {tested[0]} to {tested[-1]}, not on {target}."


def _addons(cluster: Cluster, target: str) -> Iterator[Finding]:
    catalogue = VERSIONS.get(target)
    setting = f"{cluster.setting}.cluster.addons.versions"
    if catalogue is None:
        yield Finding(
            Weight.REFUSES,
            "EKS add-ons",
            f"The catalogue has no row for {target}.",
            ADDONS_SOURCE.replace("MINOR", target),
            "Add it to modules/core/eks_addons.py.",
        )
        return
    now = {**VERSIONS.get(cluster.version, {}), **cluster.addon_versions}
    then = {**catalogue, **cluster.addon_versions}
    if unknown := [addon.value for addon in Addon if then[addon] is None and now.get(addon)]:
        yield Finding(
            Weight.WARNS,
            f"add-ons {', '.join(unknown)}",
            f"No version for {target} is known: Terraform would leave them as they are.",
            ADDONS_SOURCE.replace("MINOR", target),
            f"Write the versions into modules/core/eks_addons.py, or {setting}.",
        )
    if fault := proxy_fault(then[Addon.KUBE_PROXY], target):
        yield Finding(
            Weight.REFUSES,
            "kube-proxy",
            fault,
            "kubernetes.io, Version Skew Policy",
            f"Change it in {setting}, or modules/core/eks_addons.py.",
        )
    if fault := cni_fault(now.get(Addon.VPC_CNI), then[Addon.VPC_CNI]):
        yield Finding(
            Weight.REFUSES,
            "vpc-cni",
            fault,
            "EKS user guide, Update the Amazon VPC CNI",
            f"Deploy the minors between, by {setting}, before.",
        )


def proxy_fault(version: str | None, target: str) -> str | None:
    """Return why a version of kube-proxy may not run below a control plane; None: it may.

    None as a version is whatever runs there, which was legal for the minor before.
    """
    found = re.match(r"v1\.(\d+)\.", version or "")
    if found is None:
        return None
    ahead = int(found[1]) - number(target)
    if ahead > 0:
        return f"{version} is newer than the control plane's {target}."
    if ahead < -SKEW:
        return f"{version} is {-ahead} minors older than {target}, {SKEW} are allowed."
    return None


def cni_fault(now: str | None, then: str | None) -> str | None:
    """Return why the VPC CNI cannot go from one version to another; None: it can, or who knows."""
    minors = [re.match(r"v1\.(\d+)\.", version or "") for version in (now, then)]
    if None in minors:
        return None
    first, last = (int(found[1]) for found in minors if found)
    if abs(last - first) <= 1:
        return None
    return f"{now} to {then} is {abs(last - first)} minors; it moves one at a time."


def _nodes(cluster: Cluster, target: str) -> Iterator[Finding]:
    alias = cluster.karpenter_alias
    setting = f"{cluster.setting}.platform.karpenter.ami_alias"
    if alias and (dated := re.fullmatch(r"al2023@v(\d{4})(\d{2})(\d{2})", alias)):
        day = date(*map(int, dated.groups()))
        if day < SUPPORT[target].released:
            yield Finding(
                Weight.REFUSES,
                f"Karpenter's image {alias}",
                f"It is older than {target} on EKS ({SUPPORT[target].released}), for which no such "
                "image was made: once the control plane is upgraded Karpenter starts no node.",
                KARPENTER_SOURCE,
                f"Name an image of {target} in {setting}.",
            )
    elif alias:
        yield Finding(
            Weight.WARNS,
            f"Karpenter's image {alias}",
            f"Whether there is one for {target} cannot be seen from its version.",
            KARPENTER_SOURCE,
            f"Look it up; {setting} names another.",
        )
    if not cluster.available:
        yield Finding(
            Weight.WARNS,
            "one copy of each service",
            "What runs in one copy stands still while its node is replaced.",
            f"{cluster.setting}.platform.availability",
            "Tell those who use it.",
        )
