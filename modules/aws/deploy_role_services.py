"""What the platform's resources need of AWS, service by service, for who deploys them.

Names and tags bound it where a service knows them. Where the service gives out ids (EC2,
CloudFront, Route53, ACM), the regions of the environment do, if it has any.
Source: AWS service authorization reference.
"""

from collections.abc import Callable, Iterator, Sequence

from ..core.iam import Conditions, Statement, allow

Arn = Callable[[str, str], str]
"""Service and resource -> ARN in the environment's account, in any region."""

SERVICES = {
    "aws_acm": "acm",
    "aws_athena": "athena",
    "aws_cloudfront": "cloudfront",
    "aws_cloudwatch": "cloudwatch",
    "aws_cloudwatch_event": "events",
    "aws_cloudwatch_log": "logs",
    "aws_default_security_group": "ec2",
    "aws_eip": "ec2",
    "aws_eks": "eks",
    "aws_flow_log": "ec2",
    "aws_glue": "glue",
    "aws_iam": "iam",
    "aws_internet_gateway": "ec2",
    "aws_kms": "kms",
    "aws_launch_template": "ec2",
    "aws_lb": "elasticloadbalancing",
    "aws_nat_gateway": "ec2",
    "aws_route": "ec2",
    "aws_route53": "route53",
    "aws_s3": "s3",
    "aws_secretsmanager": "secretsmanager",
    "aws_security_group": "ec2",
    "aws_sns": "sns",
    "aws_sqs": "sqs",
    "aws_subnet": "ec2",
    "aws_vpc": "ec2",
    "aws_wafv2": "wafv2",
}
"""Beginning of a resource type, at an underscore -> the prefix of its service's actions."""


def service_of(resource_type: str) -> str | None:
    """Return the prefix of the actions that a type of the AWS provider needs; None: not known.

    The longest beginning counts: ``aws_cloudwatch_log_group`` is of CloudWatch Logs.
    """
    parts = resource_type.split("_")
    beginnings = ("_".join(parts[:count]) for count in range(len(parts), 1, -1))
    return next((SERVICES[one] for one in beginnings if one in SERVICES), None)


def network(regions: Sequence[str]) -> Iterator[Statement]:
    """Yield what networks, security groups and launch templates need; ids are EC2's."""
    yield allow("Ec2Reads", ["ec2:Describe*", "ec2:GetManagedPrefixListEntries"], ["*"])
    yield allow(
        "Ec2",
        [
            *("ec2:CreateTags", "ec2:DeleteTags"),
            *("ec2:CreateVpc", "ec2:DeleteVpc", "ec2:ModifyVpcAttribute"),
            *("ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"),
            *("ec2:AttachInternetGateway", "ec2:CreateInternetGateway"),
            *("ec2:DeleteInternetGateway", "ec2:DetachInternetGateway"),
            *("ec2:CreateNatGateway", "ec2:DeleteNatGateway"),
            *("ec2:AllocateAddress", "ec2:AssociateAddress"),
            *("ec2:DisassociateAddress", "ec2:ReleaseAddress"),
            *("ec2:AssociateRouteTable", "ec2:CreateRouteTable", "ec2:DeleteRouteTable"),
            *("ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"),
            *("ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute"),
            *("ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup"),
            *("ec2:AuthorizeSecurityGroup*", "ec2:RevokeSecurityGroup*"),
            *("ec2:ModifySecurityGroupRules", "ec2:UpdateSecurityGroupRuleDescriptions*"),
            *("ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"),
            *("ec2:CreateFlowLogs", "ec2:DeleteFlowLogs"),
            *("ec2:CreateLaunchTemplate", "ec2:CreateLaunchTemplateVersion"),
            *("ec2:DeleteLaunchTemplate", "ec2:DeleteLaunchTemplateVersions"),
            "ec2:ModifyLaunchTemplate",
            # EKS asks whether who makes a node group may start what its template says.
            "ec2:RunInstances",
        ],
        ["*"],
        conditions=_in(regions),
    )
    # What a destroy left is looked for in lists, which know no resources; of an issuer's provider
    # only its tags tell whose it is.
    yield allow(
        "Lists",
        [
            *("iam:ListInstanceProfiles", "iam:ListOpenIDConnectProviders"),
            *("iam:ListOpenIDConnectProviderTags", "iam:ListPolicies", "iam:ListRoles"),
            "tag:GetResources",
        ],
        ["*"],
    )


