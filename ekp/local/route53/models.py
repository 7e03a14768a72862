"""The Route53 backend of one account."""

from collections.abc import Iterator

from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.route53.models import route53_backends

from .answers import Answers
from .dnssec import Dnssec
from .query_logs import QueryLogs


class Route53Backend(Dnssec, Answers, QueryLogs, TaggableResourcesMixin):
    """moto's Route53, with DNSSEC, batches that change all or nothing, and answers."""

    SERVICE_NAMESPACE = "route53"

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Give zones and health checks to the tagging API."""
        ids = {"hostedzone": list(self.zones), "healthcheck": list(self.health_checks)}
        for kind, known in ids.items():
            for id_ in known:
                yield TaggedResource(
                    arn=f"arn:{self.partition}:route53:::{kind}/{id_}",
                    tags=dict(self.resource_tags.get(id_, {})),
                    resource_type=f"route53:{kind}",
                )


def install() -> None:
    """Put this backend in the place of moto's, before the first request."""
    route53_backends.backend = Route53Backend
