"""What a load balancer sends to a target: a request with its own headers, from its own address.

Sources: Elastic Load Balancing user guide for Application Load Balancers, "HTTP headers and
Application Load Balancers" (``X-Forwarded-For`` gets the caller's address, ``X-Forwarded-Proto``
and ``-Port`` are written anew) and "Edit attributes" (``routing.http.drop_invalid_header_fields``
takes out names with other signs than letters, digits and hyphens; the caller's address may be kept
out of ``X-Forwarded-For``).
"""

import re
from dataclasses import replace
from ipaddress import IPv4Network

from ekp.configured.reading import Reader, Resource
from ekp.evaluate.request import Request, Unsupported

from .call import Call
from .headers import with_headers, with_hop, without

_VALID_NAME = re.compile(r"[-A-Za-z0-9]+")
# AWS keeps the first four addresses of a subnet. Source: VPC user guide, "Subnet sizing".
_FIRST_ADDRESS = 4


def sent(balancer: Resource, call: Call, port: int) -> Request:
    """Return a request as a load balancer sends it to a target."""
    body, request = balancer.body, call.request
    if body.get("drop_invalid_header_fields"):
        invalid = [name for name in request.headers if not _VALID_NAME.fullmatch(name)]
        request = without(request, invalid)
    match body.get("xff_header_processing_mode", "append"):
        case "append":
            request = with_hop(request, call.address)
        case "remove":
            request = without(request, ["x-forwarded-for"])
    written = {"x-forwarded-proto": call.scheme, "x-forwarded-port": str(call.request.port)}
    return replace(with_headers(request, written), port=port)


def source(reader: Reader, balancer: Resource) -> str:
    """Return an address in a subnet where a load balancer stands.

    Raises:
        Unsupported: its subnets are not to be found in the network's stack.
    """
    subnets = balancer.body.get("subnets")
    first = subnets[0] if isinstance(subnets, list) and subnets else subnets
    found = reader.referred(balancer.stack, first)
    if found is None or "cidr_block" not in found.body:
        raise Unsupported(balancer.path, "subnets", "the network's subnets are not found")
    return str(IPv4Network(found.body["cidr_block"])[_FIRST_ADDRESS])
