"""A request that comes to a load balancer, and who opened the connection."""

from dataclasses import dataclass
from enum import StrEnum

from ekp.evaluate.request import Request

# One of the addresses that CloudFront calls origins from. Source: AWS's ip-ranges.json, service
# CLOUDFRONT_ORIGIN_FACING.
CLOUDFRONT_ADDRESS = "130.176.0.1"


class Caller(StrEnum):
    """Who calls a load balancer."""

    CLOUDFRONT = "CloudFront"
    FOREIGN = "somebody else's distribution, from CloudFront's addresses"
    CLIENT = "a client of the internet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request on its way to a load balancer."""

    request: Request
    """``port`` is the load balancer's."""
    scheme: str
    caller: Caller
    address: str
    """Of who opened the connection."""
    certificate_names: tuple[str, ...]
    """The caller takes a certificate that holds for one of them."""
