"""IAM policy documents as plain dictionaries made by pure functions."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

# The only version of the policy language that knows variables and conditions as used here.
VERSION = "2012-10-17"

Statement = Mapping[str, Any]
Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    conditions: Conditions | None = None,
) -> Statement:
    """Return a statement of an identity policy that allows the actions on the resources."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
        **({"Condition": conditions} if conditions else {}),
    }


def allow_principal(
    sid: str,
    principal: Mapping[str, str | Sequence[str]],
    actions: Sequence[str],
    *,
    resources: Sequence[str] = (),
    conditions: Conditions | None = None,
) -> Statement:
    """Return a statement of a resource or trust policy; a trust policy names no resources.

    ``principal`` is IAM's own form, such as ``{"Service": "ec2.amazonaws.com"}``.
    """
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        **({"Resource": list(resources)} if resources else {}),
        **({"Condition": conditions} if conditions else {}),
    }


def deny_plain_http(bucket_arn: str) -> Statement:
    """Return a statement of a bucket policy that refuses everyone without TLS."""
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def document(*statements: Statement) -> str:
    """Return the policy document of the statements as JSON.

    Only string tokens may stand in a statement: a token as a key or a list token would be lost.
    """
    return json.dumps({"Version": VERSION, "Statement": statements})


def trust_service(service: str, *, source_account: str | None = None) -> str:
    """Return the trust policy of a role that an AWS service assumes.

    ``source_account`` keeps the service from using the role on behalf of another account, for
    services that say whom they act for. Source: IAM user guide, "The confused deputy problem".
    """
    conditions = {"StringEquals": {"aws:SourceAccount": source_account}} if source_account else None
    return document(
        allow_principal("Service", {"Service": service}, ["sts:AssumeRole"], conditions=conditions)
    )


def trust_irsa(*, provider_arn: str, issuer_host: str, namespace: str, service_account: str) -> str:
    """Return the trust policy for one service account through the cluster's OIDC provider.

    ``issuer_host`` is the issuer's URL without ``https://``. Both conditions are needed: without
    ``aud`` a token made for another audience would do, without ``sub`` any pod of the cluster.
    """
    return document(
        allow_principal(
            "ServiceAccount",
            {"Federated": provider_arn},
            ["sts:AssumeRoleWithWebIdentity"],
            conditions={
                "StringEquals": {
                    f"{issuer_host}:aud": "sts.amazonaws.com",
                    f"{issuer_host}:sub": f"system:serviceaccount:{namespace}:{service_account}",
                }
            },
        )
    )


def trust_pod_identity(*, cluster_arn: str, namespace: str, service_account: str) -> str:
    """Return the trust policy for one service account of one cluster through EKS Pod Identity.

    Pod Identity tags the session with the pod's cluster, namespace and service account, which needs
    ``sts:TagSession`` and lets the conditions hold on to them.
    Source: EKS user guide, "Assign IAM roles to Kubernetes service accounts", pod-id-role.
    """
    return document(
        allow_principal(
            "PodIdentity",
            {"Service": "pods.eks.amazonaws.com"},
            ["sts:AssumeRole", "sts:TagSession"],
            conditions={
                "StringEquals": {
                    "aws:RequestTag/eks-cluster-arn": cluster_arn,
                    "aws:RequestTag/kubernetes-namespace": namespace,
                    "aws:RequestTag/kubernetes-service-account": service_account,
                }
            },
        )
    )
