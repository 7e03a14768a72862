"""Import ids of what a killed run made."""

import pytest

from ekp.runner import imports
from ekp.runner.imports import Known

PLAN = {
    "resource_changes": [
        {"address": "aws_route.out", "change": {"after": {"destination_cidr_block": "0.0.0.0/0"}}},
        {"address": 'aws_subnet.a["x"]', "change": {"after": {"cidr_block": "10.0.0.0/24"}}},
        {"address": "aws_eks_cluster.c", "change": {"after": {"name": "dev"}}},
        {"address": "aws_eks_addon.dns", "change": {"after": {"addon_name": "coredns"}}},
        {
            "address": "aws_eks_identity_provider_config.entra",
            "change": {
                "after": {
                    "cluster_name": "dev",
                    "oidc": [{"identity_provider_config_name": "entra-id"}],
                }
            },
        },
        {"address": "aws_network_acl_rule.r", "change": {"after": {"egress": False}}},
    ],
    "configuration": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_route.out",
                    "expressions": {
                        "route_table_id": {
                            "references": ["aws_route_table.public.id", "aws_route_table.public"]
                        }
                    },
                },
                {
                    "address": "aws_eks_addon.dns",
                    "expressions": {"cluster_name": {"references": ["aws_eks_cluster.c.name"]}},
                },
            ]
        }
    },
}
KNOWN = Known(PLAN, {"aws_route_table.public": "rtb-1"}, {})


def test_an_id_that_was_unknown_in_the_plan_is_followed_to_the_resource_that_gave_it() -> None:
    found = imports.finished(
        "aws_route", "r-rtb-1108", lambda name: KNOWN.attribute("aws_route.out", name)
    )

    assert found == "rtb-1_0.0.0.0/0"


def test_the_arn_of_a_role_that_nobody_told_follows_from_its_name_and_its_provider() -> None:
    role = {"name": "ekp-dev-node", "path": "/nodes/"}
    deploy = "arn:aws:iam::111111111111:role/ekp-deploy"
    plan = {
        "resource_changes": [
            {"address": "aws_iam_role.node", "change": {"after": role}},
            {"address": "aws_eks_access_entry.node", "change": {"after": {"cluster_name": "dev"}}},
        ],
        "configuration": {
            "provider_config": {
                "aws": {"expressions": {"assume_role": [{"role_arn": {"constant_value": deploy}}]}}
            },
            "root_module": {
                "resources": [
                    {
                        "address": "aws_eks_access_entry.node",
                        "expressions": {"principal_arn": {"references": ["aws_iam_role.node.arn"]}},
                    },
                    {"address": "aws_iam_role.node", "provider_config_key": "aws"},
                ]
            },
        },
    }

    def found(known: Known) -> str | None:
        address = "aws_eks_access_entry.node"
        return imports.begun("aws_eks_access_entry", lambda name: known.attribute(address, name))

    assert found(Known(plan, {}, {})) == "dev:arn:aws:iam::111111111111:role/nodes/ekp-dev-node"
    assert found(Known({**plan, "configuration": {}}, {}, {})) is None


def test_an_identity_provider_is_found_by_the_issuer_that_terraform_reads_of_its_cluster() -> None:
    deploy = "arn:aws:iam::111111111111:role/ekp-deploy"
    issuer = "aws_eks_cluster.eks.identity[0].oidc[0].issuer"
    address, kind = "aws_iam_openid_connect_provider.oidc", "aws_iam_openid_connect_provider"
    configured = {
        "address": address,
        "provider_config_key": "aws",
        "expressions": {"url": {"references": [issuer, "aws_eks_cluster.eks"]}},
    }
    plan = {
        "configuration": {
            "provider_config": {
                "aws": {"expressions": {"assume_role": [{"role_arn": {"constant_value": deploy}}]}}
            },
            "root_module": {"resources": [configured]},
        },
    }
    known = Known(plan, {}, {})

    found = imports.begun(kind, lambda name: known.attribute(address, name))

    assert isinstance(found, imports.Expression)
    assert found == (
        f'arn:aws:iam::111111111111:oidc-provider/${{trimprefix({issuer}, "https://")}}'
    )


def test_a_name_inside_a_block_finds_what_never_answered() -> None:
    kind, address = "aws_eks_identity_provider_config", "aws_eks_identity_provider_config.entra"

    assert imports.begun(kind, lambda name: KNOWN.attribute(address, name)) == "dev:entra-id"
    assert imports.begun(kind, {"cluster_name": "dev"}.get) is None


def test_a_name_that_was_planned_finds_what_never_answered() -> None:
    found = imports.begun("aws_eks_addon", lambda name: KNOWN.attribute("aws_eks_addon.dns", name))

    assert found == "dev:coredns"


@pytest.mark.parametrize(
    ("kind", "id_", "values", "expected"),
    [
        ("aws_vpc", "vpc-1", {}, "vpc-1"),
        ("aws_eks_pod_identity_association", "a-1", {"cluster_name": "dev"}, "dev,a-1"),
        (
            "aws_iam_role_policy_attachment",
            "r-2026",
            {"role": "r", "policy_arn": "arn:p"},
            "r/arn:p",
        ),
        (
            "aws_route_table_association",
            "rtbassoc-1",
            {"subnet_id": "subnet-1", "route_table_id": "rtb-1"},
            "subnet-1/rtb-1",
        ),
        (
            "aws_network_acl_rule",
            "nacl-1",
            {
                "network_acl_id": "acl-1",
                "rule_number": "100",
                "protocol": "tcp",
                "egress": "false",
            },
            "acl-1:100:tcp:false",
        ),
        (
            "aws_security_group_rule",
            "sgrule-1",
            {
                "security_group_id": "sg-1",
                "type": "egress",
                "protocol": "-1",
                "from_port": "0",
                "to_port": "0",
                "cidr_blocks": '["10.0.0.0/8", "10.1.0.0/16"]',
            },
            "sg-1_egress_all_0_0_10.0.0.0/8_10.1.0.0/16",
        ),
        (
            "helm_release",
            "istiod",
            {"namespace": "istio-system", "name": "istiod"},
            "istio-system/istiod",
        ),
        ("aws_route", "r-1", {}, None),
    ],
)
def test_import_ids_have_the_providers_form(
    kind: str, id_: str, values: dict[str, str], expected: str | None
) -> None:
    assert imports.finished(kind, id_, values.get) == expected


@pytest.mark.parametrize("kind", ["aws_vpc", "aws_kms_key", "aws_eks_pod_identity_association"])
def test_what_aws_names_itself_cannot_be_found_without_its_answer(kind: str) -> None:
    assert imports.begun(kind, {"cluster_name": "dev"}.get) is None


def test_values_are_written_as_import_ids_have_them() -> None:
    assert KNOWN.attribute("aws_network_acl_rule.r", "egress") == "false"
    assert KNOWN.attribute('aws_subnet.a["x"]', "cidr_block") == "10.0.0.0/24"
    assert KNOWN.attribute("aws_route.out", "gateway_id") is None
