"""Policy documents admit exactly whom they name."""

import json
from typing import Any

from modules.core import iam


def only_statement(text: str) -> dict[str, Any]:
    """Return the only statement of a document."""
    document = json.loads(text)
    assert document["Version"] == "2012-10-17"
    (statement,) = document["Statement"]
    return dict(statement)


def test_a_service_role_is_assumed_by_that_service_alone() -> None:
    assert only_statement(iam.trust_service("eks.amazonaws.com")) == {
        "Sid": "Service",
        "Effect": "Allow",
        "Principal": {"Service": "eks.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
    }


def test_a_service_may_act_for_the_account_alone_that_is_named() -> None:
    trust = iam.trust_service("vpc-flow-logs.amazonaws.com", source_account="333333333333")

    assert only_statement(trust)["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "333333333333"}
    }


def test_irsa_trusts_one_service_account_and_one_audience() -> None:
    trust = iam.trust_irsa(
        provider_arn="arn:aws:iam::333333333333:oidc-provider/issuer.example/id/1",
        issuer_host="issuer.example/id/1",
        namespace="vault",
        service_account="server",
    )

    assert only_statement(trust) == {
        "Sid": "ServiceAccount",
        "Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::333333333333:oidc-provider/issuer.example/id/1"},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        # StringLike would let a wildcard in a name admit others.
        "Condition": {
            "StringEquals": {
                "issuer.example/id/1:aud": "sts.amazonaws.com",
                "issuer.example/id/1:sub": "system:serviceaccount:vault:server",
            }
        },
    }


def test_pod_identity_trusts_one_service_account_of_one_cluster() -> None:
    trust = iam.trust_pod_identity(
        cluster_arn="arn:aws:eks:eu-west-1:333333333333:cluster/prod",
        namespace="vault",
        service_account="server",
    )

    assert only_statement(trust) == {
        "Sid": "PodIdentity",
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": (
                    "arn:aws:eks:eu-west-1:333333333333:cluster/prod"
                ),
                "aws:RequestTag/kubernetes-namespace": "vault",
                "aws:RequestTag/kubernetes-service-account": "server",
            }
        },
    }


def test_no_trust_holds_a_wildcard() -> None:
    documents = [
        iam.trust_service("ec2.amazonaws.com"),
        iam.trust_irsa(provider_arn="p", issuer_host="h", namespace="n", service_account="s"),
        iam.trust_pod_identity(cluster_arn="c", namespace="n", service_account="s"),
    ]

    assert not [text for text in documents if "*" in text]


def test_a_statement_holds_what_it_is_given_and_nothing_else() -> None:
    conditions = {"StringEquals": {"aws:SourceAccount": "333333333333"}}

    assert iam.allow("Read", ["s3:GetObject"], ["arn:aws:s3:::b/*"]) == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::b/*"],
    }
    assert iam.allow("A", ["x:Y"], ["r"], conditions=conditions)["Condition"] == conditions


def test_a_resource_policy_names_principal_resource_and_condition() -> None:
    conditions = {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:333333333333:t"}}

    assert iam.allow_principal(
        "Topic",
        {"Service": "sns.amazonaws.com"},
        ["sqs:SendMessage"],
        resources=["queue"],
        conditions=conditions,
    ) == {
        "Sid": "Topic",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": ["queue"],
        "Condition": conditions,
    }
