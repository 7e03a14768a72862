"""Under which hosts a service meets what it is granted of AWS."""

from collections.abc import Collection, Iterator
from ipaddress import IPv4Network

from .grants import BucketGrant, Grants
from .services import External, Service

# All regions known here are of the partition aws.
_DOMAIN = "amazonaws.com"
# Some SDKs still take S3's first names there, whatever region they are told.
_FIRST_REGION = "us-east-1"


def with_aws_hosts(
    service: Service,
    grants: Grants,
    *,
    region: str,
    interface_endpoints: Collection[str],
    vpc_cidr: IPv4Network,
) -> Service:
    """Return the service as it is in one region: it also calls the hosts of its grants there.

    They are those that AWS's SDKs choose by themselves; other forms, such as dual-stack and FIPS
    endpoints, a service names in ``external``.

    Args:
        service: of a tenant.
        grants: of the tenant; those of other services are passed over.
        region: which the cluster is in.
        interface_endpoints: AWS's names of the services that the VPC has an interface endpoint for,
            such as ``sqs``: their names lead to addresses of the VPC. S3's always to public ones.
        vpc_cidr: the VPC's addresses.
    """
    own = grants.of(service.name)

    def regional(kind: str, arn: str) -> External:
        where = arn.split(":")[3]
        within = where == region and kind in interface_endpoints
        host = f"{kind}.{where}.{_DOMAIN}"
        return External(host=host, networks=(vpc_cidr,) if within else ())

    met = [
        *(External(host=host) for one in own.buckets for host in _bucket_hosts(one, region)),
        *(regional("sqs", one.queue) for one in own.queues),
        *(regional("kms", one.key) for one in own.keys),
    ]
    return service.model_copy(update={"external": (*service.external, *dict.fromkeys(met))})


def _bucket_hosts(grant: BucketGrant, region: str) -> Iterator[str]:
    """Yield the hosts of a bucket: its own, or S3's where no certificate covers its own.

    Source: S3 user guide, "Virtual hosting of general purpose buckets".
    """
    where = grant.region or region
    own = "" if "." in grant.bucket else f"{grant.bucket}."
    yield f"{own}s3.{where}.{_DOMAIN}"
    if where == _FIRST_REGION:
        yield f"{own}s3.{_DOMAIN}"
