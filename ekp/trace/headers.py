"""Headers of a request on its way: what a client sent, what CloudFront and load balancers write."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from ekp.evaluate.request import Request


def as_sent(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers of a client; what looks like an expression of Terraform's is only text.

    Secrets stand in the stacks as expressions, such as ``${var.x}``: nobody outside can send one.
    """
    return {name: value.replace("${", "$ {") for name, value in headers.items()}


def with_headers(request: Request, written: Mapping[str, str]) -> Request:
    """Return a request with headers written, in place of those of the same name."""
    return replace(request, headers={**without(request, written).headers, **written})


def without(request: Request, names: Collection[str]) -> Request:
    """Return a request without some headers."""
    gone = {name.lower() for name in names}
    kept = {name: value for name, value in request.headers.items() if name.lower() not in gone}
    return replace(request, headers=kept)


def with_hop(request: Request, address: str) -> Request:
    """Return a request with one more address in ``X-Forwarded-For``."""
    before = request.header("x-forwarded-for")
    return with_headers(request, {"x-forwarded-for": f"{before}, {address}" if before else address})
