"""Whether what the index of tags tells is there still: each service is asked about its own."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

Client = Any
Clients = Callable[[str], Client]

# What services answer for something that is gone.
GONE = {
    "404",
    "LoadBalancerNotFound",
    "NoSuchBucket",
    "NoSuchDistribution",
    "NoSuchHealthCheck",
    "NoSuchHostedZone",
    "NotFound",
    "NotFoundException",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "TargetGroupNotFound",
    "WAFNonexistentItemException",
}
ENDED = {"deleted", "terminated"}


@dataclass(frozen=True)
class Answer:
    """What a service says of a resource. ``day`` is when it deletes it by itself (YYYY-MM-DD).

    Neither ``gone`` nor ``sure``: it was not asked, or did not answer.
    """

    gone: bool = False
    sure: bool = False
    day: str = ""


UNKNOWN, THERE, NO_MORE = Answer(), Answer(sure=True), Answer(gone=True, sure=True)


def ask(clients: Clients, arns: Collection[str]) -> dict[str, Answer]:
    """Ask the services of these ARNs; ``clients`` gives a client by the service's name."""
    ec2 = [arn for arn in arns if _service(arn) == "ec2"]
    found = _ask_ec2(clients("ec2"), ec2) if ec2 else {}
    return {**{arn: _ask_one(clients, arn) for arn in arns if arn not in found}, **found}


def _ask_one(clients: Clients, arn: str) -> Answer:
    asked = QUESTIONS.get(_service(arn))
    if asked is None:
        return UNKNOWN
    try:
        return asked(clients, arn)
    except ClientError as error:
        return NO_MORE if error.response["Error"]["Code"] in GONE else UNKNOWN
    except BotoCoreError:
        return UNKNOWN


def _ask_ec2(ec2: Client, arns: Iterable[str]) -> dict[str, Answer]:
    """EC2 tells of all its kinds at once: what is gone has no tags there, or has a last state."""
    ids = {arn: _last(arn) for arn in arns}
    try:
        there = _tagged(ec2, list(ids.values())) - _ended(ec2, ids.values())
    except (BotoCoreError, ClientError):
        return dict.fromkeys(ids, UNKNOWN)
    return {arn: THERE if id_ in there else NO_MORE for arn, id_ in ids.items()}


def _tagged(ec2: Client, ids: list[str]) -> set[str]:
    most = 200  # values a filter takes
    pages = ec2.get_paginator("describe_tags")
    return {
        tag["ResourceId"]
        for at in range(0, len(ids), most)
        for page in pages.paginate(Filters=[{"Name": "resource-id", "Values": ids[at : at + most]}])
        for tag in page["Tags"]
    }


def _ended(ec2: Client, ids: Iterable[str]) -> set[str]:
    """What EC2 tells of for about an hour after it ended."""
    found: set[str] = set()
    gateways = [id_ for id_ in ids if id_.startswith("nat-")]
    instances = [id_ for id_ in ids if id_.startswith("i-")]
    if gateways:
        asked = [{"Name": "nat-gateway-id", "Values": gateways}]
        for page in ec2.get_paginator("describe_nat_gateways").paginate(Filter=asked):
            found |= {g["NatGatewayId"] for g in page["NatGateways"] if g["State"] in ENDED}
    if instances:
        asked = [{"Name": "instance-id", "Values": instances}]
        for page in ec2.get_paginator("describe_instances").paginate(Filters=asked):
            for reservation in page["Reservations"]:
                found |= {
                    one["InstanceId"]
                    for one in reservation["Instances"]
                    if one["State"]["Name"] in ENDED
                }
    return found


def _key(clients: Clients, arn: str) -> Answer:
    told = clients("kms").describe_key(KeyId=arn)["KeyMetadata"]
    if told["KeyState"] == "PendingDeletion":
        return Answer(sure=True, day=f"{told['DeletionDate']:%Y-%m-%d}")
    return THERE


def _secret(clients: Clients, arn: str) -> Answer:
    day = clients("secretsmanager").describe_secret(SecretId=arn).get("DeletedDate")
    return Answer(sure=True, day=f"{day:%Y-%m-%d}") if day else THERE


def _bucket(clients: Clients, arn: str) -> Answer:
    clients("s3").head_bucket(Bucket=_last(arn))
    return THERE


def _route53(clients: Clients, arn: str) -> Answer:
    if ":hostedzone/" in arn:
        clients("route53").get_hosted_zone(Id=_last(arn))
    else:
        clients("route53").get_health_check(HealthCheckId=_last(arn))
    return THERE


def _distribution(clients: Clients, arn: str) -> Answer:
    if ":distribution/" not in arn:
        return UNKNOWN
    clients("cloudfront").get_distribution(Id=_last(arn))
    return THERE


def _alarm(clients: Clients, arn: str) -> Answer:
    name = arn.rpartition(":")[2]
    told = clients("cloudwatch").describe_alarms(AlarmNames=[name])
    return THERE if told["MetricAlarms"] else NO_MORE


def _log_group(clients: Clients, arn: str) -> Answer:
    name = arn.split(":log-group:")[1].removesuffix(":*")
    told = clients("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return THERE if name in [one["logGroupName"] for one in told] else NO_MORE


def _balancing(clients: Clients, arn: str) -> Answer:
    elb = clients("elbv2")
    if ":loadbalancer/" in arn:
        elb.describe_load_balancers(LoadBalancerArns=[arn])
    elif ":targetgroup/" in arn:
        elb.describe_target_groups(TargetGroupArns=[arn])
    else:
        elb.describe_tags(ResourceArns=[arn])
    return THERE


def _web_acl(clients: Clients, arn: str) -> Answer:
    place, kind, name, id_ = arn.split(":")[5].split("/")
    if kind != "webacl":
        return UNKNOWN
    scope = "CLOUDFRONT" if place == "global" else "REGIONAL"
    clients("wafv2").get_web_acl(Name=name, Scope=scope, Id=id_)
    return THERE


def _tags_of(service: str, operation: str, argument: str) -> Callable[[Clients, str], Answer]:
    """A service that is asked for the tags, and answers that there is no such thing."""

    def question(clients: Clients, arn: str) -> Answer:
        getattr(clients(service), operation)(**{argument: arn})
        return THERE

    return question


# Service of an ARN -> how to ask it.
QUESTIONS: Mapping[str, Callable[[Clients, str], Answer]] = {
    "acm": _tags_of("acm", "list_tags_for_certificate", "CertificateArn"),
    "cloudfront": _distribution,
    "cloudwatch": _alarm,
    "eks": _tags_of("eks", "list_tags_for_resource", "resourceArn"),
    "elasticloadbalancing": _balancing,
    "events": _tags_of("events", "list_tags_for_resource", "ResourceARN"),
    "kms": _key,
    "logs": _log_group,
    "route53": _route53,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _tags_of("sns", "list_tags_for_resource", "ResourceArn"),
    "wafv2": _web_acl,
}


def _service(arn: str) -> str:
    return arn.split(":")[2]


def _last(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("/")[2]
