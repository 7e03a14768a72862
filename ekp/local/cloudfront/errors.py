"""The errors of the CloudFront API; their status comes from the service model."""

from collections.abc import Iterable
from typing import Any

from moto.cloudfront.exceptions import CloudFrontException

PRECONDITION = (
    "The request failed because it didn't meet the preconditions in one or more "
    "request-header fields."
)


def refuse(code: str, message: str) -> CloudFrontException:
    """Make an error of the API."""
    return CloudFrontException(code, message)


def missing(code: str, what: str) -> CloudFrontException:
    """Say that something does not exist."""
    return refuse(code, f"The specified {what} does not exist.")


def check_version(if_match: str | None, etag: str) -> None:
    """Refuse a change that was made from another version than the present one."""
    if not if_match:
        raise refuse(
            "InvalidIfMatchVersion",
            "The If-Match version is missing or not valid for the resource.",
        )
    if if_match != etag:
        raise refuse("PreconditionFailed", PRECONDITION)


def items_of(part: dict[str, Any] | None) -> list[Any]:
    """Give the items of a list in CloudFront's shape, which leaves empty ones out."""
    return list((part or {}).get("Items") or [])


def page(items: Iterable[Any], id_of: Any, given: dict[str, Any]) -> tuple[list[Any], str | None]:
    """Give one page, and the id that the next one begins after."""
    ordered = list(items)
    ids = [id_of(item) for item in ordered]
    marker, size = given.get("Marker"), int(given.get("MaxItems") or 100)
    start = ids.index(marker) + 1 if marker in ids else 0
    chosen = ordered[start : start + size]
    more = start + size < len(ordered)
    return chosen, id_of(chosen[-1]) if more and chosen else None