def edge(arn: Arn, names: str, regions: Sequence[str]) -> Iterator[Statement]:
    """Yield what the way in needs: DNS, certificates, CloudFront, load balancers, web ACLs."""
    yield allow(
        "CloudFront",
        [
            *("cloudfront:Create*", "cloudfront:Delete*", "cloudfront:Get*", "cloudfront:List*"),
            *("cloudfront:DescribeFunction", "cloudfront:PublishFunction", "cloudfront:Update*"),
            *("cloudfront:TagResource", "cloudfront:UntagResource"),
        ],
        ["*"],
    )
    yield allow(
        "Route53",
        [
            *("route53:ActivateKeySigningKey", "route53:DeactivateKeySigningKey"),
            *("route53:ChangeResourceRecordSets", "route53:ChangeTagsForResource"),
            *("route53:CreateHealthCheck", "route53:CreateHostedZone"),
            *("route53:CreateKeySigningKey", "route53:CreateQueryLoggingConfig"),
            *("route53:DeleteHealthCheck", "route53:DeleteHostedZone"),
            *("route53:DeleteKeySigningKey", "route53:DeleteQueryLoggingConfig"),
            *("route53:DisableHostedZoneDNSSEC", "route53:EnableHostedZoneDNSSEC"),
            *("route53:Get*", "route53:List*"),
            *("route53:UpdateHealthCheck", "route53:UpdateHostedZoneComment"),
        ],
        ["*"],
    )
    yield allow(
        "Certificates",
        [
            *("acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:DescribeCertificate"),
            *("acm:GetCertificate", "acm:ListTagsForCertificate", "acm:RemoveTagsFromCertificate"),
            *("acm:RequestCertificate", "acm:UpdateCertificateOptions"),
        ],
        ["*"],
        conditions=_in(regions),
    )
    yield allow("BalancerReads", ["elasticloadbalancing:Describe*"], ["*"])
    yield allow(
        "Balancers",
        [
            *("elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:AddTags"),
            *("elasticloadbalancing:Create*", "elasticloadbalancing:Delete*"),
            *("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:Modify*"),
            *("elasticloadbalancing:RegisterTargets", "elasticloadbalancing:Remove*"),
            "elasticloadbalancing:Set*",
        ],
        [
            arn("elasticloadbalancing", f"{kind}/{names}*")
            for kind in (
                *("loadbalancer/app", "loadbalancer/net", "targetgroup"),
                *("listener/app", "listener/net", "listener-rule/app", "listener-rule/net"),
            )
        ],
    )
    yield allow("WebAclReads", ["wafv2:CheckCapacity", "wafv2:Describe*", "wafv2:List*"], ["*"])
    kinds = ("webacl", "rulegroup", "ipset", "regexpatternset")
    yield allow(
        "WebAcls",
        [
            *("wafv2:AssociateWebACL", "wafv2:Create*", "wafv2:Delete*"),
            *("wafv2:DisassociateWebACL", "wafv2:Get*", "wafv2:PutLoggingConfiguration"),
            *("wafv2:TagResource", "wafv2:UntagResource", "wafv2:Update*"),
        ],
        [
            *(
                arn("wafv2", f"{at}/{kind}/{names}*")
                for at in ("regional", "global")
                for kind in kinds
            ),
            *(arn("wafv2", f"{at}/managedruleset/*") for at in ("regional", "global")),
            arn("elasticloadbalancing", f"loadbalancer/app/{names}*"),
        ],
    )


def cluster(arn: Arn, names: str) -> Iterator[Statement]:
    """Yield what clusters and all that belongs to them need."""
    kinds = (
        *("access-entry", "addon", "cluster", "identityproviderconfig"),
        *("nodegroup", "podidentityassociation"),
    )
    yield allow(
        "Eks",
        [
            *("eks:AssociateAccessPolicy", "eks:AssociateEncryptionConfig"),
            *("eks:AssociateIdentityProviderConfig", "eks:Create*", "eks:Delete*"),
            *("eks:Describe*", "eks:DisassociateAccessPolicy"),
            *("eks:DisassociateIdentityProviderConfig", "eks:List*"),
            *("eks:TagResource", "eks:UntagResource", "eks:Update*"),
        ],
        [arn("eks", f"{kind}/{names}*") for kind in kinds],
    )


