"""Rollout of a service: its pods, and the strategy by which a new version takes over."""

from ...core.services import Service, labels, selector
from ..manifest import Manifest
from ..workload.pods import pod_template
from .strategies import strategy

# A node may have to come, and an image be pulled, before the container starts at all.
_BEFORE_START_SECONDS = 540


def rollout(service: Service) -> Manifest:
    """Return the Rollout of a service.

    It says nothing of ``replicas``, which the autoscaler sets. A version whose pods do not become
    ready in time is given up like one that its analysis refuses.
    """
    return Manifest(
        api_version="argoproj.io/v1alpha1",
        kind="Rollout",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "revisionHistoryLimit": 3,
                "progressDeadlineSeconds": service.probes.startup_seconds + _BEFORE_START_SECONDS,
                "progressDeadlineAbort": True,
                "selector": {"matchLabels": selector(service)},
                "template": pod_template(service),
                "strategy": strategy(service),
            }
        },
    )
