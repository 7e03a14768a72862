"""The report: what each tenant costs in each environment, so that all of it is somebody's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from .accounts import Payer, Place
from .answer import COMPONENTS, IDLE, Allocation, Answer, Period
from .budget import Budget, judge, months
from .coverage import check_periods, remarks
from .errors import AnswerError
from .recommendations import Recommendation
from .shares import Rule, rounded, split, to_cents

NOTHING = Decimal("0.00")
IDLE_PART = "idle"
PLATFORM_PART = "platform"
UNPLACED_PART = "unallocated"
KUBECOST_PART = "cluster overhead"
SHARED_PARTS = (PLATFORM_PART, IDLE_PART, UNPLACED_PART, KUBECOST_PART)
"""What shared cost is made of: namespaces of the platform, capacity that nobody uses, volumes and
load balancers of no namespace, and what Kubecost shares out itself, such as control planes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one tenant costs in one environment, in US dollars and whole cents."""

    tenant: str | None
    """None: nobody's but the platform's, in an environment without tenants."""
    owner: str
    cost_center: str
    costs: Mapping[str, Decimal]
    """Its own, by component."""
    shared: Decimal
    """Its part of the environment's shared cost."""
    budget: Budget | None = None

    @property
    def direct(self) -> Decimal:
        """All of its own."""
        return sum(self.costs.values(), NOTHING)

    @property
    def total(self) -> Decimal:
        """What it is charged."""
        return self.direct + self.shared


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentCosts:
    """What one environment costs, and who carries it."""

    environment: str
    total: Decimal
    shared: Mapping[str, Decimal]
    """The shared cost by what it is made of."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A window's costs, shared out."""

    periods: tuple[Period, ...]
    rule: Rule
    environments: tuple[EnvironmentCosts, ...]
    unknown: Mapping[str, Decimal] = field(default_factory=dict)
    """Costs of clusters that the settings do not name."""
    recommendations: tuple[Recommendation, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """All of it."""
        known = sum((one.total for one in self.environments), NOTHING)
        return sum(self.unknown.values(), known)


def report(
    answers: Sequence[Answer],
    places: Sequence[Place],
    *,
    rule: Rule = Rule.PROPORTIONAL,
    recommendations: Sequence[Recommendation] = (),
) -> Report:
    """Share out what answers tell; several are of windows that follow each other.

    Raises:
        AnswerError: windows overlap, or no cluster is one of the settings.
    """
    ordered = sorted(answers, key=lambda one: one.period.start)
    check_periods(ordered)
    periods = tuple(one.period for one in ordered)
    rows = [row for one in ordered for row in one.allocations]
    home = {cluster: place.environment for place in places for cluster in place.clusters}
    strangers = sorted({row.cluster for row in rows} - set(home))
    if not any(row.cluster in home for row in rows):
        raise AnswerError(
            f"No cluster of the answer is one of the settings: {', '.join(strangers)}.",
            remedy=f"The clusters of the settings are {', '.join(sorted(home))}.",
        )
    covered = months(periods)
    found = tuple(
        _environment(place, here, rule, covered)
        for place in places
        if (here := [row for row in rows if row.cluster in place.clusters])
    )
    unknown = {
        cluster: to_cents(sum((r.direct + r.shared for r in rows if r.cluster == cluster), NOTHING))
        for cluster in strangers
    }
    return Report(
        periods=periods,
        rule=rule,
        environments=found,
        unknown=unknown,
        recommendations=tuple(recommendations),
        warnings=(*remarks(ordered), *_warnings(found, unknown)),
    )


def _environment(
    place: Place, rows: Iterable[Allocation], rule: Rule, covered: Fraction
) -> EnvironmentCosts:
    own = {one.tenant: dict.fromkeys(COMPONENTS, Decimal(0)) for one in place.payers}
    parts = dict.fromkeys(SHARED_PARTS, Decimal(0))
    for row in rows:
        parts[KUBECOST_PART] += row.shared
        tenant = place.payer(row.namespace) if row.has_namespace else None
        if tenant is None:
            parts[_part(row)] += row.direct
            continue
        for component, amount in row.costs.items():
            own[tenant][component] += amount
    exact = {tenant: sum(costs.values(), Decimal(0)) for tenant, costs in own.items()}
    # A tenant's name never is empty, so nothing stands in the way of the pool's.
    every = {**exact, "": sum(parts.values(), Decimal(0))}
    total = to_cents(sum(every.values(), Decimal(0)))
    cents = rounded(every, total)
    pool = cents.pop("")
    weights = exact if rule is Rule.PROPORTIONAL else dict.fromkeys(exact, Decimal(1))
    carried = split(pool, weights) if exact else {}
    lines = tuple(
        _line(payer, rounded(own[payer.tenant], cents[payer.tenant]), carried, covered)
        for payer in sorted(place.payers, key=lambda one: one.tenant)
    )
    platform = Line(
        tenant=None,
        owner=place.owner,
        cost_center=place.cost_center,
        costs=dict.fromkeys(COMPONENTS, NOTHING),
        shared=pool,
    )
    return EnvironmentCosts(
        environment=place.environment,
        total=total,
        shared=rounded(parts, pool),
        lines=lines or (platform,),
    )


def _part(row: Allocation) -> str:
    if row.namespace == IDLE:
        return IDLE_PART
    return PLATFORM_PART if row.has_namespace else UNPLACED_PART


def _line(
    payer: Payer, costs: Mapping[str, Decimal], carried: Mapping[str, Decimal], covered: Fraction
) -> Line:
    total = sum(costs.values(), NOTHING) + carried[payer.tenant]
    budget = payer.monthly_budget
    return Line(
        tenant=payer.tenant,
        owner=payer.owner,
        cost_center=payer.cost_center,
        costs=costs,
        shared=carried[payer.tenant],
        budget=None if budget is None else judge(total, budget, covered),
    )


def _warnings(
    environments: Iterable[EnvironmentCosts], unknown: Mapping[str, Decimal]
) -> Iterable[str]:
    for one in environments:
        for line in one.lines:
            if line.budget is not None and line.budget.state.is_bad:
                yield (
                    f"{line.tenant} in {one.environment} is {line.budget.state}: {line.total}"
                    f" of {line.budget.allowed} for the window, {line.budget.expected} of"
                    f" {line.budget.monthly} a month."
                )
    for cluster, amount in unknown.items():
        yield f"{cluster} is no cluster of the settings: {amount} is charged to nobody."
