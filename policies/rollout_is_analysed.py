"""EKP_ROLLOUT_1: what a new version does to users is measured, and a bad one goes back by itself.

Every Rollout is asked for it: the platform knows no strategy, environment or service that takes a
new version unmeasured.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.checks import Entity, Everything, cluster_check, listed

Analysis = Mapping[str, Any]


@cluster_check(
    "EKP_ROLLOUT_1",
    "Ensure a Rollout has an analysis, by templates that there are",
    "Rollout",
)
def rollout_is_analysed(rollout: Entity, everything: Everything) -> bool:
    """Fail a Rollout that nothing measures, or whose templates are not in its cluster."""
    strategy = (rollout.body.get("spec") or {}).get("strategy") or {}
    found = [
        template
        for analysis in _analyses(strategy)
        for template in listed(analysis.get("templates"))
    ]
    return bool(found) and all(_exists(one, rollout, everything) for one in found)


def _analyses(strategy: Mapping[str, Any]) -> Iterator[Analysis]:
    canary, blue_green = strategy.get("canary") or {}, strategy.get("blueGreen") or {}
    for field in ("prePromotionAnalysis", "postPromotionAnalysis"):
        yield blue_green.get(field) or {}
    steps = listed(canary.get("steps"))
    for step in steps:
        yield step.get("analysis") or {}
    background = canary.get("analysis") or {}
    # One that is to start after the last step never does. Source: argoproj/argo-rollouts,
    # utils/replicaset/canary.go (BeforeStartingStep).
    if int(background.get("startingStep") or 0) < max(1, len(steps)):
        yield background


def _exists(template: Mapping[str, Any], rollout: Entity, everything: Everything) -> bool:
    name = template.get("templateName")
    if template.get("clusterScope"):
        return any(one.name == name for one in everything.of("ClusterAnalysisTemplate"))
    return any(
        one.name == name and one.namespace == rollout.namespace
        for one in everything.of("AnalysisTemplate")
    )
