"""Strategies as Argo Rollouts takes them: who gets the new version when, and who measures it."""

from typing import Any

from ...core.delivery import BlueGreen, Canary, CanaryStep, HeaderCanary
from ...core.services import Service
from ..istio.destinations import CANARY, STABLE
from ..istio.routes import versions
from ..workload.addresses import preview

HEADER_ROUTE = "canary-header"
"""The route that Rollouts puts before all others while testers are served."""
# Pods of a version that failed stay so long, for whoever looks at them.
_KEPT_SECONDS = 300
# Rollouts ends the analysis as soon as it scales the old version down.
_AFTER_WATCH_SECONDS = 120

Step = dict[str, Any]


def strategy(service: Service) -> dict[str, Any]:
    """Return a Rollout's ``strategy``."""
    match service.strategy:
        case BlueGreen() as chosen:
            return {"blueGreen": _blue_green(service, chosen)}
        case HeaderCanary() as chosen:
            testers = _testers(chosen)
            routing = {"managedRoutes": [{"name": HEADER_ROUTE}], **_routing(service)}
            return {"canary": _canary(service, [*testers, *_from_testers(chosen)], routing)}
        case Canary() as chosen:
            return {"canary": _canary(service, _weights(chosen.steps), _routing(service))}


def _canary(service: Service, steps: list[Step], routing: dict[str, Any]) -> dict[str, Any]:
    """Return a canary whose old version keeps all its pods until the end.

    ``dynamicStableScale`` would take pods from it as traffic leaves, and an abort would find too
    few: the share goes back at once, the pods come minutes later.
    """
    return {
        "maxUnavailable": 0,
        "abortScaleDownDelaySeconds": _KEPT_SECONDS,
        "trafficRouting": routing,
        # Measured as soon as anyone gets the new version: with the first pause.
        "analysis": {
            **_analysis(service),
            "startingStep": next(place for place, step in enumerate(steps) if "pause" in step),
        },
        "steps": steps,
    }


def _routing(service: Service) -> dict[str, Any]:
    return {
        "istio": {
            # Its one route needs no name here.
            "virtualService": {"name": versions(service)},
            "destinationRule": {
                "name": service.name,
                "canarySubsetName": CANARY,
                "stableSubsetName": STABLE,
            },
        }
    }


def _weights(steps: tuple[CanaryStep, ...]) -> list[Step]:
    """Return each share with its pause; after the last one comes the whole."""
    return [part for step in steps for part in ({"setWeight": step.weight}, _pause(step))]


def _pause(step: CanaryStep) -> Step:
    return {"pause": {"duration": f"{step.pause_seconds}s"}}


def _testers(chosen: HeaderCanary) -> list[Step]:
    """Return the steps in which those alone meet the new version who send the header.

    Its pods are as many as the first share will need: without a share there would be none.
    """
    match = [{"headerName": chosen.header, "headerValue": {"exact": chosen.value}}]
    return [
        {"setCanaryScale": {"weight": chosen.steps[0].weight}},
        {"setHeaderRoute": {"name": HEADER_ROUTE, "match": match}},
        {"pause": {"duration": f"{chosen.testers_seconds}s"}},
        # Without a match it is removed.
        {"setHeaderRoute": {"name": HEADER_ROUTE}},
    ]


def _from_testers(chosen: HeaderCanary) -> list[Step]:
    """Return the shares after the testers, from which on pods follow the share again.

    In this order: without the first share they would follow down to none.
    Source: Argo Rollouts documentation, "Dynamic Canary Scale (with Traffic Routing)".
    """
    first, *others = _weights(chosen.steps)
    return [first, {"setCanaryScale": {"matchTrafficWeight": True}}, *others]


def _blue_green(service: Service, chosen: BlueGreen) -> dict[str, Any]:
    return {
        "activeService": service.name,
        "previewService": preview(service),
        "autoPromotionEnabled": True,
        "postPromotionAnalysis": _analysis(service),
        # Longer than the analysis, so that the way back is there until it has judged.
        "scaleDownDelaySeconds": chosen.watched_seconds + _AFTER_WATCH_SECONDS,
        "abortScaleDownDelaySeconds": _KEPT_SECONDS,
    }


def _analysis(service: Service) -> dict[str, Any]:
    return {
        "templates": [{"templateName": service.name}],
        "args": [{"name": "hash", "valueFrom": {"podTemplateHashValue": "Latest"}}],
    }
