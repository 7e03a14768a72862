"""The EC2 resources that the tagging API of moto leaves out, and no tags of what is gone."""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.ec2.models import EC2Backend

# How an id begins -> the resource's type in ARNs.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
TYPES = {
    "acl": "network-acl",
    "eipalloc": "elastic-ip",
    "fl": "vpc-flow-log",
    "lt": "launch-template",
    "sgr": "security-group-rule",
    "vpce": "vpc-endpoint",
}


def install() -> None:
    """Let `GetResources` and `DescribeTags` tell of what is there; again, it changes nothing."""
    EC2Backend.iter_tagged_resources = _iter_tagged_resources  # type: ignore[method-assign] # no other hook
    EC2Backend.describe_tags = _describe_tags  # type: ignore[method-assign,assignment] # the same


_moto_iter_tagged_resources = EC2Backend.iter_tagged_resources
_moto_describe_tags = EC2Backend.describe_tags


def _iter_tagged_resources(self: EC2Backend) -> Iterator[TaggedResource]:
    # A run that was killed is recovered by a search for tags; it has to see what EC2 made.
    for one in _moto_iter_tagged_resources(self):
        if one.resource_type != "ec2:flow-logs":  # moto's own word for what is told below
            yield one
    for id_ in _there(self):
        kind = TYPES[_prefix(id_)]
        arn = f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:{kind}/{id_}"
        tags = dict(self.tags.get(id_, {}))
        yield TaggedResource(arn=arn, tags=tags, resource_type=f"ec2:{kind}")


def _describe_tags(
    self: EC2Backend, filters: dict[str, list[str]] | None = None
) -> list[dict[str, str]]:
    # moto keeps the tags of what is deleted, and a destroy would seem to leave it.
    there = _there(self)
    return [
        tag
        for tag in _moto_describe_tags(self, filters)
        if _prefix(tag["resource_id"]) not in TYPES or tag["resource_id"] in there
    ]


def _there(backend: Any) -> set[str]:
    groups = (group for vpc in backend.groups.values() for group in vpc.values())
    return {
        *backend.network_acls,
        *(one.allocation_id for one in backend.addresses if one.allocation_id),
        *backend.flow_logs,
        *backend.launch_templates,
        *(rule.id for one in groups for rule in (*one.ingress_rules, *one.egress_rules)),
        *(id_ for id_, one in backend.vpc_end_points.items() if one.state != "deleted"),
    }


def _prefix(id_: str) -> str:
    return id_.partition("-")[0]
