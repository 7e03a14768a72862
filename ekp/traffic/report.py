"""Who serves what in an environment: all of the way from a public host to a region's targets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ekp.runner.errors import BrokenSynthesisError
from ekp.runner.stacks import SYNTH, Stack

from .balancers import Balancer, balancers
from .distributions import Distribution, distributions
from .records import Leads, Record, percent, records, shares

CONFIGURATION = "This is what is configured, not what is measured: alarms decide who is healthy."
CANARIES = (
    "Weights of canaries are none of this: Argo Rollouts sets them in the clusters, by the steps "
    "that Git holds of each service."
)


@dataclass(frozen=True, slots=True)
class Host:
    """A name that users ask for."""

    name: str
    """A host, or a wildcard for one label."""
    answered_by: str
    served_by: Mapping[str, str]
    """Region -> what its load balancer hands the host to."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """The traffic of an environment as its stacks configure it."""

    environment: str
    regions: Sequence[str]
    records: Sequence[Record]
    distributions: Sequence[Distribution]
    balancers: Sequence[Balancer]

    @property
    def regional(self) -> Sequence[Record]:
        """The records that choose a region."""
        return [one for one in self.records if one.leads is not Leads.DISTRIBUTION]

    @property
    def out(self) -> Sequence[str]:
        """Regions that no user is led to, though there is a load balancer."""
        behind = {origin for one in self.distributions for origin in _origins(one)}
        return [
            one.region
            for one in self.balancers
            if one.name not in behind
            and not any(r.region == one.region and r.leads is Leads.BALANCER for r in self.records)
        ]

    @property
    def hosts(self) -> Sequence[Host]:
        """Every public host: those with records, and those that a rule names under a wildcard."""
        public = {r.name: r for r in self.records if r.name in self._public}
        named = {h for b in self.balancers for rule in b.rules for h in rule.hosts}
        return [
            Host(name, _answered(public.get(name)), dict(self._served(name)))
            for name in sorted(public.keys() | named, key=lambda name: ("*" in name, name))
        ]

    @property
    def _public(self) -> set[str]:
        """Names that users ask for; the origin's is CloudFront's alone."""
        if self.distributions:
            return {host for one in self.distributions for host in one.hosts}
        return {host for b in self.balancers for rule in b.rules for host in rule.hosts}

    def _served(self, host: str) -> Iterator[tuple[str, str]]:
        for one in self.balancers:
            to = next((rule.to for rule in one.rules if _matches(rule.hosts, host)), "nothing")
            yield one.region, to

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        parts = shares(self.records)
        return {
            "environment": self.environment,
            "way_in": "cloudfront" if self.distributions else "direct",
            "regions": list(self.regions),
            "out": list(self.out),
            "hosts": [asdict(one) for one in self.hosts],
            "distributions": [asdict(one) for one in self.distributions],
            "records": [
                {**asdict(one), "share": parts[one], "percent": percent(one, self.records)}
                for one in self.records
            ],
            "balancers": [asdict(one) for one in self.balancers],
            "notes": [CONFIGURATION, CANARIES],
        }


def traffic(stacks: Iterable[Stack], environment: str) -> Traffic:
    """Return who serves what in an environment, from its stacks.

    Raises:
        BrokenSynthesisError: a resource lacks what CDKTF writes.
    """
    ours = [stack for stack in stacks if stack.layer in ("edge", "ingress")]
    try:
        return Traffic(
            environment=environment,
            regions=[stack.region for stack in ours if stack.layer == "ingress"],
            records=records(ours),
            distributions=[one for stack in ours for one in distributions(stack)],
            balancers=[one for stack in ours for one in balancers(stack)],
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BrokenSynthesisError(
            f"The synthesized stacks of {environment} are not what CDKTF writes: {error!r}.",
            remedy=SYNTH,
        ) from error


def _origins(distribution: Distribution) -> Iterable[str]:
    return (behavior.origin for behavior in distribution.behaviors)


def _answered(record: Record | None) -> str:
    if record is None:
        return "the wildcard's records"
    return f"{record.leads} {record.to}" if record.leads is Leads.DISTRIBUTION else "the regions"


def _matches(patterns: Sequence[str], host: str) -> bool:
    """Tell whether a rule is for a host: by its name, or by a wildcard for it."""
    return any(
        pattern == host or (pattern.startswith("*.") and host.endswith(pattern[1:]))
        for pattern in patterns
    )
