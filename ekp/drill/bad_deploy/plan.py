"""How a rollout goes: which share of the requests the new version has when, and who measures it.

Time starts when the new version's first pods are ready; that pods take a while between steps is
left out. Source: argo-rollouts v1.9.0, rollout/canary.go, rollout/analysis.go, utils/replicaset.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ekp.drill.durations import seconds
from ekp.evaluate.request import Object, Unsupported

_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A time in which nothing changes but what is measured."""

    start: float
    lasts: float
    """Seconds; ``inf`` where the rollout waits for a person."""
    weight: int
    """Percent of the users' requests that go to the new version."""
    testers: bool = False
    """Whether those get it who send the header."""

    @property
    def end(self) -> float:
        """When it is over."""
        return self.start + self.lasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole way of a new version that nothing stops."""

    stages: tuple[Stage, ...]
    analysis: Mapping[str, Any] | None
    """As the Rollout writes it; None: nobody measures."""
    measured_from: float = 0.0
    at_once: bool = False
    """Blue-green: everybody meets the new version at once, and the analysis ends the rollout."""

    @property
    def length(self) -> float:
        """Seconds until everybody has the new version, or the old one is gone."""
        return self.stages[-1].end if self.stages else 0.0

    @property
    def met_from(self) -> float:
        """When the first user meets the new version."""
        return next((one.start for one in self.stages if one.weight), self.length)

    def weight(self, at: float) -> int:
        """Return the share that the new version has."""
        for stage in self.stages:
            if stage.start <= at < stage.end:
                return stage.weight
        return _WHOLE

    def shortened(self, most: float) -> "Plan":
        """Return the plan with no stage longer than some seconds."""
        stages: list[Stage] = []
        at, measured = 0.0, None
        for one in self.stages:
            if measured is None and one.start >= self.measured_from:
                measured = at
            stages.append(replace(one, start=at, lasts=min(one.lasts, most)))
            at = stages[-1].end
        found = at if measured is None else measured
        return replace(self, stages=tuple(stages), measured_from=found)


def plan_of(rollout: Object) -> Plan:
    """Return how a Rollout's strategy lets a new version in.

    Raises:
        Unsupported: a part of it is not evaluated.
    """
    strategy = rollout["spec"]["strategy"]
    if "blueGreen" in strategy:
        return _at_once(rollout, strategy["blueGreen"])
    if "canary" not in strategy:
        raise Unsupported(rollout, "spec.strategy", "is neither canary nor blueGreen")
    canary = strategy["canary"] or {}
    steps = list(canary.get("steps") or ())
    analysis = canary.get("analysis") or None
    starts: list[float] = []
    stages = tuple(_stages(rollout, steps, starts))
    first = int((analysis or {}).get("startingStep") or 0)
    length = stages[-1].end if stages else 0.0
    return Plan(
        stages=stages,
        analysis=analysis,
        measured_from=starts[first] if first < len(starts) else length,
    )


def _stages(
    rollout: Object, steps: list[Mapping[str, Any]], starts: list[float]
) -> Iterator[Stage]:
    """Yield a stage for each pause, and note in ``starts`` when each step begins."""
    at, weight, testers = 0.0, 0, False
    for number, step in enumerate(steps):
        starts.append(at)
        match step:
            case {"setWeight": share}:
                if number and "setWeight" in steps[number - 1]:
                    what = "of two without a pause: how long the first one lasts is not evaluated"
                    raise Unsupported(rollout, f"steps[{number}].setWeight", what)
                weight = int(share)
            case {"setHeaderRoute": route}:
                testers = bool((route or {}).get("match"))
            case {"setCanaryScale": _}:
                # Pods of the new version; who is sent to them does not change.
                pass
            case {"pause": pause}:
                duration = (pause or {}).get("duration")
                where = f"{rollout['metadata']['name']} steps[{number}]"
                lasts = math.inf if duration is None else seconds(duration, where)
                yield Stage(start=at, lasts=lasts, weight=weight, testers=testers)
                at += lasts
            case _:
                raise Unsupported(rollout, f"steps[{number}]", f"{sorted(step)} is not evaluated")


def _at_once(rollout: Object, found: Mapping[str, Any]) -> Plan:
    """Return blue-green's plan: the old pods stay for ``scaleDownDelaySeconds``, 30 by default."""
    if found.get("prePromotionAnalysis"):
        raise Unsupported(rollout, "blueGreen.prePromotionAnalysis", "is not evaluated")
    kept = float(found.get("scaleDownDelaySeconds", 30))
    return Plan(
        stages=(Stage(start=0.0, lasts=kept, weight=_WHOLE),),
        analysis=found.get("postPromotionAnalysis") or None,
        at_once=True,
    )
