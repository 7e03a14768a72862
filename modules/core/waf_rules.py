"""The rules of a web ACL, made from settings: each with its priority, for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, IPvAnyNetwork, model_validator

from .cloudfront import ORIGIN_HEADER
from .config import Config
from .context import Name
from .countries import Country
from .rates import Key, Rate
from .retention import RetentionDays
from .waf_groups import GroupAction, Inspection, ManagedGroup
from .waf_statements import (
    All,
    Geo,
    HasHeader,
    HeaderIs,
    Managed,
    Networks,
    Not,
    OwnGroup,
    Path,
    Statement,
    TooMany,
)

PathPrefix = Annotated[str, Field(pattern=r"^/[\x21-\x7e]{0,199}$")]


class Mode(StrEnum):
    """Whether a group acts or only counts what it would have done."""

    BLOCK = "block"
    COUNT = "count"


class Group(Config):
    """How one of AWS's managed groups is used."""

    mode: Mode = Mode.BLOCK
    """``count``: its rules only tell what they would have blocked."""
    overrides: Mapping[str, GroupAction] = Field(default_factory=dict)
    """Single rules of the group, by AWS's name, and what they do instead."""
    path: PathPrefix | None = None
    """Only requests for paths that begin so are looked at; None: all."""
    inspection: Inspection = Inspection.COMMON
    """Bot control alone."""


# Their false positives are known: bodies over 8 kB, and callers that run in a cloud themselves.
_COMMON = Group(overrides={"SizeRestrictions_BODY": GroupAction.COUNT})
_ANONYMOUS = Group(overrides={"HostingProviderIPList": GroupAction.COUNT})
# Mobile applications, partners' programs and clusters' agents are no browsers.
NOT_BROWSERS = ("CategoryHttpLibrary", "SignalNonBrowserUserAgent")
_BOTS = Group(overrides=dict.fromkeys(NOT_BROWSERS, GroupAction.COUNT))

PAYLOAD_GROUPS: Mapping[ManagedGroup, Group] = {
    ManagedGroup.COMMON: _COMMON,
    ManagedGroup.KNOWN_BAD_INPUTS: Group(),
    ManagedGroup.SQLI: Group(),
    ManagedGroup.LINUX: Group(),
}
"""Groups that judge what is sent: they work at any layer."""
ALL_GROUPS: Mapping[ManagedGroup, Group] = {
    ManagedGroup.IP_REPUTATION: Group(),
    ManagedGroup.ANONYMOUS_IP: _ANONYMOUS,
    **PAYLOAD_GROUPS,
    ManagedGroup.BOT_CONTROL: _BOTS,
}


class NetworkRule(Config):
    """Callers from listed networks are blocked, everywhere or on some paths."""

    networks: tuple[IPvAnyNetwork, ...] = Field(min_length=1)
    """IPv4 and IPv6 networks of callers."""
    priority: int = Field(ge=1, le=499)
    """Order among the network rules, for ever; no two share one."""
    path: PathPrefix | None = None
    """Only paths that begin so; None: all."""
    others: bool = False
    """True turns the rule round: everyone else is blocked there."""


class PathRate(Config):
    """A client's limit on some paths, below its limit on all of them."""

    path: PathPrefix
    """Paths that begin so."""
    rate: Rate
    """What one client may ask there."""
    priority: int = Field(ge=1, le=99)
    """Order among the path rates, for ever; no two share one."""


class Emergency(Config):
    """What an incident changes, agreed on before it."""

    rate_percent: int = Field(default=20, ge=1, le=100)
    """Part of the usual rate that a client keeps."""
    countries: tuple[Country, ...] = ()
    """The only countries that may still call; none: all may."""
    keeps_counting: tuple[str, ...] = NOT_BROWSERS
    """Single rules of groups, by AWS's name, that would cut off more than the incident does."""


class WebAclConfig(Config):
    """Settings of a web ACL."""

    groups: Mapping[ManagedGroup, Group] | None = None
    """None: all; behind CloudFront those that judge what is sent, for the edge has the others."""
    blocked_countries: tuple[Country, ...] = ()
    """Countries that are shut out at any time; ``plan`` has those of an emergency."""
    network_rules: Mapping[Name, NetworkRule] = Field(default_factory=dict)
    """Networks by a stable name."""
    # Source: AWS WAF quotas, "Rate-based statements per web ACL": ten, and one counts all paths.
    path_rates: Mapping[Name, PathRate] = Field(default_factory=dict, max_length=9)
    """Paths that take less, such as a login, by a stable name."""
    emergency: bool = False
    """True in an incident: counting rules block, rates fall, and countries may be closed out."""
    plan: Emergency = Field(default_factory=Emergency)
    """What ``emergency`` does."""
    log_retention_days: RetentionDays = 365
    """Days that the log of blocked and counted requests is kept in CloudWatch."""

    @model_validator(mode="after")
    def rules_are_told_apart(self) -> Self:
        """Refuse two network rules of one priority, mixed families and idle settings."""
        _told_apart("network_rules", {n: r.priority for n, r in self.network_rules.items()})
        _told_apart("path_rates", {n: r.priority for n, r in self.path_rates.items()})
        for name, rule in self.network_rules.items():
            if len({network.version for network in rule.networks}) > 1:
                raise ValueError(
                    f"network_rules {name} mixes IPv4 and IPv6, an IP set holds one of them; "
                    "write two rules"
                )
        for name, part in self.path_rates.items():
            if part.rate.key is not Key.CLIENT:
                raise ValueError(
                    f"path_rates {name} counts by {part.rate.key}, a web ACL counts by client; "
                    "leave key out"
                )
        for group, settings in (self.groups or {}).items():
            if group is not ManagedGroup.BOT_CONTROL and settings.inspection != Inspection.COMMON:
                raise ValueError(
                    f"groups {group} has an inspection level, which bot control alone knows; "
                    "remove inspection"
                )
        return self


