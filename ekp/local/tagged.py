"""The EC2 resources that the tagging API of moto leaves out."""

from collections.abc import Iterator

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
    """Let `GetResources` find them; a second call changes nothing."""
    EC2Backend.iter_tagged_resources = _iter_tagged_resources  # type: ignore[method-assign] # no other hook


_moto_iter_tagged_resources = EC2Backend.iter_tagged_resources


def _iter_tagged_resources(self: EC2Backend) -> Iterator[TaggedResource]:
    # A run that was killed is recovered by a search for tags; it has to see what EC2 made.
    yield from _moto_iter_tagged_resources(self)
    for id_, tags in list(self.tags.items()):
        kind = TYPES.get(id_.partition("-")[0])
        if kind:
            arn = f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:{kind}/{id_}"
            yield TaggedResource(arn=arn, tags=dict(tags), resource_type=f"ec2:{kind}")
