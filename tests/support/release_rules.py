"""The order of a stack's Helm releases: none before what it needs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .releases import before, values
from .synth import Synth

# They are there before anything is installed.
GIVEN_NAMESPACES = frozenset(("kube-system", "kube-public", "default"))
# Who brings the definitions of a group's kinds: one of these charts.
BROUGHT_BY: Mapping[str, tuple[str, ...]] = {
    "argoproj.io": ("argo-rollouts", "argo-cd"),
    "cert-manager.io": ("cert-manager",),
    "elbv2.k8s.aws": ("aws-load-balancer-controller",),
    "extensions.istio.io": ("base",),
    "k8s.nginx.org": ("nginx-ingress",),
    "karpenter.k8s.aws": ("karpenter-crd", "karpenter"),
    "karpenter.sh": ("karpenter-crd", "karpenter"),
    "monitoring.coreos.com": ("kube-prometheus-stack",),
    "networking.istio.io": ("base",),
    "operator.tigera.io": ("tigera-operator",),
    "projectcalico.org": ("tigera-operator",),
    "secrets.hashicorp.com": ("vault-secrets-operator",),
    "security.istio.io": ("base",),
    "telemetry.istio.io": ("base",),
}
# Groups that every cluster has.
BUILT_IN = re.compile(r"(v1|apps|autoscaling|batch|policy|[a-z.]+\.k8s\.io)(/|$)")
MONITORS = frozenset(("servicemonitor", "podmonitor", "prometheusrule"))
# Charts that keep data on volumes.
CLAIMS = frozenset(("kube-prometheus-stack", "vault", "loki", "kubecost"))


@dataclass(frozen=True)
class Installed:
    """One release of a stack: of a chart, or a bundle of the project's own objects."""

    address: str
    body: Mapping[str, Any]
    before: frozenset[str]
    """Addresses of all that stands before it, however indirectly."""

    @property
    def label(self) -> str:
        """How a complaint names it."""
        return f"{self.body['namespace']}/{self.body['name']}"

    @property
    def namespace(self) -> str:
        """Where it is installed."""
        return str(self.body["namespace"])

    @property
    def chart(self) -> str | None:
        """Name of its chart; None: a bundle of objects."""
        return self.body["chart"] if self.body.get("repository") else None

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Merged as Helm does."""
        return values(self.body)

    @property
    def objects(self) -> Sequence[Mapping[str, Any]]:
        """Objects of a bundle; a chart's own are not known."""
        return () if self.chart else self.values["objects"]


def installed(plan: Synth) -> list[Installed]:
    """Return the releases of a stack."""
    resources = plan.resources()
    return [
        Installed(address, body, frozenset(before(resources, address)))
        for address, body in resources.items()
        if address.startswith("helm_release.")
    ]


def out_of_order(plan: Synth, earlier: Iterable[Synth] = ()) -> list[str]:
    """Return releases that may be tried before what they need is there.

    ``earlier`` are the stacks that are applied before this one, of the same cluster.
    """
    own = installed(plan)
    given = [release for stack in earlier for release in installed(stack)]
    return [
        f"{release.label} before {what}"
        for release in own
        for what, makers in _needs(release, [*given, *own])
        if not any(
            maker in given or maker is release or maker.address in release.before
            for maker in makers
        )
    ]


def _needs(
    release: Installed, every: Sequence[Installed]
) -> Iterator[tuple[str, Sequence[Installed]]]:
    """Yield what a release needs, with those that make it."""
    places = {release.namespace, *(_place(o) for o in release.objects)} - GIVEN_NAMESPACES - {None}
    for place in sorted(filter(None, places)):
        yield f"namespace {place}", _making(every, "Namespace", place)
        if _injected(every, place):
            yield f"the sidecar's webhook, for {place}", _of_charts(every, ("istiod",))
    for group in sorted({_group(o) for o in release.objects} - {""}):
        yield f"kinds of {group}", _of_charts(every, BROUGHT_BY.get(group, ()))
    if release.chart not in (None, "kube-prometheus-stack") and _monitored(release.values):
        yield "monitors", _of_charts(every, ("kube-prometheus-stack",))
    texts = set(_texts(release.values))
    if release.chart not in (None, "cert-manager") and "ClusterIssuer" in texts:
        yield "certificates", _of_charts(every, ("cert-manager",))
    if "ekp-platform" in texts:
        yield "its priority class", _making(every, "PriorityClass", "ekp-platform")
    if release.chart in CLAIMS:
        yield "a default storage class", _making(every, "StorageClass", None)


def _making(every: Sequence[Installed], kind: str, name: str | None) -> list[Installed]:
    return [
        release
        for release in every
        for made in release.objects
        if made["kind"] == kind and name in (None, made["metadata"]["name"])
    ]


def _of_charts(every: Sequence[Installed], charts: Sequence[str]) -> list[Installed]:
    return [release for release in every if release.chart in charts]


def _injected(every: Sequence[Installed], namespace: str) -> bool:
    return any(
        made["metadata"].get("labels", {}).get("istio-injection") == "enabled"
        for release in every
        for made in release.objects
        if made["kind"] == "Namespace" and made["metadata"]["name"] == namespace
    )


def _place(made: Mapping[str, Any]) -> str | None:
    found: str | None = made["metadata"].get("namespace")
    return found


def _group(made: Mapping[str, Any]) -> str:
    """Return the API group of an object that needs a definition, else nothing."""
    version = str(made["apiVersion"])
    return "" if BUILT_IN.match(version) else version.partition("/")[0]


def _monitored(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_monitored, value))
    if not isinstance(value, dict):
        return False
    return any(
        (
            key.lower() in MONITORS
            and isinstance(entry, dict)
            and True in (entry.get("enabled"), entry.get("create"))
        )
        or _monitored(entry)
        for key, entry in value.items()
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
