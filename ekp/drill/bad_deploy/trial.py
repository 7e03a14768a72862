"""Deploys that are tried: each scenario of each service, over series that Prometheus is given."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ekp.drill.prometheus import QueryError, Server

from .analysis import Metric
from .condition_parts import Result
from .course import AwayError, Course, follow
from .deploy import Deploy
from .labels import measured
from .plan import Plan, plan_of
from .scenarios import Scenario, scenarios
from .series import BEFORE, lines
from .subject import Subject
from .templates import metrics_of
from .traffic import traffic

LONGEST = 900.0
"""Seconds for which one share is looked at: three of the windows that queries have."""
# Any time will do: nothing in it is older than another.
_FIRST = 1_767_225_600.0
# A query looks five minutes back; deploys stay out of each other's sight.
_APART = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One deploy of one service, and what became of it."""

    subject: Subject
    deploy: Deploy
    metrics: tuple[Metric, ...]
    course: Course
    harm: float
    """The share of users' requests until then that the new version answered badly, or not."""

    @property
    def scenario(self) -> Scenario:
        """What the deploy does."""
        return self.deploy.scenario

    @property
    def met(self) -> float:
        """Seconds that users, or the analysis, had met it when it ended."""
        plan = self.deploy.plan
        return self.course.at - max(plan.met_from, plan.measured_from)


def deploys_of(subjects: Iterable[Subject]) -> list[tuple[Subject, Deploy]]:
    """Return all deploys of some services, each at a time of its own.

    Raises:
        Unsupported: a service is not understood.
    """
    found: list[tuple[Subject, Plan, list[Scenario]]] = []
    for subject in subjects:
        plan = plan_of(subject.rollout).shortened(LONGEST)
        testers = any(stage.testers for stage in plan.stages)
        tried = scenarios(subject.promise().budget, testers=testers)
        found.append((subject, plan, list(tried)))
    slot = max((plan.length for _, plan, _ in found), default=0.0) + BEFORE + _APART
    return [
        (
            subject,
            Deploy(
                measured=measured(subject),
                plan=plan,
                scenario=scenario,
                bound=subject.promise().bound,
                name=subject.name,
                number=number,
                begins=_FIRST + number * slot,
            ),
        )
        for subject, plan, tried in found
        for number, scenario in enumerate(tried)
    ]


def samples(deploys: Iterable[tuple[Subject, Deploy]]) -> Iterator[str]:
    """Yield what Prometheus would have of some deploys."""
    for _, deploy in deploys:
        yield from lines(deploy)


def tried(deploys: Sequence[tuple[Subject, Deploy]], server: Server) -> Iterator[Trial]:
    """Yield what becomes of each deploy.

    Raises:
        RefusedError: Argo Rollouts would refuse an analysis.
        Unsupported: a condition is not understood.
    """
    for subject, deploy in deploys:
        analysis = plan_of(subject.rollout).analysis or {}
        metrics = metrics_of(subject.rollout, analysis, subject.objects, deploy.pod_hash)
        course = follow(deploy.plan, metrics, _Asked(deploy, server))
        yield Trial(
            subject=subject,
            deploy=deploy,
            metrics=metrics,
            course=course,
            harm=traffic(deploy.plan, deploy.scenario, course.at).harm,
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Measures by asking Prometheus for the time of the deploy."""

    deploy: Deploy
    server: Server

    def __call__(self, metric: Metric, at: float) -> Result:
        if self.deploy.scenario.away:
            raise AwayError
        try:
            return self.server.ask(metric.query, self.deploy.begins + at)
        except QueryError as error:
            raise AwayError from error
