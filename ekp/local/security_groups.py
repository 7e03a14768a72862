"""Corrections of moto's security groups: every rule has its description, whatever its source is."""

from typing import Any

import moto.ec2.models.security_groups
from moto.ec2.models.security_groups import (
    GroupedSecurityRuleView,
    SecurityGroup,
    SecurityGroupBackend,
    SecurityGroupRule,
)

Texts = dict[str, str]
ALL_PROTOCOLS = "-1"


class Rule(SecurityGroupRule):
    """moto's rule, which keeps no more of a prefix list than the id."""

    def __init__(  # noqa: PLR0917 - moto's own parameters
        self,
        ec2_backend: Any,
        ip_protocol: str,
        group_id: str,
        from_port: str | None,
        to_port: str | None,
        ip_range: Texts | None,
        source_group: Texts | None = None,
        prefix_list_id: Texts | None = None,
        is_egress: bool = True,  # noqa: FBT001, FBT002 - the same
        tags: Texts | None = None,
    ) -> None:
        ports = (from_port, to_port)
        sources = (ip_range, source_group, prefix_list_id)
        super().__init__(ec2_backend, ip_protocol, group_id, *ports, *sources, is_egress, tags)
        self.prefix_list = dict(prefix_list_id or {})

    @property
    def source(self) -> Texts:
        """Give what the rule opens to, in the API's shape."""
        return self.ip_range or self.source_group or self.prefix_list

    @property
    def description(self) -> str | None:
        """Give what somebody wrote about the rule."""
        return self.source.get("Description")

    @property
    def identity(self) -> tuple[Any, ...]:
        """Give what tells a rule from the others of its group: its description does not."""
        source = {key: value for key, value in self.source.items() if key != "Description"}
        ports = () if self.ip_protocol == ALL_PROTOCOLS else (self.from_port, self.to_port)
        return self.ip_protocol, *ports, source

    def __eq__(self, other: object) -> bool:
        return self.identity == other.identity if isinstance(other, Rule) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # a rule changes, and moto's has none either

    def open_to(self, wanted: dict[str, Any]) -> None:
        """Put another source and description in the place of the rule's own."""
        networks = {"CidrIp": wanted.get("CidrIpv4"), "CidrIpv6": wanted.get("CidrIpv6")}
        group = {"GroupId": wanted.get("ReferencedGroupId")}
        owner = dict.fromkeys(("OwnerId", "UserId"), self.owner_id) if group["GroupId"] else {}
        text = {"Description": wanted.get("Description")}
        self.ip_range = _given(networks, text)
        self.source_group = _given({**group, **owner}, text)
        self.prefix_list = _given({"PrefixListId": wanted.get("PrefixListId")}, text)
        self.prefix_list_id = wanted.get("PrefixListId")


def _given(source: dict[str, str | None], text: dict[str, str | None]) -> Texts:
    if not any(source.values()):
        return {}
    return {key: value for key, value in {**source, **text}.items() if value}


def install() -> None:
    """Correct rules and groups; a second call changes nothing."""
    moto.ec2.models.security_groups.SecurityGroupRule = Rule  # type: ignore[misc] # no other hook
    SecurityGroup._flattened_rules = _grouped  # type: ignore[assignment,method-assign] # noqa: SLF001 - the same
    SecurityGroupBackend.modify_security_group_rules = _modify  # type: ignore[method-assign] # the same
    SecurityGroupBackend._sg_update_description = _describe  # type: ignore[assignment,method-assign] # noqa: SLF001 - the same


_moto_grouped = SecurityGroup._flattened_rules  # noqa: SLF001 - moto has no other name for it
_moto_modify = SecurityGroupBackend.modify_security_group_rules


def _grouped(self: SecurityGroup, rules: list[Rule]) -> list[GroupedSecurityRuleView]:
    views = _moto_grouped(self, [*rules])
    described = {_place(rule, rule.prefix_list_id): rule.description for rule in rules}
    for view in views:
        for item in view.prefix_list_ids:
            text = described[_place(view, item["PrefixListId"])]
            if text:
                item["Description"] = text
    return views


def _place(rule: Rule | GroupedSecurityRuleView, prefix_list: str | None) -> tuple[Any, ...]:
    return rule.ip_protocol, rule.from_port, rule.to_port, prefix_list


def _modify(self: SecurityGroupBackend, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
    # moto wants ports even of rules for all protocols, leaves every source but an IPv4 network as
    # it was, and takes every description for that of a network.
    for wanted in rules.values():
        if wanted.get("IpProtocol") == ALL_PROTOCOLS:
            wanted.update(FromPort=-1, ToPort=-1)
    _moto_modify(self, group_id, rules)
    group: Any = self.get_security_group_by_name_or_id(group_id)
    for rule_id, wanted in rules.items():
        rule = group.get_rule(rule_id)
        if rule.ip_protocol == ALL_PROTOCOLS:
            rule.from_port = rule.to_port = None
        rule.open_to(wanted)


def _describe(_self: SecurityGroupBackend, sent: Rule, rule: Rule) -> None:
    if "Description" in sent.source:
        rule.source["Description"] = sent.source["Description"]
