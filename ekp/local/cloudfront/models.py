"""The CloudFront backend of one account."""

from moto.cloudfront.models import cloudfront_backends

from .distributions import Distributions


class CloudFrontBackend(Distributions):
    """moto's CloudFront, with distributions as they were sent and the operations it lacks."""


def install() -> None:
    """Put this backend in the place of moto's, before the first request."""
    cloudfront_backends.backend = CloudFrontBackend
