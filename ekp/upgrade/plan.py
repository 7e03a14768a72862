"""The plan of an environment's upgrade, cluster by cluster, and its place among the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import versions
from .cluster import Cluster, clusters, environment_order
from .findings import Finding, Weight, findings
from .gate import gate_finding
from .steps import Step, steps

if TYPE_CHECKING:
    from environments.schema import Environment


class IllegalUpgradeError(Exception):
    """EKS takes no such step; ``problems`` holds a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """The upgrade of one cluster."""

    cluster: Cluster
    support: versions.MinorSupport | None
    """Of the minor that it runs."""
    findings: Sequence[Finding]
    steps: Sequence[Step]
    """None where a finding refuses."""

    @property
    def refused(self) -> bool:
        """Whether something must be mended before."""
        return any(one.weight is Weight.REFUSES for one in self.findings)


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """The upgrade of an environment."""

    environment: str
    target: str
    support: versions.MinorSupport | None
    """Of the target."""
    order: Sequence[str]
    """All environments, as they are upgraded one after the other."""
    behind: Mapping[str, str]
    """Environments that come before this one and run an older minor than the target."""
    regions: Sequence[RegionPlan]
    """Those with something to do, in their order."""
    done: Mapping[str, str]
    """Region -> minor of those that run the target, or a newer one, already."""

    @property
    def refused(self) -> bool:
        """Whether something must be mended before any step."""
        return any(one.refused for one in self.regions)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "environment": self.environment,
            "target": self.target,
            "support": _support(self.support),
            "order": list(self.order),
            "behind": dict(self.behind),
            "done": dict(self.done),
            "refused": self.refused,
            "regions": [_region(one) for one in self.regions],
        }


def upgrade_plan(
    environments: Mapping[str, "Environment"],
    environment: str,
    target: str,
    *,
    today: date,
    gate_minors: Collection[str] | None,
    exceptions: Path,
) -> UpgradePlan:
    """Return how an environment gets to a Kubernetes minor.

    Args:
        environments: all of them, by name.
        environment: one of their names.
        target: the minor, such as 1.36.
        today: the day the support calendar is read for.
        gate_minors: what the policy gate lets pass; None: it is not asked.
        exceptions: the gate's exceptions.

    Raises:
        IllegalUpgradeError: the target is none, or cannot be reached in one step.
        GateError: the exceptions cannot be read.
    """
    if fault := versions.form_fault(target) or versions.calendar_fault(target, today):
        raise IllegalUpgradeError([fault])
    every = clusters(environments[environment])
    number = versions.number
    pending = [one for one in every if number(one.version) < number(target)]
    newer = [one for one in every if number(one.version) > number(target)]
    # A region that is ahead is left alone, unless it is what the command is about.
    judged = pending or newer
    faults = (
        versions.step_fault(one.version_setting, one.version, target, environment) for one in judged
    )
    if wrong := [fault for fault in faults if fault]:
        raise IllegalUpgradeError(wrong)
    order = environment_order(environments)
    others = sum(one.serving for one in every) > 1
    regions = []
    for one in pending:
        gate = gate_finding(one, target, known=gate_minors, file=exceptions, today=today)
        found = [*findings(one, target), *([gate] if gate else [])]
        stopped = any(finding.weight is Weight.REFUSES for finding in found)
        regions.append(
            RegionPlan(
                one,
                versions.support(one.version, today),
                found,
                () if stopped else steps(one, target, others=others, gated=gate is not None),
            )
        )
    return UpgradePlan(
        environment=environment,
        target=target,
        support=versions.support(target, today),
        order=order,
        behind={
            name: oldest
            for name in order[: order.index(environment)]
            if number(oldest := _oldest(environments[name])) < number(target)
        },
        regions=regions,
        done={one.region: one.version for one in every if one not in pending},
    )


def _oldest(environment: "Environment") -> str:
    return min((one.version for one in clusters(environment)), key=versions.number)


def _support(support: versions.MinorSupport | None) -> dict[str, Any] | None:
    if support is None:
        return None
    return {
        "minor": support.minor,
        "standard_until": support.standard_until.isoformat(),
        "standard_days_left": support.standard_days_left,
        "extended_until": support.extended_until.isoformat(),
        "extended_days_left": support.extended_days_left,
    }


def _region(plan: RegionPlan) -> dict[str, Any]:
    cluster = plan.cluster
    return {
        "region": cluster.region,
        "cluster": cluster.name,
        "version": cluster.version,
        "upgrade_policy": cluster.support.value,
        "support": _support(plan.support),
        "refused": plan.refused,
        "findings": [
            {
                "weight": one.weight.value,
                "subject": one.subject,
                "message": one.message,
                "source": one.source,
                "remedy": one.remedy,
            }
            for one in plan.findings
        ],
        "steps": [
            {
                "number": number,
                "phase": one.phase.value,
                "what": one.what,
                "how": one.how,
                "look": one.look,
                "setting": one.setting,
                "value": one.value,
                "undo": one.undo,
                "optional": one.optional,
            }
            for number, one in enumerate(plan.steps, start=1)
        ],
    }