def _told_apart(setting: str, priorities: Mapping[str, int]) -> None:
    taken: dict[int, str] = {}
    for name, priority in priorities.items():
        if priority in taken:
            raise ValueError(
                f"{setting} {taken[priority]} and {name} both have priority {priority}; "
                "give the newer one a priority of its own"
            )
        taken[priority] = name


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``counts`` makes it count only; ``status`` answers what it blocks."""

    name: str
    priority: int
    statement: Statement
    counts: bool = False
    status: int = 403


# The key of the group's ARN; no network of a settings file can be called so.
ORIGIN_PROOF = "origin header"
# AWS keeps what a group reserves when it is made, and deletes none that is in use: room to change.
ORIGIN_CAPACITY = 25

# Tens between them: a rule may come in between, and none ever moves.
ORIGIN_PROVEN = 5
CLIENT_ADDRESS = 10
CLOSED_COUNTRIES = 20
BLOCKED_COUNTRIES = 30
NETWORK_RULES = 100
RATE = 700
GROUPS: Mapping[ManagedGroup, int] = {
    ManagedGroup.IP_REPUTATION: 1000,
    ManagedGroup.ANONYMOUS_IP: 1010,
    ManagedGroup.KNOWN_BAD_INPUTS: 1020,
    ManagedGroup.COMMON: 1030,
    ManagedGroup.SQLI: 1040,
    ManagedGroup.LINUX: 1050,
    # Last, because it costs by request: what others block never reaches it.
    ManagedGroup.BOT_CONTROL: 1060,
}
TOO_MANY_REQUESTS = 429


def groups_of(config: WebAclConfig, *, address_header: str | None) -> Mapping[ManagedGroup, Group]:
    """Return the managed groups that a web ACL uses where it stands."""
    if config.groups is not None:
        return config.groups
    return PAYLOAD_GROUPS if address_header else ALL_GROUPS


def unproven(values: Sequence[str]) -> Statement:
    """Return what matches requests that carry none of the secrets of our own distribution."""
    return Not(HeaderIs(ORIGIN_HEADER, values))


def rules(config: WebAclConfig, rate: Rate, *, address_header: str | None) -> tuple[Rule, ...]:
    """Return a web ACL's rules in the order of their priorities.

    ``address_header`` carries the caller's address where CloudFront stands before the web ACL.
    """
    found: list[Rule] = []
    if address_header:
        # Anybody's distribution can call and claim to be anybody: without this rule before all
        # others, a stranger's requests would use up a client's rate.
        proof = OwnGroup(ORIGIN_PROOF, ORIGIN_CAPACITY)
        found.append(Rule("origin-header", ORIGIN_PROVEN, proof))
        # A rate rule passes over requests without the header: they come from nobody of ours.
        found.append(Rule("client-address", CLIENT_ADDRESS, Not(HasHeader(address_header))))
    if config.emergency and config.plan.countries:
        closed = Not(Geo(config.plan.countries, address_header, unreadable=False))
        found.append(Rule("closed-countries", CLOSED_COUNTRIES, closed))
    if config.blocked_countries:
        blocked = Geo(config.blocked_countries, address_header)
        found.append(Rule("blocked-countries", BLOCKED_COUNTRIES, blocked))
    for name, rule in config.network_rules.items():
        listed = Networks(name, address_header, unreadable=not rule.others)
        networks = Not(listed) if rule.others else listed
        narrowed = All((Path(rule.path), networks)) if rule.path else networks
        found.append(Rule(f"network-{name}", NETWORK_RULES + rule.priority, narrowed))
    allowed = rate.share(config.plan.rate_percent) if config.emergency else rate
    flood = TooMany(allowed.requests, allowed.window, address_header)
    found.append(Rule("rate", RATE, flood, status=TOO_MANY_REQUESTS))
    for name, part in config.path_rates.items():
        some = part.rate.share(config.plan.rate_percent) if config.emergency else part.rate
        flood = TooMany(some.requests, some.window, address_header, Path(part.path))
        found.append(Rule(f"rate-{name}", RATE + part.priority, flood, status=TOO_MANY_REQUESTS))
    found += [
        _managed(group, settings, config.plan if config.emergency else None)
        for group, settings in groups_of(config, address_header=address_header).items()
    ]
    return tuple(sorted(found, key=lambda rule: rule.priority))


def capacity(found: tuple[Rule, ...]) -> int:
    """Return what rules cost together, in capacity units."""
    return sum(rule.statement.capacity for rule in found)


def _managed(group: ManagedGroup, settings: Group, emergency: Emergency | None) -> Rule:
    overrides = {
        name: action
        for name, action in settings.overrides.items()
        if action is not GroupAction.COUNT or not emergency or name in emergency.keeps_counting
    }
    statement = Managed(
        group,
        overrides,
        settings.inspection if group is ManagedGroup.BOT_CONTROL else None,
        Path(settings.path) if settings.path else None,
    )
    counts = settings.mode is Mode.COUNT and not emergency
    return Rule(group.value, GROUPS[group], statement, counts=counts)
