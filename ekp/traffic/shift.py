"""What moves users between regions: the settings to change, tried before anybody writes them."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.core.kubernetes_versions import Level
from modules.core.origin_records import Policy

from ekp.runner import stacks

from .changes import StackChange, stack_changes
from .records import Record, percent, shares
from .report import Traffic, traffic

if TYPE_CHECKING:
    from environments.schema import Environment

POLICY_CHANGES = (
    "The routing policy changes, and users see errors meanwhile. Records of one name have one "
    "policy: Route 53 takes no new one while an old one stands, in whichever region, so every old "
    "record goes first, and until the new ones stand nothing leads to a region. Resolvers may "
    "keep it in mind for some minutes that there was no answer."
)
DEPLOY = (
    "Write the settings into environments/{environment}.py.",
    "`ekp plan {environment}`: nothing but these records changes.",
    "`ekp deploy {environment}`.",
)
CHANGE_POLICY = (
    "To empty a region stop here: share.serving = False takes it out and interrupts nobody.",
    "To give weights nonetheless, wait for an hour in which errors may be seen, and say so before.",
    *DEPLOY[:2],
    "`ekp deploy {environment}`. Where a new record met an old one it fails, and nothing answers.",
    "`ekp deploy {environment}` at once again, until it is done.",
    "`ekp traffic {environment}`, and ask for a public host from outside.",
)


class RefusedShiftError(Exception):
    """Users cannot be moved so; ``problems`` holds a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Edit:
    """One setting, as it is and as it would be."""

    setting: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A move of users, and what it would change."""

    environment: str
    edits: Sequence[Edit]
    """None: it is so already."""
    before: Traffic
    after: Traffic
    stacks: Sequence[StackChange]
    warnings: Sequence[str]

    @property
    def interrupts(self) -> bool:
        """Whether users get no answer meanwhile, however it is done."""
        return any(one.setting.endswith(".edge.policy") for one in self.edits)

    @property
    def steps(self) -> Sequence[str]:
        """What to do, in this order."""
        steps = CHANGE_POLICY if self.interrupts else DEPLOY
        return [one.format(environment=self.environment) for one in steps] if self.edits else []

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "environment": self.environment,
            "settings": [
                {"setting": one.setting, "before": one.before, "after": one.after}
                for one in self.edits
            ],
            "before": _answers(self.before),
            "after": _answers(self.after),
            "stacks": [
                {
                    "stack": one.stack,
                    "add": list(one.added),
                    "change": list(one.changed),
                    "destroy": list(one.removed),
                }
                for one in self.stacks
            ],
            "warnings": list(self.warnings),
            "interrupts": self.interrupts,
            "steps": list(self.steps),
        }


def edited(
    environment: "Environment", region: str, weight: int
) -> tuple["Environment", Sequence[Edit]]:
    """Return an environment that gives a region a weight, and the settings that make it so.

    Args:
        environment: as it is.
        region: one of its regions.
        weight: the region's part among the others', 0 to 255.

    Raises:
        RefusedShiftError: the weight would decide nothing, or the settings would be invalid.
    """
    # The checks of settings, which load the bindings.
    from environments.edge_checks import check_edges  # noqa: PLC0415 - as said above

    if faults := list(_faults(environment, region)):
        raise RefusedShiftError(faults)
    name, settings = environment.name, environment.regions[region]
    policy, share = environment.edge.policy, settings.ingress.share
    edits = []
    changed = environment
    if policy is Policy.LATENCY:
        edits.append(Edit(f"{name}.edge.policy", policy.value, Policy.WEIGHTED.value))
        edge = environment.edge.model_copy(update={"policy": Policy.WEIGHTED})
        changed = changed.model_copy(update={"edge": edge})
    if share.weight != weight:
        setting = f"{name}.regions[{region}].ingress.share.weight"
        edits.append(Edit(setting, str(share.weight), str(weight)))
        moved = share.model_copy(update={"weight": weight})
        ingress = settings.ingress.model_copy(update={"share": moved})
        regions = {**environment.regions, region: settings.model_copy(update={"ingress": ingress})}
        changed = changed.model_copy(update={"regions": regions})
    wrong = [one.message for one in check_edges([changed]) if one.level is Level.ERROR]
    if wrong:
        raise RefusedShiftError(wrong)
    return changed, edits


def shift(
    environments: Mapping[str, "Environment"], environment: str, region: str, weight: int
) -> Shift:
    """Return what giving a region a weight would change; nothing is written but for a while.

    Args:
        environments: all of them, by name, valid.
        environment: one of their names.
        region: one of its regions.
        weight: the region's part among the others', 0 to 255.

    Raises:
        RefusedShiftError: users cannot be moved so.
    """
    changed, edits = edited(environments[environment], region, weight)
    before = _stacks(environments, environment)
    after = _stacks({**environments, environment: changed}, environment) if edits else before
    then = traffic(after.values(), environment)
    return Shift(
        environment=environment,
        edits=edits,
        before=traffic(before.values(), environment),
        after=then,
        stacks=stack_changes(before, after),
        warnings=list(_warnings(changed, region, weight, edits, then)),
    )


def _faults(environment: "Environment", region: str) -> Iterator[str]:
    name, policy = environment.name, environment.edge.policy
    known = environment.regions
    if region not in known:
        yield f"{region} is no region of {name}; use one of {', '.join(known)}."
        return
    if len(known) == 1:
        yield f"{name} has one region, {region}: all of its users are there, whatever its weight."
        return
    if not known[region].ingress.share.serving:
        yield (
            f"{name}.regions[{region}].ingress.share.serving = False: no record leads there for a "
            "weight to count in; let it serve first."
        )
    if policy is Policy.FAILOVER:
        yield (
            f"{name}.edge.policy = failover: one region serves and one waits, weights decide "
            "nothing; change which by share.standby, or set policy weighted."
        )


def _warnings(
    changed: "Environment", region: str, weight: int, edits: Sequence[Edit], after: Traffic
) -> Iterator[str]:
    if not edits:
        return
    if any(one.setting.endswith(".edge.policy") for one in edits):
        yield POLICY_CHANGES
    if weight == 0:
        yield (
            f"{region} gets users only while no other region is healthy; Route 53 answers with it "
            "then, so it must be able to serve."
        )
    for one, part in _parts(after).items():
        if one != region and part > 50:  # noqa: PLR2004 - more than half
            groups = changed.regions[one].cluster.node_groups
            grown = ", ".join(f"{name} to {group.max_size}" for name, group in groups.items())
            yield (
                f"{one} takes {part:.1f} % of all users: its node groups grow ({grown} nodes), "
                "and its quotas must allow it."
            )


def _parts(found: Traffic) -> Mapping[str, float]:
    parts = {one.region: percent(one, found.records) for one in found.regional}
    return {region: part for region, part in parts.items() if part is not None}


def _stacks(
    environments: Mapping[str, "Environment"], environment: str
) -> Mapping[str, stacks.Stack]:
    import main  # noqa: PLC0415 - loads the bindings

    with tempfile.TemporaryDirectory(prefix="ekp-shift-") as folder:
        main.synth_trial(environments, environment, folder)
        return stacks.of_environment(stacks.load(Path(folder)), environment)


def _answers(found: Traffic) -> list[dict[str, Any]]:
    parts: Mapping[Record, str] = shares(found.records)
    return [
        {
            "name": one.name,
            "region": one.region,
            "routing": one.routing.value,
            "weight": one.weight,
            "share": parts[one],
            "percent": percent(one, found.records),
        }
        for one in found.regional
    ]