def data(arn: Arn, bucket: Callable[[str], str], names: str, project: str) -> Iterator[Statement]:
    """Yield what keys, buckets, logs, secrets, alarms and queries need."""
    yield allow(
        "NewKeys",
        ["kms:CreateKey", "kms:TagResource"],
        ["*"],
        conditions={"StringEquals": {"aws:RequestTag/Project": project}},
    )
    yield allow(
        "Keys",
        [
            *("kms:CancelKeyDeletion", "kms:CreateAlias", "kms:CreateGrant", "kms:DeleteAlias"),
            *("kms:DescribeKey", "kms:DisableKey", "kms:EnableKey", "kms:EnableKeyRotation"),
            *("kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:GetPublicKey"),
            *("kms:ListResourceTags", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:Sign"),
            *("kms:TagResource", "kms:UntagResource", "kms:UpdateAlias"),
            "kms:UpdateKeyDescription",
        ],
        ["*"],
        conditions={"StringEquals": {"aws:ResourceTag/Project": project}},
    )
    yield allow(
        "KeyNames",
        ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
        [arn("kms", f"alias/{names}*")],
    )
    yield allow("KeyNameReads", ["kms:ListAliases"], ["*"])
    yield allow(
        "Buckets",
        [
            *("s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject*"),
            *("s3:Get*", "s3:List*", "s3:Put*"),
        ],
        [bucket(f"{names}*")],
    )
    yield allow(
        "LogGroups",
        [
            *("logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup"),
            *("logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey", "logs:ListTagsForResource"),
            *("logs:ListTagsLogGroup", "logs:PutRetentionPolicy", "logs:TagLogGroup"),
            *("logs:TagResource", "logs:UntagLogGroup", "logs:UntagResource"),
        ],
        [
            arn("logs", f"log-group:{place}{names}*")
            for place in (
                *("/aws/containerinsights/", "/aws/eks/", "/aws/route53/", "/aws/vpc/"),
                "aws-waf-logs-",
            )
        ],
    )
    yield allow(
        "LogDelivery",
        [
            *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DeleteResourcePolicy"),
            *("logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery"),
            *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"),
        ],
        ["*"],
    )
    yield allow(
        "Secrets",
        [
            *("secretsmanager:CreateSecret", "secretsmanager:DeleteResourcePolicy"),
            *("secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret"),
            *("secretsmanager:GetResourcePolicy", "secretsmanager:PutResourcePolicy"),
            *("secretsmanager:RestoreSecret", "secretsmanager:TagResource"),
            *("secretsmanager:UntagResource", "secretsmanager:UpdateSecret"),
            "secretsmanager:ValidateResourcePolicy",
        ],
        [arn("secretsmanager", f"secret:{names}*")],
    )
    yield allow(
        "Alarms",
        [
            *("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"),
            *("cloudwatch:ListTagsForResource", "cloudwatch:PutMetricAlarm"),
            *("cloudwatch:TagResource", "cloudwatch:UntagResource"),
        ],
        [arn("cloudwatch", f"alarm:{names}*")],
    )
    yield allow(
        "Events",
        [
            *("events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource"),
            *("events:ListTargetsByRule", "events:PutRule", "events:PutTargets"),
            *("events:RemoveTargets", "events:TagResource", "events:UntagResource"),
        ],
        [arn("events", f"rule/{names}*")],
    )
    yield allow(
        "Topics",
        [
            *("sns:CreateTopic", "sns:DeleteTopic", "sns:GetSubscriptionAttributes"),
            *("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"),
            *("sns:ListTagsForResource", "sns:SetTopicAttributes", "sns:Subscribe"),
            *("sns:TagResource", "sns:Unsubscribe", "sns:UntagResource"),
        ],
        [arn("sns", f"{names}*")],
    )
    yield allow(
        "Queues",
        [
            *("sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes"),
            *("sqs:ListQueueTags", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"),
        ],
        [arn("sqs", f"{names}*")],
    )
    yield allow(
        "Athena",
        [
            *("athena:CreateWorkGroup", "athena:DeleteWorkGroup", "athena:GetWorkGroup"),
            *("athena:ListTagsForResource", "athena:TagResource"),
            *("athena:UntagResource", "athena:UpdateWorkGroup"),
        ],
        [arn("athena", f"workgroup/{names}*")],
    )
    # Names of the catalogue know no hyphens.
    tables = names.replace("-", "_")
    yield allow(
        "Catalogue",
        [
            *("glue:CreateDatabase", "glue:CreateTable", "glue:DeleteDatabase"),
            *("glue:DeleteTable", "glue:GetDatabase", "glue:GetTable", "glue:GetTags"),
            *("glue:TagResource", "glue:UntagResource", "glue:UpdateDatabase", "glue:UpdateTable"),
        ],
        [
            arn("glue", "catalog"),
            arn("glue", f"database/{tables}*"),
            arn("glue", f"table/{tables}*"),
        ],
    )


def _in(regions: Sequence[str]) -> Conditions:
    return {"StringEquals": {"aws:RequestedRegion": list(regions)}}
