"""What the ingress stack's load balancer stands in: a network, and the bucket of its logs."""

from .conftest import REGION
from .stack_parts import Resources, plain_http, policy

LOAD_BALANCERS = "arn:aws:iam::156460612806:root"  # writes the access logs of eu-west-1


def network(*, changed: bool) -> Resources:
    """Give a VPC with two subnets and the security group of the load balancers."""
    vpc, group = "${aws_vpc.main.id}", "${aws_security_group.main.id}"
    rule = {
        "security_group_id": group,
        "description": "HTTPS alone" if changed else "HTTPS",
        "from_port": 443,
        "to_port": 443,
        "ip_protocol": "tcp",
    }
    return {
        "aws_vpc": {"main": {"cidr_block": "10.0.0.0/16"}},
        "aws_internet_gateway": {"main": {"vpc_id": vpc}},
        "aws_subnet": {
            zone: {
                "vpc_id": vpc,
                "cidr_block": f"10.0.{index}.0/24",
                "availability_zone": f"{REGION}{zone}",
            }
            for index, zone in enumerate("ab")
        },
        "aws_security_group": {"main": {"name": "ingress", "vpc_id": vpc}},
        "aws_vpc_security_group_ingress_rule": {
            "main": {**rule, "prefix_list_id": "${aws_ec2_managed_prefix_list.edge.id}"}
        },
        "aws_vpc_security_group_egress_rule": {
            "main": {**rule, "referenced_security_group_id": group}
        },
        "aws_ec2_managed_prefix_list": {
            "edge": {
                "name": "edge",
                "address_family": "IPv4",
                "max_entries": 5,
                "entry": [{"cidr": "198.51.100.0/24", "description": "edge"}],
            }
        },
    }


def logs(account: str) -> Resources:
    """Give the bucket of the access logs."""
    bucket = "${aws_s3_bucket.logs.id}"
    writer = {
        "Effect": "Allow",
        "Principal": {"AWS": LOAD_BALANCERS},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::ingress-logs/main/AWSLogs/{account}/*",
    }
    document = policy(plain_http("ingress-logs"), writer)
    return {
        "aws_s3_bucket": {"logs": {"bucket": "ingress-logs", "force_destroy": True}},
        "aws_s3_bucket_policy": {"logs": {"bucket": bucket, "policy": document}},
        "aws_s3_bucket_ownership_controls": {
            "logs": {"bucket": bucket, "rule": {"object_ownership": "BucketOwnerEnforced"}}
        },
        "aws_s3_bucket_lifecycle_configuration": {
            "logs": {
                "bucket": bucket,
                "rule": [
                    {
                        "id": "expire",
                        "status": "Enabled",
                        "filter": {"prefix": ""},
                        "expiration": {"days": 90},
                        "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                    }
                ],
            }
        },
    }
