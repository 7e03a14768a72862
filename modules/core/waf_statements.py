"""What a rule of AWS WAF looks for, typed, and what it costs in capacity units (WCU)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .rates import Window
from .waf_groups import GROUP_CAPACITY, GroupAction, Inspection, ManagedGroup

Block = Mapping[str, Any]

# Source: AWS WAF developer guide, "AWS WAF web ACL capacity units".
MAX_CAPACITY = 5000
BASIC_CAPACITY = 1500
"""What the basic price of a request covers; above, every request costs more."""
SIMPLE = 1
PREFIX_MATCH = 2
REGEX_MATCH = 3
TEXT_TRANSFORMATION = 10
RATE_BASE = 2


class Statement(Protocol):
    """What a rule looks for."""

    @property
    def capacity(self) -> int:
        """What it costs, in capacity units."""

    def block(self, arns: Mapping[str, str]) -> Block:
        """Return Terraform's nested block; ``arns`` has those of IP sets and groups, by name."""


@dataclass(frozen=True, slots=True)
class Geo:
    """Requests from countries; ``header`` carries the address behind a proxy.

    ``unreadable`` says whether an address that cannot be read counts as one of theirs.
    """

    countries: Sequence[str]
    header: str | None = None
    unreadable: bool = True
    capacity = SIMPLE

    def block(self, _arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        return {
            "geo_match_statement": {
                "country_codes": list(self.countries),
                **_forwarded("forwarded_ip_config", self.header, matches=self.unreadable),
            }
        }


@dataclass(frozen=True, slots=True)
class Networks:
    """Requests from the networks of a named IP set; ``unreadable`` as for countries."""

    name: str
    header: str | None = None
    unreadable: bool = True
    capacity = SIMPLE

    def block(self, arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        place = {"position": "FIRST"} if self.header else {}
        found = _forwarded(
            "ip_set_forwarded_ip_config", self.header, matches=self.unreadable, **place
        )
        return {"ip_set_reference_statement": {"arn": arns[self.name], **found}}


@dataclass(frozen=True, slots=True)
class Path:
    """Requests for a path that begins so, however it is written."""

    prefix: str
    # Decoded, shortened and in lower case: three transformations, or /Admin would slip through.
    capacity = PREFIX_MATCH + 3 * TEXT_TRANSFORMATION

    def block(self, _arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        return {
            "byte_match_statement": {
                "field_to_match": {"uri_path": {}},
                "positional_constraint": "STARTS_WITH",
                "search_string": self.prefix.lower(),
                "text_transformation": [
                    {"priority": 0, "type": "URL_DECODE"},
                    {"priority": 1, "type": "NORMALIZE_PATH"},
                    {"priority": 2, "type": "LOWERCASE"},
                ],
            }
        }


@dataclass(frozen=True, slots=True)
class HasHeader:
    """Requests that carry a header with some text in it."""

    name: str
    # AWS WAF asks for a transformation; NONE is one and costs as much as any.
    capacity = SIMPLE + TEXT_TRANSFORMATION

    def block(self, _arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        return {
            "size_constraint_statement": {
                "field_to_match": {"single_header": {"name": self.name}},
                "comparison_operator": "GT",
                "size": 0,
                "text_transformation": [{"priority": 0, "type": "NONE"}],
            }
        }


@dataclass(frozen=True, slots=True)
class HeaderIs:
    """Requests whose header is exactly one of some values of letters, digits, ``_`` and ``-``."""

    name: str
    values: Sequence[str]
    capacity = REGEX_MATCH + TEXT_TRANSFORMATION

    def block(self, _arns: Mapping[str, str]) -> Block:
        """Return the statement's block: one statement, for the values may be the same."""
        return {
            "regex_match_statement": {
                "field_to_match": {"single_header": {"name": self.name}},
                "regex_string": f"^({'|'.join(self.values)})$",
                "text_transformation": [{"priority": 0, "type": "NONE"}],
            }
        }


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """What a named rule group of ours matches; groups are priced when they are made."""

    name: str
    capacity: int

    def block(self, arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        return {"rule_group_reference_statement": {"arn": arns[self.name]}}


@dataclass(frozen=True, slots=True)
class Not:
    """Requests that a statement does not match."""

    statement: Statement

    @property
    def capacity(self) -> int:
        """What it costs: nothing of its own."""
        return self.statement.capacity

    def block(self, arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        return {"not_statement": {"statement": [self.statement.block(arns)]}}


@dataclass(frozen=True, slots=True)
class All:
    """Requests that every one of two or more statements matches."""

    statements: Sequence[Statement]

    @property
    def capacity(self) -> int:
        """What they cost together."""
        return sum(statement.capacity for statement in self.statements)

    def block(self, arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        return {"and_statement": {"statement": [s.block(arns) for s in self.statements]}}


@dataclass(frozen=True, slots=True)
class TooMany:
    """Requests of an address above a limit; the address is a header's behind a proxy."""

    limit: int
    window: Window
    header: str | None = None
    scope: Statement | None = None

    @property
    def capacity(self) -> int:
        """What it costs, with what narrows it."""
        return RATE_BASE + (self.scope.capacity if self.scope else 0)

    def block(self, arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        return {
            "rate_based_statement": {
                "aggregate_key_type": "FORWARDED_IP" if self.header else "IP",
                "evaluation_window_sec": int(self.window),
                "limit": self.limit,
                **_forwarded("forwarded_ip_config", self.header, matches=True),
                **({"scope_down_statement": self.scope.block(arns)} if self.scope else {}),
            }
        }


@dataclass(frozen=True, slots=True)
class Managed:
    """What a group of AWS's rules matches; ``scope`` narrows the requests it sees."""

    group: ManagedGroup
    overrides: Mapping[str, GroupAction]
    inspection: Inspection | None = None
    scope: Statement | None = None

    @property
    def capacity(self) -> int:
        """What it costs, with what narrows it."""
        return GROUP_CAPACITY[self.group] + (self.scope.capacity if self.scope else 0)

    def block(self, arns: Mapping[str, str]) -> Block:
        """Return the statement's block."""
        found: dict[str, Any] = {"vendor_name": "AWS", "name": self.group.value}
        if self.inspection:
            level = {"inspection_level": self.inspection.value}
            found["managed_rule_group_configs"] = [
                {"aws_managed_rules_bot_control_rule_set": level}
            ]
        if self.overrides:
            found["rule_action_override"] = [
                {"name": name, "action_to_use": {action.value: {}}}
                for name, action in self.overrides.items()
            ]
        if self.scope:
            found["scope_down_statement"] = self.scope.block(arns)
        return {"managed_rule_group_statement": found}


def _forwarded(block: str, header: str | None, *, matches: bool, **more: str) -> Block:
    behavior = "MATCH" if matches else "NO_MATCH"
    fallback = {"header_name": header, "fallback_behavior": behavior, **more}
    return {block: fallback} if header else {}
