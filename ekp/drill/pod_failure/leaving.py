"""How callers turn away from pods: those that are told to end, and those that are just gone."""

from collections.abc import Iterator, Sequence
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import every, of_kind
from ekp.drill.report import Check
from ekp.evaluate.request import named as object_name
from ekp.evaluate.workloads import templates

from .findings import Gap, check, named, of_workload
from .region import Region
from .workload import Workload

# Until Kubernetes calls a silent node lost and takes its pods from Services: 50 s by default since
# 1.32, 40 s before. Source: Kubernetes reference, kube-controller-manager,
# `--node-monitor-grace-period`. EKS does not say whether it sets another.
_SILENT = 50
_DOMAIN = "svc.cluster.local"


def checks(configured: Configured, regions: Sequence[Region]) -> list[Check]:
    """Return the checks of ends that are announced, and of those that are not."""
    return [_announced(configured, regions), _unannounced(configured, regions)]


def _announced(configured: Configured, regions: Sequence[Region]) -> Check:
    gaps, told, every_one = [], set(), []
    delay = max((int(one["deregistration_delay"]) for one in _groups(configured)), default=0)
    for region in regions:
        behind = {
            one["metadata"]["namespace"] for one in of_kind(region.objects, "TargetGroupBinding")
        }
        for workload in region.serving:
            ending = workload.ending
            every_one.append(workload)
            if ending is None:
                continue
            needed = delay if workload.namespace in behind else 1
            told.add(f"{workload.title} {ending.waits} s of {ending.grace} s")
            if ending.unready:
                text = f"has no readiness probe in {', '.join(ending.unready)}"
                gaps.append(of_workload(region, workload, text, "Give it a readiness probe."))
            if ending.waits < needed:
                text = f"answers {ending.waits} s after it is told to end; callers need {needed} s"
                remedy = "Give it a `preStop` that sleeps as long as callers need to turn away."
                gaps.append(of_workload(region, workload, text, remedy))
            if ending.grace <= ending.waits:
                text = (
                    f"is killed after {ending.grace} s, and waits {ending.waits} s before it ends"
                )
                remedy = "Raise `terminationGracePeriodSeconds` above the wait."
                gaps.append(of_workload(region, workload, text, remedy))
    return check(
        "A pod that is told to end takes no new request before callers have turned away.",
        gaps,
        f"Each has a readiness probe, and still answers for so long of its grace period: "
        f"{'; '.join(sorted(told))}. Target groups let go of a pod in {delay} s.",
        named(every_one),
    )


def _unannounced(configured: Configured, regions: Sequence[Region]) -> Check:
    gaps: list[Gap] = []
    by: list[str] = []
    checked = [one["health_check"] for one in _groups(configured)]
    seconds = max(
        (int(one["interval"]) * int(one["unhealthy_threshold"]) for one in checked), default=0
    )
    for region in regions:
        for found in _strays(region):
            text = f"{object_name(found)} selects no pod, so nobody is led to any"
            remedy = "Let its selector match the labels of the pods that it is for."
            gaps.append(Gap(region.name, text, object_name(found), remedy))
        for workload in region.serving:
            for host in _hosts(region, workload):
                rules = [
                    one for one in of_kind(region.objects, "DestinationRule") if _for(one, host)
                ]
                by += [object_name(one) for one in rules]
                if not any(_ejects(one) for one in rules):
                    remedy = "Give its DestinationRule `trafficPolicy.outlierDetection`."
                    text = "has no outlier detection: callers ask a lost pod again and again"
                    gaps.append(of_workload(region, workload, text, remedy))
                routes = [
                    one
                    for one in of_kind(region.objects, "VirtualService")
                    if host in (one["spec"].get("hosts") or ())
                ]
                by += [object_name(one) for one in routes]
                if not any(_retries(one) for one in routes):
                    remedy = "Retry its safe methods on `connect-failure` in its VirtualService."
                    text = "has no retry of safe methods: each request to a lost pod fails"
                    gaps.append(of_workload(region, workload, text, remedy))
    services = (
        "Proxies eject a pod of a service that does not answer and retry safe methods at another; "
        "other methods fail until then."
        if by
        else "There are no services of tenants here."
    )
    return check(
        "Callers turn away from a lost node's pods before Kubernetes knows of it.",
        gaps,
        f"Kubernetes takes some {_SILENT} s. {services} Load balancers leave out a gateway or a "
        f"shard after {seconds} s.",
        dict.fromkeys(by),
    )


def _groups(configured: Configured) -> list[Any]:
    return [one.body for one in every(configured.stacks, "aws_lb_target_group")]


def _hosts(region: Region, workload: Workload) -> Iterator[str]:
    """Yield the addresses of the services that lead to a workload of objects."""
    for found in of_kind(region.objects, "Service"):
        metadata, selector = found["metadata"], found["spec"].get("selector") or {}
        if (
            selector
            and metadata["namespace"] == workload.namespace
            and selector.items() <= workload.labels.items()
        ):
            yield f"{metadata['name']}.{metadata['namespace']}.{_DOMAIN}"


def _strays(region: Region) -> Iterator[Any]:
    """Yield the services called as a workload of their namespace that select none of its pods."""
    labels = {
        (one["metadata"]["namespace"], one["metadata"]["name"]): one["spec"]["template"]
        .get("metadata", {})
        .get("labels")
        or {}
        for one in templates(region.objects)
    }
    for found in of_kind(region.objects, "Service"):
        place = (found["metadata"].get("namespace"), found["metadata"]["name"])
        selector = found["spec"].get("selector") or {}
        if place in labels and selector and not selector.items() <= labels[place].items():
            yield found


def _for(rule: Any, host: str) -> bool:
    found = rule["spec"]["host"]
    short = f"{found}.{rule['metadata']['namespace']}.{_DOMAIN}"
    return host in (found, short)


def _ejects(rule: Any) -> bool:
    """Tell whether a rule ejects pods: of each kind of error, 0 is never.

    Source: Istio reference, "Destination Rule", OutlierDetection: five errors of 5xx unless said
    otherwise; gateway errors and errors of the connection's own only where they are set.
    """
    found = (rule["spec"].get("trafficPolicy") or {}).get("outlierDetection")
    if not found:
        return False
    local = found.get("splitExternalLocalOriginErrors") and found.get(
        "consecutiveLocalOriginFailures", 5
    )
    return any((found.get("consecutive5xxErrors", 5), found.get("consecutiveGatewayErrors"), local))


def _retries(route: Any) -> bool:
    retries = [one.get("retries") or {} for one in route["spec"].get("http") or ()]
    return any(
        one.get("attempts", 0) > 0 and "connect-failure" in one.get("retryOn", "")
        for one in retries
    )
