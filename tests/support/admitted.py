"""Objects of a service as Git holds them, its pod, and what the admission policies say to them."""

import copy
from typing import Any

from modules.core.services import Route, Service
from modules.core.site import Site
from modules.kubernetes.admission import service_admission
from modules.kubernetes.service_objects import service_objects

from .cel import Admission
from .injected import injected

SITE = Site(domain="example.org")
SERVICE = Service(
    name="orders",
    namespace="shop",
    image="registry.example.org/shop/orders:1.4.2",
    routes=(Route(host="api", path="/orders"), Route(host="@")),
)
POLICIES = [manifest.as_dict() for manifest in service_admission(SITE.domain)]
ADMISSION = Admission(POLICIES)
RESOURCES = {
    "AnalysisTemplate": "analysistemplates",
    "ConfigMap": "configmaps",
    "DestinationRule": "destinationrules",
    "Pod": "pods",
    "PodMonitor": "podmonitors",
    "PrometheusRule": "prometheusrules",
    "Rollout": "rollouts",
    "Service": "services",
    "VirtualService": "virtualservices",
}


def objects(service: Service = SERVICE, site: Site = SITE) -> list[dict[str, Any]]:
    """Return what Git holds of a service, and the pod that comes of it."""
    found = [copy.deepcopy(manifest.as_dict()) for manifest in service_objects(service, site)]
    (template,) = [one["spec"]["template"] for one in found if one["kind"] == "Rollout"]
    return [*found, injected(template, service.namespace)]


def one(kind: str, name: str = "orders") -> dict[str, Any]:
    (found,) = [
        each
        for each in objects()
        if each["kind"] == kind and (kind == "Pod" or each["metadata"]["name"] == name)
    ]
    return found


def refusals(found: dict[str, Any], admission: Admission = ADMISSION) -> list[str]:
    return admission.refusals(found, RESOURCES.get(found["kind"], found["kind"].lower() + "s"))


def changed(found: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return an object with one more value at a path such as ``spec.http[0].mirror``."""
    at: Any = found
    *parents, last = path.replace("[", "/[").replace(".", "/").split("/")
    for part in parents:
        at = at[int(part[1:-1])] if part.startswith("[") else at.setdefault(part, {})
    at[int(last[1:-1]) if last.startswith("[") else last] = value
    return found
