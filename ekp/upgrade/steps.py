"""The steps of one cluster's upgrade, in the only order that is legal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from modules.addons.charts import RANCHER
from modules.addons.cluster_autoscaler import IMAGES
from modules.core.eks_addons import AFTER_NODES, BEFORE_NODES, VERSIONS, Addon

from .cluster import Cluster


class Phase(StrEnum):
    """Which part of the upgrade a step belongs to."""

    LOOK = "look"
    """Nothing changes yet."""
    TRAFFIC = "traffic"
    """Users are led away, or back."""
    CHANGE = "change"
    """Settings are edited and planned."""
    DEPLOY = "deploy"
    """One deploy does all of these, each once the one before is done."""
    VERIFY = "verify"
    """It is seen to be right."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    phase: Phase
    what: str
    how: str
    """The command, or the setting and its value."""
    look: str
    """What is seen when it is right."""
    setting: str | None = None
    """Path of the setting that is edited."""
    value: str | None = None
    """What is written there, as Python."""
    undo: str | None = None
    """What cannot be taken back, or how it is."""
    optional: bool = False


def steps(cluster: Cluster, target: str, *, others: bool, gated: bool) -> Sequence[Step]:
    """Return the steps that bring a cluster to the next minor.

    Args:
        cluster: what is upgraded.
        target: the minor after its own.
        others: whether other regions can take its users.
        gated: whether an exception of the policy gate must be written.
    """
    leads = others and cluster.serving
    return [
        *_look(cluster, target),
        *([_share(cluster, serving=False)] if leads else ()),
        *_change(cluster, target, gated=gated),
        *_deploy(cluster, target),
        *_verify(cluster, target),
        *([_share(cluster, serving=True)] if leads else ()),
    ]


def _look(cluster: Cluster, target: str) -> Iterator[Step]:
    # Source: EKS API, UpdateClusterVersion: node groups must be of the cluster's own minor.
    yield Step(
        Phase.LOOK,
        f"every node runs {cluster.version}",
        "kubectl get nodes",
        f"v{cluster.version} everywhere: EKS refuses the control plane while a group is older",
    )
    yield Step(
        Phase.LOOK,
        "EKS finds nothing in the way",
        f"aws eks list-insights --region {cluster.region} --cluster-name {cluster.name} "
        "--filter categories=UPGRADE_READINESS",
        f"no ERROR for {target}; calls of removed APIs count for 30 days after the last one",
    )
    if not cluster.is_hub:
        yield Step(
            Phase.LOOK,
            f"the hub's Rancher takes clusters of {target}",
            f"release notes of Rancher {RANCHER.app_version}",
            f"{target} is among the minors that it supports; Rancher is updated first otherwise",
        )
    yield Step(
        Phase.LOOK,
        "no disruption budget holds a node",
        "kubectl get poddisruptionbudgets --all-namespaces",
        "ALLOWED DISRUPTIONS above 0: a node that cannot be emptied in 15 minutes fails the update",
    )


def _share(cluster: Cluster, *, serving: bool) -> Step:
    setting, env = f"{cluster.setting}.ingress.share.serving", cluster.environment
    return Step(
        Phase.TRAFFIC,
        "lead users back" if serving else "lead users to the other regions",
        f"{setting} = {serving}, ekp deploy {env}",
        f"ekp traffic {env} shows it" + ("" if serving else "; answers are cached for a minute"),
        setting=setting,
        value=str(serving),
        undo=f"set it to {not serving} and deploy",
        optional=True,
    )


def _change(cluster: Cluster, target: str, *, gated: bool) -> Iterator[Step]:
    env = cluster.environment
    if moved := _addon_edits(cluster, target):
        setting = f"{cluster.setting}.cluster.addons.versions"
        yield Step(
            Phase.CHANGE,
            f"name versions of {', '.join(addon.value for addon in moved)}",
            f"{setting}, or modules/core/eks_addons.py",
            f"aws eks describe-addon-versions --kubernetes-version {target} lists them",
            setting=setting,
        )
    if gated:
        yield Step(
            Phase.CHANGE,
            "let the policy gate pass the minor",
            "policies/exceptions.yaml, or a newer checkov",
            f"ekp policy {env}",
        )
    yield Step(
        Phase.CHANGE,
        "set the minor, of this region alone",
        f'{cluster.version_setting} = "{target}"',
        f"environments/{env}.py; regions that share a value get one each",
        setting=cluster.version_setting,
        value=f'"{target}"',
    )
    yield Step(
        Phase.CHANGE,
        "plan it",
        f"ekp plan {env}",
        "one cluster, its node groups and add-ons are updated in place; nothing is replaced, "
        "destroyed, or in another region",
    )


def _addon_edits(cluster: Cluster, target: str) -> Sequence[Addon]:
    """Return the add-ons that stay at the old minor's version unless somebody names another."""
    now, then = VERSIONS.get(cluster.version, {}), VERSIONS.get(target, {})
    return [
        addon
        for addon in Addon
        if addon in cluster.addon_versions or (then.get(addon) is None and now.get(addon))
    ]


def _deploy(cluster: Cluster, target: str) -> Iterator[Step]:
    command = f"ekp deploy {cluster.environment}"
    goes_on = "(the same deploy)"
    groups = [group.line(cluster.zones) for group in cluster.node_groups]
    yield Step(
        Phase.DEPLOY,
        f"control plane {cluster.version} -> {target}",
        command,
        f"aws eks describe-cluster --region {cluster.region} --name {cluster.name}: ACTIVE, "
        f"{target}",
        undo="cannot be stopped once begun; EKS rolls it back for 7 days, nodes and add-ons first",
    )
    yield Step(Phase.DEPLOY, f"add-ons {_listed(cluster, BEFORE_NODES, target)}", goes_on, "ACTIVE")
    yield Step(
        Phase.DEPLOY,
        f"node group{'s' * (len(groups) > 1)} {'; '.join(groups)}",
        goes_on,
        f"kubectl get nodes: v{target} everywhere",
        undo="a group whose nodes cannot be emptied fails and keeps the old ones; deploy again",
    )
    yield Step(Phase.DEPLOY, f"add-ons {_listed(cluster, AFTER_NODES, target)}", goes_on, "ACTIVE")
    if cluster.karpenter_alias is None:
        yield Step(
            Phase.DEPLOY,
            f"charts: cluster-autoscaler's image {IMAGES.get(cluster.version)} -> "
            f"{IMAGES.get(target)}",
            goes_on,
            "kubectl --namespace kube-system get deployments",
        )
    else:
        yield Step(
            Phase.DEPLOY,
            f"Karpenter replaces its nodes by {cluster.karpenter_alias} of {target}, by itself",
            "kubectl get nodeclaims",
            "none is Drifted any more; it goes on for hours after the deploy",
        )


def _listed(cluster: Cluster, addons: Sequence[Addon], target: str) -> str:
    """Return add-ons with what they go to."""
    versions = {**VERSIONS.get(target, {}), **cluster.addon_versions}
    return ", ".join(f"{addon.value} {versions.get(addon) or '(as it is)'}" for addon in addons)


def _verify(cluster: Cluster, target: str) -> Iterator[Step]:
    env = cluster.environment
    yield Step(
        Phase.VERIFY,
        "nothing is left to do",
        f"ekp plan {env}",
        f"no changes; kubectl get nodes: v{target}; no pod is Pending",
    )
    yield Step(
        Phase.VERIFY,
        "what is deployed is what is written",
        f"ekp drift {env}",
        "no drift; kubectl itself may be one minor off the cluster's",
    )
