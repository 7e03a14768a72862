"""Faults in networks, clusters, roles, keys, logs and states."""

import json
from typing import Any

from .seeded import Change, Fault, Seeded, cut, gone, put, said

NETWORK = "prod-eu-west-1-network"
CLUSTER = "prod-eu-west-1-cluster"
INGRESS = "prod-eu-west-1-ingress"
TENANTS = "prod-eu-west-1-tenants"
PLATFORM = "prod-eu-west-1-platform"
BREAK_GLASS = "prod-break-glass"
EKS = "aws_eks_cluster"
TEMPLATE = "aws_launch_template"
KEY = "aws_kms_key"
FOREIGN = "arn:aws:iam::999999999999:root"


def _state_in_the_clear(seeded: Seeded) -> None:
    seeded.configuration["terraform"]["backend"]["s3"]["encrypt"] = False


def _state_on_a_disk(seeded: Seeded) -> None:
    seeded.configuration["terraform"]["backend"] = {"local": {"path": "terraform.tfstate"}}


def _without_owner(seeded: Seeded) -> None:
    del seeded.configuration["provider"]["aws"][0]["default_tags"][0]["tags"]["Owner"]


def _statement(kind: str, path: str, key: str, **changes: Any) -> Change:
    """Change the first statement of a policy; a part that becomes None is left out."""

    def change(seeded: Seeded) -> None:
        body = seeded.resource(kind, path)
        document = json.loads(body[key])
        first = document["Statement"][0] | changes
        document["Statement"][0] = {part: value for part, value in first.items() if value}
        body[key] = json.dumps(document)

    return change


def _trust(path: str, **changes: Any) -> Change:
    return _statement("aws_iam_role", path, "assume_role_policy", **changes)


