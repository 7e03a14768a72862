"""What counts as drift, on values that Terraform and the AWS provider gave."""

import json
from typing import Any

import pytest

from ekp.runner.drift import additions
from ekp.runner.drift.arguments import Kind, kind, left_to_others
from ekp.runner.drift.differences import compare, path
from ekp.runner.drift.refreshed import tags_once
from ekp.runner.results import HIDDEN

Json = dict[str, Any]
Told = dict[str, tuple[Any, Any]]

HTTPS: Json = {
    "cidr_blocks": ["10.10.0.0/16"],
    "description": "HTTPS from the VPC",
    "from_port": 443,
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "protocol": "tcp",
    "security_groups": [],
    "self": False,
    "to_port": 443,
}
SSH: Json = HTTPS | {
    "cidr_blocks": ["0.0.0.0/0"],
    "description": "",
    "from_port": 22,
    "to_port": 22,
}
HTTPS_OF_OURS: Json = {
    "cidr_ipv4": "10.10.0.0/16",
    "cidr_ipv6": None,
    "from_port": 443,
    "ip_protocol": "tcp",
    "prefix_list_id": None,
    "referenced_security_group_id": None,
    "security_group_id": "sg-0a",
    "to_port": 443,
}
ROUTE: Json = {
    "carrier_gateway_id": "",
    "cidr_block": "192.0.2.0/24",
    "destination_prefix_list_id": "",
    "gateway_id": "igw-8c37fadd0799ecca2",
    "ipv6_cidr_block": "",
    "nat_gateway_id": "",
}
# `terraform providers schema` of the AWS provider 5.100.0, as far as these tests go.
SCHEMA: Json = {
    "attributes": {
        "arn": {"computed": True},
        "description": {"optional": True},
        "release_version": {"computed": True, "optional": True},
        "status": {"computed": True},
    },
    "block_types": {
        "scaling_config": {
            "block": {"attributes": {"desired_size": {"required": True}}},
            "nesting_mode": "list",
        },
        "ordered_cache_behavior": {
            "block": {
                "attributes": {
                    "compress": {"optional": True},
                    "default_ttl": {"computed": True, "optional": True},
                    "path_pattern": {"required": True},
                }
            },
            "nesting_mode": "list",
        },
    },
}


def told(*sides: Any) -> Told:
    return {one.path: (one.before, one.after) for one in compare(*sides)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"tags": None}, {"tags": {}}),
        ({"records": None}, {"records": []}),
        ({"description": None}, {"description": ""}),
        ({"rule": [{"bucket_key_enabled": None}]}, {"rule": [{"bucket_key_enabled": False}]}),
    ],
)
def test_what_is_not_there_is_as_good_as_empty(before: Json, after: Json) -> None:
    assert told(before, after) == {}
    assert told(after, before) == {}


def test_what_was_switched_off_is_not_as_good_as_empty() -> None:
    assert told({"is_enabled": True}, {"is_enabled": False}) == {"is_enabled": (True, False)}
    assert told({"ports": [443]}, {"ports": []}) == {"ports": ([443], [])}


def test_a_difference_is_told_as_deep_as_it_is() -> None:
    before = {"vpc_config": [{"endpoint_public_access": False, "subnet_ids": ["subnet-1"]}]}
    after = {"vpc_config": [{"endpoint_public_access": True, "subnet_ids": ["subnet-1"]}]}

    assert told(before, after) == {"vpc_config[0].endpoint_public_access": (False, True)}


def test_elements_of_a_set_are_matched_wherever_they_stand() -> None:
    assert told({"ingress": [HTTPS, SSH]}, {"ingress": [SSH, HTTPS]}) == {}
    assert told({"ingress": [HTTPS]}, {"ingress": [SSH, HTTPS]}) == {"ingress[0]": (None, SSH)}
    assert told({"ingress": [SSH, HTTPS]}, {"ingress": [HTTPS]}) == {"ingress[0]": (SSH, None)}
    moved = HTTPS | {"to_port": 8443}
    assert told({"ingress": [SSH, HTTPS]}, {"ingress": [moved, SSH]}) == {
        "ingress[1].to_port": (443, 8443)
    }


def test_order_matters_where_the_values_are_plain() -> None:
    before, after = {"hosts": ["a", "b"]}, {"hosts": ["b", "a"]}

    assert told(before, after) == {"hosts": (["a", "b"], ["b", "a"])}


