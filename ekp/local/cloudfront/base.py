"""What the operations of the CloudFront API share."""

from typing import Any, cast

from moto.cloudfront.models import cloudfront_backends
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult

from .models import CloudFrontBackend

LOCATION = "https://cloudfront.amazonaws.com/2020-05-31"
DEFAULT_PAGE = 100


class Base(CloudFrontResponse):
    """Hands a request's parameters to the backend and its result to the serializer."""

    @property
    def backend(self) -> CloudFrontBackend:
        """Give the account's CloudFront."""
        return cast("CloudFrontBackend", cloudfront_backends[self.current_account][self.partition])

    def call_action(self) -> TYPE_RESPONSE:
        """Do one operation at a time."""
        with self.backend.lock:
            return super().call_action()

    def given(self, *names: str) -> list[Any]:
        """Give parameters of the request by name."""
        return [self._get_param(name) for name in names]

    def page_of(self, name: str, items: list[Any], marker: str | None) -> ActionResult:
        """Give a page in the shape that all lists have."""
        answer = {
            "Marker": self._get_param("Marker") or "",
            "MaxItems": self._get_int_param("MaxItems") or DEFAULT_PAGE,
            "IsTruncated": marker is not None,
            "NextMarker": marker,
            "Quantity": len(items),
            "Items": items or None,
        }
        return ActionResult({name: answer})
