"""How many requests met which version until when, and how they were answered."""

from dataclasses import dataclass, fields

from .plan import Plan, Stage
from .scenarios import Scenario, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Requests to one version; all numbers are running sums."""

    sent: float = 0.0
    failed: float = 0.0
    slow: float = 0.0
    unreached: float = 0.0

    @property
    def answered(self) -> float:
        """Those that a pod answered, well or badly."""
        return self.sent - self.unreached

    @property
    def bad(self) -> float:
        """Those that a user would complain of."""
        return self.failed + self.slow + self.unreached

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )

    def __truediv__(self, pods: int) -> "Answers":
        return Answers(**{one.name: getattr(self, one.name) / pods for one in fields(self)})

    @classmethod
    def of(cls, version: Version, sent: float) -> "Answers":
        """Return how a version answers some requests."""
        reached = sent * (1 - version.unreached)
        return cls(
            sent=sent,
            failed=reached * version.failed,
            slow=reached * version.slow,
            unreached=sent * version.unreached,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What became of all requests from the first pod on."""

    canary: Answers = Answers()
    """Of the new version, testers' too."""
    users: Answers = Answers()
    """Of the new version, without testers'."""
    stable: Answers = Answers()

    @property
    def all(self) -> float:
        """How many requests users sent."""
        return self.users.sent + self.stable.sent

    @property
    def harm(self) -> float:
        """The share of the users' requests that the new version answered badly, or not."""
        return self.users.bad / self.all if self.all else 0.0


def traffic(plan: Plan, scenario: Scenario, until: float) -> Traffic:
    """Return what became of the requests until a second of a rollout that nothing stops."""
    canary, users, stable = Answers(), Answers(), Answers()
    for stage in plan.stages:
        lasted = min(until, stage.end) - stage.start
        if lasted <= 0:
            break
        version = _version(plan, scenario, stage)
        sent = scenario.rate * lasted
        met = Answers.of(version, sent * stage.weight / 100)
        tried = Answers.of(version, scenario.testers * lasted if stage.testers else 0.0)
        users, canary = users + met, canary + met + tried
        stable += Answers.of(scenario.stable, sent - met.sent)
    return Traffic(canary=canary, users=users, stable=stable)


def _version(plan: Plan, scenario: Scenario, stage: Stage) -> Version:
    if scenario.late and stage.weight < max(one.weight for one in plan.stages):
        return scenario.good
    return scenario.canary