def test_a_policy_is_compared_by_what_it_says() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*"}]}
    opened = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]}
    before = {"policy": json.dumps(policy)}

    assert told(before, {"policy": json.dumps(policy, indent=2, sort_keys=True)}) == {}
    assert told(before, {"policy": json.dumps(opened)}) == {
        "policy.Statement[0].Effect": ("Deny", "Allow")
    }
    assert told(before, {"policy": ""}) == {"policy": (before["policy"], "")}


def test_paths_are_those_of_terraform() -> None:
    assert path(("tags", "kubernetes.io/role/elb")) == 'tags["kubernetes.io/role/elb"]'
    assert path(("rule", 0, "statement", 1, "action")) == "rule[0].statement[1].action"


@pytest.mark.parametrize(
    ("before", "after", "marks", "expected"),
    [
        # The provider's schema marks the value; the configuration's variable a whole set.
        ({"value": "one"}, {"value": "two"}, {"value": True}, {"value": (HIDDEN, HIDDEN)}),
        (
            {"origin": [{"custom_header": [{"value": "one"}]}]},
            {"origin": [{"custom_header": [{"value": "two"}]}]},
            {"origin": True},
            {"origin": (HIDDEN, HIDDEN)},
        ),
        # An element that came, as a whole.
        (
            {"user": [{"name": "ann", "key": "one"}]},
            {"user": [{"name": "ann", "key": "one"}, {"name": "ben", "key": "two"}]},
            {"user": [{"key": True}]},
            {"user[1]": (None, HIDDEN)},
        ),
        (
            {"user": [{"name": "ann", "key": "one"}]},
            {"user": [{"name": "ben", "key": "one"}]},
            {"user": [{"key": True}]},
            {"user[0].name": ("ann", "ben")},
        ),
        ({"value": "one"}, {"value": None}, {"value": True}, {"value": (HIDDEN, None)}),
    ],
)
def test_what_is_sensitive_is_hidden_whichever_side_is_marked(
    before: Json, after: Json, marks: Json, expected: Told
) -> None:
    for given in ((marks, {}), ({}, marks), (marks, marks)):
        assert told(before, after, *given) == expected
    assert told(before, before, marks, marks) == {}


def test_a_tag_of_the_provider_s_defaults_is_told_as_a_tag() -> None:
    before = {"tags": {"Name": "vpc"}, "tags_all": {"Name": "vpc", "Owner": "platform"}}
    after = {
        "tags": {"Name": "vpc", "Owner": "somebody"},
        "tags_all": {"Name": "vpc", "Owner": "somebody"},
    }

    found = list(tags_once(compare(before, after), before))

    assert [(one.path, one.before, one.after) for one in found] == [
        ("tags.Owner", "platform", "somebody")
    ]


def test_defaults_that_only_the_configuration_changed_are_no_drift() -> None:
    # The provider takes the defaults of today out of what AWS has.
    before = {"tags": {}, "tags_all": {"Owner": "platform"}}
    after = {"tags": {"Owner": "platform"}, "tags_all": {"Owner": "platform"}}

    assert list(tags_once(compare(before, after), before)) == []


@pytest.mark.parametrize(
    ("body", "steps", "expected"),
    [
        ({"description": "one"}, ("description",), Kind.SET),
        # The provider has a default, which it sets again.
        ({}, ("description",), Kind.SET),
        ({}, ("release_version",), Kind.OPEN),
        ({"release_version": "1.36.0"}, ("release_version",), Kind.SET),
        ({}, ("status",), Kind.OTHERS),
        ({"scaling_config": {"desired_size": 2}}, ("scaling_config", 0, "desired_size"), Kind.SET),
        (
            {"ordered_cache_behavior": [{"path_pattern": "/a"}]},
            ("ordered_cache_behavior", 0, "default_ttl"),
            Kind.OPEN,
        ),
        (
            {"ordered_cache_behavior": [{"path_pattern": "/a", "default_ttl": 5}]},
            ("ordered_cache_behavior", 0, "default_ttl"),
            Kind.SET,
        ),
        (
            {"ordered_cache_behavior": [{"path_pattern": "/a"}]},
            ("ordered_cache_behavior", 1),
            Kind.SET,
        ),
        ({}, ("ordered_cache_behavior", 0), Kind.OPEN),
        (
            {"dynamic": {"ordered_cache_behavior": {"for_each": "${x}"}}},
            ("ordered_cache_behavior", 0),
            Kind.SET,
        ),
    ],
)
def test_an_attribute_counts_unless_aws_alone_decides_it(
    body: Json, steps: tuple[str | int, ...], expected: Kind
) -> None:
    assert kind(SCHEMA, body, steps) is expected


