"""The commands people use, and what an account of the local AWS holds afterwards."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from ekp.local.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY

DAY = "2026-11-21"
REGIONS = ("eu-west-1", "us-east-1")
LAYERS = ("network", "cluster", "ingress", "platform", "tenants")
STACKS = {
    "prod-break-glass",
    "prod-edge",
    *(f"prod-{region}-{layer}" for region in REGIONS for layer in LAYERS),
}


class Ekp:
    """The command line, with a workspace of its own."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._environ = {**os.environ, "EKP_WORKSPACE": str(workspace), "EKP_TODAY": DAY}

    def __call__(self, *arguments: str) -> dict[str, Any]:
        done = self._run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def refused(self, *arguments: str) -> str:
        """Run a command that must be refused, and return what it says on one line."""
        done = self._run(*arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        return " ".join(done.stderr.split())

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ekp", *arguments, "--json"],
            capture_output=True,
            check=False,
            env=self._environ,
            text=True,
        )


def client(endpoint: str, service: str, *, region: str, account: str | None) -> Any:
    """Make a client that acts as the deploy role of an account, or as the one who runs ekp."""
    make: Any = boto3.client  # its overloads want a literal name
    keys = {
        "endpoint_url": endpoint,
        "region_name": region,
        "aws_access_key_id": ACCESS_KEY_ID,
        "aws_secret_access_key": SECRET_ACCESS_KEY,
    }
    if account is None:
        return make(service, **keys)
    found = make("sts", **keys).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/ekp-deploy", RoleSessionName="test"
    )["Credentials"]
    return make(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def held_in_region(endpoint: str, account: str, region: str) -> list[str]:
    """What a region of an account holds that the platform makes, each asked of its own service."""

    def of(service: str) -> Any:
        return client(endpoint, service, region=region, account=account)

    ec2, kms, elb = of("ec2"), of("kms"), of("elbv2")
    named = [{"Name": "tag:Project", "Values": ["ekp"]}]
    found = [
        *(v["VpcId"] for v in ec2.describe_vpcs(Filters=named)["Vpcs"]),
        *(s["SubnetId"] for s in ec2.describe_subnets(Filters=named)["Subnets"]),
        *(t["RouteTableId"] for t in ec2.describe_route_tables(Filters=named)["RouteTables"]),
        *(a["AllocationId"] for a in ec2.describe_addresses(Filters=named)["Addresses"]),
        *(g["GroupId"] for g in ec2.describe_security_groups(Filters=named)["SecurityGroups"]),
        *(
            n["NatGatewayId"]
            for n in ec2.describe_nat_gateways(Filters=named)["NatGateways"]
            if n["State"] != "deleted"
        ),
        *(
            e["VpcEndpointId"]
            for e in ec2.describe_vpc_endpoints(Filters=named)["VpcEndpoints"]
            if e["State"] != "deleted"
        ),
        *(t["LaunchTemplateName"] for t in ec2.describe_launch_templates()["LaunchTemplates"]),
        *of("eks").list_clusters()["clusters"],
        *(
            key["KeyId"]
            for key in kms.list_keys()["Keys"]
            if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        ),
        *(
            a["AliasName"]
            for a in kms.list_aliases()["Aliases"]
            if not a["AliasName"].startswith("alias/aws/")
        ),
        *(g["logGroupName"] for g in of("logs").describe_log_groups()["logGroups"]),
        *(b["LoadBalancerArn"] for b in elb.describe_load_balancers()["LoadBalancers"]),
        *(g["TargetGroupArn"] for g in elb.describe_target_groups()["TargetGroups"]),
        *(c["DomainName"] for c in of("acm").list_certificates()["CertificateSummaryList"]),
        *(a["Name"] for a in of("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]),
        *(a["AlarmName"] for a in of("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(s["Name"] for s in of("secretsmanager").list_secrets()["SecretList"]),
    ]
    return [str(one) for one in found]


def held_everywhere(endpoint: str, account: str) -> list[str]:
    """What an account holds of what belongs to no region."""

    def of(service: str) -> Any:
        return client(endpoint, service, region="us-east-1", account=account)

    iam, cloudfront = of("iam"), of("cloudfront")
    own_policies = cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]
    found = [
        *(r["RoleName"] for r in iam.list_roles()["Roles"] if r["RoleName"] != "ekp-deploy"),
        *(p["Arn"] for p in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]),
        *(z["Name"] for z in of("route53").list_hosted_zones()["HostedZones"]),
        *(c["Id"] for c in of("route53").list_health_checks()["HealthChecks"]),
        *(b["Name"] for b in of("s3").list_buckets()["Buckets"]),
        *(a["Name"] for a in of("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]),
        *(d["Id"] for d in cloudfront.list_distributions()["DistributionList"].get("Items", [])),
        *(f["Name"] for f in cloudfront.list_functions()["FunctionList"].get("Items", [])),
        *(p["CachePolicy"]["Id"] for p in own_policies.get("Items", [])),
    ]
    return [str(one) for one in found]
