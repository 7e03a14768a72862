"""The EKS backend of one account in one region."""

from collections.abc import Iterator

from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.eks.exceptions import ResourceNotFoundException
from moto.eks.models import eks_backends

from .addon import Addons
from .clusters import Clusters
from .identity_provider import IdentityProviders


class EksBackend(Clusters, Addons, IdentityProviders, TaggableResourcesMixin):
    """moto's EKS, with the operations it lacks and tags on every resource."""

    SERVICE_NAMESPACE = "eks"

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Give clusters and all their children to the tagging API."""
        for name in list(self.clusters):
            for arn, tags in self.cluster(name).tagged().items():
                kind = arn.split(":", 5)[5].partition("/")[0]
                yield TaggedResource(arn=arn, tags=dict(tags), resource_type=f"eks:{kind}")

    def _tags_of(self, resource_arn: str) -> dict[str, str]:
        for name in self.clusters:
            tags = self.cluster(name).tagged()
            if resource_arn in tags:
                return tags[resource_arn]
        raise ResourceNotFoundException(message=f"The resource {resource_arn} could not be found")

    def tag_resource(self, resource_arn: str, tags: dict[str, str]) -> None:
        """Add tags to any EKS resource."""
        self._tags_of(resource_arn).update(tags)

    def untag_resource(self, resource_arn: str, tag_keys: list[str]) -> None:
        """Take tags from any EKS resource."""
        tags = self._tags_of(resource_arn)
        for key in tag_keys:
            tags.pop(key, None)

    def list_tags_for_resource(self, resource_arn: str) -> dict[str, str]:
        """Give the tags of any EKS resource."""
        return self._tags_of(resource_arn)


def install() -> None:
    """Put this backend in the place of moto's, before the first request."""
    eks_backends.backend = EksBackend