def test_what_the_configuration_ignores_is_left_to_others() -> None:
    body = {"lifecycle": {"ignore_changes": ["scaling_config[0].desired_size"]}}

    assert left_to_others(body, ("scaling_config", 0, "desired_size"))
    assert not left_to_others(body, ("scaling_config", 0, "max_size"))
    assert left_to_others({"lifecycle": {"ignore_changes": "all"}}, ("tags",))
    assert not left_to_others({}, ("tags",))


def added(type_: str, values: Json, *ours: tuple[str, Json], configured: Json) -> list[str]:
    keys = frozenset(key for one in ours if (key := additions.made(*one)) is not None)
    return [text for _, text in additions.added(type_, values, keys, configured)]


INGRESS = "aws_vpc_security_group_ingress_rule"


def test_a_rule_is_known_by_what_it_lets_in() -> None:
    group = {"id": "sg-0a", "ingress": [HTTPS, SSH], "egress": []}
    ours = (INGRESS, HTTPS_OF_OURS)

    assert added("aws_security_group", group, ours, configured={}) == ["tcp 22 from 0.0.0.0/0"]
    other = (INGRESS, HTTPS_OF_OURS | {"security_group_id": "sg-0b"})
    assert len(added("aws_security_group", group, other, configured={})) == 2
    # A group that writes its own rules is compared as any other resource.
    assert added("aws_security_group", group, configured={"ingress": []}) == []


def test_a_rule_within_a_group_and_one_for_all_traffic_are_known_again() -> None:
    among = HTTPS | {"cidr_blocks": [], "self": True}
    all_out = HTTPS | {"protocol": "-1", "from_port": 0, "to_port": 0}
    group = {"id": "sg-0a", "ingress": [among], "egress": [all_out]}
    egress = HTTPS_OF_OURS | {"ip_protocol": "-1", "from_port": None, "to_port": None}
    reference = {"cidr_ipv4": None, "referenced_security_group_id": "sg-0a"}
    ours = (
        (INGRESS, HTTPS_OF_OURS | reference),
        ("aws_vpc_security_group_egress_rule", egress),
    )

    assert added("aws_security_group", group, *ours, configured={}) == []
    assert added("aws_security_group", group, configured={}) == [
        "tcp 443 from sg-0a",
        "all traffic to 10.10.0.0/16",
    ]


def test_a_route_is_known_by_where_it_leads_from() -> None:
    table = {"id": "rtb-0a", "route": [ROUTE]}
    ours = {"route_table_id": "rtb-0a", "destination_cidr_block": "192.0.2.0/24"}

    assert added("aws_route_table", table, ("aws_route", ours), configured={}) == []
    assert added("aws_route_table", table, configured={}) == [
        "192.0.2.0/24 by igw-8c37fadd0799ecca2"
    ]


def test_a_policy_is_known_by_its_name_and_role() -> None:
    role = {
        "name": "nodes",
        "managed_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "inline_policy": [{"name": "workload", "policy": "{}"}, {"name": "more", "policy": "{}"}],
    }
    ours = {"role": "nodes", "name": "workload", "policy": "{}"}

    assert added("aws_iam_role", role, ("aws_iam_role_policy", ours), configured={}) == [
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "more",
    ]


def test_a_bucket_s_policy_is_told_at_the_policy() -> None:
    bucket = {"id": "logs", "arn": "arn:aws:s3:::logs"}
    policies = [("aws_s3_bucket_policy", {"bucket": "logs", "policy": "{}"})]

    assert additions.has_companion("aws_s3_bucket", "policy", bucket, policies)
    assert not additions.has_companion("aws_s3_bucket", "policy", {"id": "other"}, policies)
    assert not additions.has_companion("aws_s3_bucket", "tags", bucket, policies)
