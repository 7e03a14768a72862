"""Corrections of moto's security groups."""

from typing import Any

import pytest

from .conftest import Clients
from .eks_cluster import refused

HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
# How a rule names its source when it is made, and when it is changed or read.
SOURCES = {
    "group": ("UserIdGroupPairs", "GroupId"),
    "list": ("PrefixListIds", "PrefixListId"),
    "network": ("IpRanges", "CidrIp"),
}
CHANGED = {"group": "ReferencedGroupId", "list": "PrefixListId", "network": "CidrIpv4"}
WAYS = pytest.mark.parametrize("way", ["ingress", "egress"])
KINDS = pytest.mark.parametrize("kind", list(SOURCES))


@pytest.fixture
def ec2(clients: Clients) -> Any:
    return clients("ec2")


@pytest.fixture
def groups(ec2: Any) -> list[str]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("main", "one", "two")
    ]


@pytest.fixture
def sources(ec2: Any, groups: list[str]) -> dict[str, list[str]]:
    """Two sources of each kind."""
    lists = [
        ec2.create_managed_prefix_list(PrefixListName=name, AddressFamily="IPv4", MaxEntries=1)
        for name in ("one", "two")
    ]
    return {
        "group": groups[1:],
        "list": [made["PrefixList"]["PrefixListId"] for made in lists],
        "network": ["10.0.0.0/24", "10.0.1.0/24"],
    }


def permission(kind: str, source: str, text: str | None = None) -> dict[str, Any]:
    items, key = SOURCES[kind]
    described = {"Description": text} if text else {}
    return {**HTTPS, items: [{key: source, **described}]}


def open_to(ec2: Any, way: str, group: str, *permissions: dict[str, Any]) -> str:
    """Make rules, and give the id of the last one."""
    authorize = getattr(ec2, f"authorize_security_group_{way}")
    made = authorize(GroupId=group, IpPermissions=list(permissions))["SecurityGroupRules"]
    return str(made[-1]["SecurityGroupRuleId"])


def rule(ec2: Any, id_: str) -> dict[str, Any]:
    """Give a rule, with its source as a change names it."""
    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"]
    return {**found, "ReferencedGroupId": found.get("ReferencedGroupInfo", {}).get("GroupId")}


@WAYS
@KINDS
def test_a_rule_keeps_its_description(
    ec2: Any, groups: list[str], sources: dict[str, list[str]], way: str, kind: str
) -> None:
    sent = permission(kind, sources[kind][0], "from here")

    id_ = open_to(ec2, way, groups[0], sent)

    assert rule(ec2, id_)["Description"] == "from here"
    (group,) = ec2.describe_security_groups(GroupIds=[groups[0]])["SecurityGroups"]
    permissions = group["IpPermissions" if way == "ingress" else "IpPermissionsEgress"]
    items, key = SOURCES[kind]
    listed = [item for part in permissions for item in part[items]]
    assert (sources[kind][0], "from here") in [
        (item[key], item.get("Description")) for item in listed
    ]


@WAYS
@KINDS
def test_a_description_is_no_part_of_what_a_rule_is(
    ec2: Any, groups: list[str], sources: dict[str, list[str]], way: str, kind: str
) -> None:
    id_ = open_to(ec2, way, groups[0], permission(kind, sources[kind][0], "from here"))
    with refused("InvalidPermission.Duplicate", 400):
        open_to(ec2, way, groups[0], permission(kind, sources[kind][0], "from there"))
    again = [permission(kind, sources[kind][0], "still from here")]
    describe = getattr(ec2, f"update_security_group_rule_descriptions_{way}")
    describe(GroupId=groups[0], IpPermissions=again)
    assert rule(ec2, id_)["Description"] == "still from here"

    revoke = getattr(ec2, f"revoke_security_group_{way}")
    revoke(GroupId=groups[0], IpPermissions=[permission(kind, sources[kind][0])])

    with refused("InvalidSecurityGroupRuleId.NotFound", 400):
        rule(ec2, id_)


@WAYS
@KINDS
def test_a_rule_is_changed_in_place(
    ec2: Any, groups: list[str], sources: dict[str, list[str]], way: str, kind: str
) -> None:
    id_ = open_to(ec2, way, groups[0], permission(kind, sources[kind][0], "from here"))

    for source, text in zip(sources[kind], ("from there", None), strict=True):
        wanted = {"IpProtocol": "-1", CHANGED[kind]: source}
        wanted.update({"Description": text} if text else {})
        ec2.modify_security_group_rules(
            GroupId=groups[0],
            SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": wanted}],
        )

        found = rule(ec2, id_)
        assert (found[CHANGED[kind]], found.get("Description")) == (source, text)
        assert (found["IpProtocol"], found["FromPort"], found["ToPort"]) == ("-1", -1, -1)