FAULTS = (
    Fault(
        "the EKS endpoint is public",
        CLUSTER,
        put(EKS, "eks/Resource", "vpc_config", "endpoint_public_access", to=True),
        "EKP_EKS_1",
        ("eks/Resource",),
    ),
    Fault(
        "the EKS endpoint is public, as checkov sees it",
        CLUSTER,
        put(EKS, "eks/Resource", "vpc_config", "endpoint_public_access", to=True),
        "CKV_AWS_39",
        ("eks/Resource",),
    ),
    Fault(
        "the cluster's version has no support any more",
        CLUSTER,
        put(EKS, "eks/Resource", "version", to="1.28"),
        "EKP_EKS_2",
        ("eks/Resource",),
    ),
    Fault(
        "Kubernetes' secrets are not encrypted by a key of ours",
        CLUSTER,
        cut(EKS, "eks/Resource", "encryption_config"),
        "CKV_AWS_58",
        ("eks/Resource",),
    ),
    Fault(
        "nodes give their credentials without a token",
        CLUSTER,
        put(
            TEMPLATE,
            "nodes-general/launch-template",
            *("metadata_options", "http_tokens"),
            to="optional",
        ),
        "EKP_EKS_3",
        ("nodes-general/Resource",),
    ),
    Fault(
        "nodes give their credentials without a token, as checkov sees it",
        CLUSTER,
        put(
            TEMPLATE,
            "nodes-general/launch-template",
            *("metadata_options", "http_tokens"),
            to="optional",
        ),
        "CKV_AWS_79",
        ("nodes-general/launch-template",),
    ),
    Fault(
        "a workload's role does not ask who it is",
        CLUSTER,
        said(
            "aws_iam_role",
            "addons/vpc-cni-role/Resource",
            "assume_role_policy",
            ":sub",
            ":amr",
        ),
        "EKP_IAM_1",
        ("addons/vpc-cni-role/Resource",),
    ),
    Fault(
        "a workload's role is anybody's of its namespace",
        CLUSTER,
        said(
            "aws_iam_role",
            "addons/vpc-cni-role/Resource",
            "assume_role_policy",
            "system:serviceaccount:kube-system:aws-node",
            "system:serviceaccount:kube-system:*",
        ),
        "EKP_IAM_1",
        ("addons/vpc-cni-role/Resource",),
    ),
    Fault(
        "a tenant's role is any pod's",
        TENANTS,
        said(
            "aws_iam_role",
            "roles-shop/checkout/role/Resource",
            "assume_role_policy",
            "kubernetes-service-account",
            "kubernetes-pod-name",
        ),
        "EKP_IAM_1",
        ("roles-shop/checkout/role/Resource",),
    ),
    Fault(
        "a role may do anything",
        CLUSTER,
        said(
            "aws_iam_role_policy",
            "hub-access/role/policy",
            "policy",
            '"eks:DescribeCluster"',
            '"*"',
        ),
        "EKP_IAM_2",
        ("hub-access/role/policy",),
    ),
    Fault(
        "a role may do anything, as checkov sees it",
        CLUSTER,
        said(
            "aws_iam_role_policy",
            "hub-access/role/policy",
            "policy",
            '"eks:DescribeCluster"',
            '"*"',
        ),
        "CKV_AWS_63",
        ("hub-access/role/policy",),
    ),
    Fault(
        "whoever the hub's account lets may become the role of its Argo CD",
        CLUSTER,
        _trust("hub-access/role/Resource", Condition=None),
        "EKP_IAM_3",
        ("hub-access/role/Resource",),
    ),
    Fault(
        "another account may become the role of the hub's Argo CD",
        CLUSTER,
        _trust("hub-access/role/Resource", Principal={"AWS": FOREIGN}),
        "EKP_IAM_3",
        ("hub-access/role/Resource",),
    ),
    Fault(
        "a role of another account may become a workload's",
        PLATFORM,
        _trust(
            "loki/identity/role/Resource",
            Principal={"AWS": "arn:aws:iam::999999999999:role/x"},
            Action="sts:AssumeRole",
            Condition=None,
        ),
        "EKP_IAM_3",
        ("loki/identity/role/Resource",),
    ),
    Fault(
        "the glass breaks without a second factor",
        BREAK_GLASS,
        _trust(
            "break-glass/role/Resource",
            Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        ),
        "EKP_IAM_3",
        ("break-glass/role/Resource",),
    ),
    Fault(
        "a role may take every other role of its account",
        CLUSTER,
        _statement(
            "aws_iam_role_policy",
            "hub-access/role/policy",
            "policy",
            Action=["iam:PassRole", "sts:AssumeRole"],
            Resource="arn:aws:iam::333333333333:role/*",
        ),
        "EKP_IAM_2",
        ("hub-access/role/policy",),
    ),
    Fault(
        "a role may give itself every right",
        CLUSTER,
        _statement(
            "aws_iam_role_policy",
            "hub-access/role/policy",
            "policy",
            Action=["iam:AttachRolePolicy", "iam:CreateAccessKey"],
            Resource="arn:aws:iam::333333333333:*",
        ),
        "EKP_IAM_2",
        ("hub-access/role/policy",),
    ),
    Fault(
        "a role may read every secret",
        CLUSTER,
        _statement(
            "aws_iam_role_policy",
            "hub-access/role/policy",
            "policy",
            Action=["secretsmanager:GetSecretValue"],
            Resource="arn:aws:secretsmanager:*:*:secret:*",
        ),
        "EKP_IAM_2",
        ("hub-access/role/policy",),
    ),
    Fault(
        "a key is governed by another account",
        CLUSTER,
        _statement(KEY, "eks/secrets-key/Resource", "policy", Principal={"AWS": FOREIGN}),
        "EKP_IAM_2",
        ("eks/secrets-key/Resource",),
    ),
    Fault(
        "a key is everybody's who has an ARN",
        CLUSTER,
        _statement(
            KEY,
            "eks/secrets-key/Resource",
            "policy",
            Principal="*",
            Action="kms:Decrypt",
            Condition={"StringLike": {"aws:PrincipalArn": "arn:*"}},
        ),
        "EKP_IAM_2",
        ("eks/secrets-key/Resource",),
    ),
    Fault(
        "another account reads and opens a bucket",
        PLATFORM,
        _statement(
            "aws_s3_bucket_policy",
            "loki/bucket/policy",
            "policy",
            Effect="Allow",
            Principal={"AWS": FOREIGN},
            Action=["s3:GetObject", "s3:DeleteObject", "s3:PutBucketPolicy"],
            Condition=None,
        ),
        "EKP_IAM_2",
        ("loki/bucket/policy",),
    ),
    Fault(
        "people who look on administer the cluster",
        CLUSTER,
        put(
            "aws_eks_access_policy_association",
            "eks/access/policy-operators",
            "policy_arn",
            to="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        ),
        "EKP_EKS_4",
        ("eks/access/policy-operators",),
    ),
    Fault(
        "the hub's Argo CD is among Kubernetes' masters",
        CLUSTER,
        put(
            "aws_eks_access_entry",
            "hub-access/entry/Resource",
            "kubernetes_groups",
            to=["system:masters"],
        ),
        "EKP_EKS_4",
        ("hub-access/entry/Resource",),
    ),
    Fault(
        "logs are gone before anybody looks",
        CLUSTER,
        put("aws_cloudwatch_log_group", "eks/log-group", "retention_in_days", to=7),
        "EKP_LOGS_1",
        ("eks/log-group",),
    ),
    Fault("the state is not encrypted", NETWORK, _state_in_the_clear, "EKP_STATE_1", ("",)),
    Fault("the state lies on a disk", NETWORK, _state_on_a_disk, "EKP_STATE_1", ("",)),
    Fault("resources do not say whose they are", NETWORK, _without_owner, "EKP_TAGS_1", ("",)),
    Fault(
        "a log group has no key",
        CLUSTER,
        cut("aws_cloudwatch_log_group", "eks/log-group", "kms_key_id"),
        "EKP_LOGS_1",
        ("eks/log-group",),
    ),
    Fault(
        "a log group is kept for ever",
        NETWORK,
        cut("aws_cloudwatch_log_group", "flow-logs/log-group", "retention_in_days"),
        "EKP_LOGS_1",
        ("flow-logs/log-group",),
    ),
    Fault(
        "the traffic of a network is not logged",
        NETWORK,
        gone("aws_flow_log", "flow-logs/Resource"),
        "CKV2_AWS_11",
        ("vpc/Resource",),
    ),
    Fault(
        "a zone's private subnet has no way out",
        NETWORK,
        gone("aws_route", "vpc/private-euw1-az2-default"),
        "EKP_NET_1",
        ("vpc/private-euw1-az2",),
    ),
    Fault(
        "images are pulled over the internet",
        NETWORK,
        gone("aws_vpc_endpoint", "endpoints/ecr.dkr"),
        "EKP_NET_2",
        ("vpc/Resource",),
    ),
    Fault(
        "images' layers are pulled through a NAT gateway",
        NETWORK,
        gone("aws_vpc_endpoint", "endpoints/s3"),
        "EKP_NET_2",
        ("vpc/Resource",),
    ),
    Fault(
        "a key is never rotated",
        CLUSTER,
        put("aws_kms_key", "eks/secrets-key/Resource", "enable_key_rotation", to=False),
        "CKV_AWS_7",
        ("eks/secrets-key/Resource",),
    ),
)
