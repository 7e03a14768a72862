"""The Route53 backend of one account."""

from moto.route53.models import route53_backends

from .dnssec import Dnssec
from .health_checks import HealthChecks
from .query_logs import QueryLogs
from .records import Records


class Route53Backend(Dnssec, Records, HealthChecks, QueryLogs):
    """moto's Route53, with DNSSEC and batches that change all or nothing."""


def install() -> None:
    """Put this backend in the place of moto's, before the first request."""
    route53_backends.backend = Route53Backend
