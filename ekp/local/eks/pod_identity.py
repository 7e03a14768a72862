"""Pod identity associations, which give a service account an IAM role."""

from dataclasses import dataclass, field
from datetime import datetime

from moto.core.utils import utcnow
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.moto_api._internal import mock_random

from .registry import MAX_RESULTS, ClusterRegistry, check_role_arn, page


@dataclass
class PodIdentityAssociation:
    """One service account and its role."""

    cluster_name: str
    namespace: str
    service_account: str
    role_arn: str
    association_id: str
    arn: str
    tags: dict[str, str]
    owner_arn: str | None = None
    created_at: datetime = field(default_factory=utcnow)
    modified_at: datetime = field(default_factory=utcnow)

    @property
    def association_arn(self) -> str:
        """Give the ARN under the API's name for it."""
        return self.arn


class PodIdentities(ClusterRegistry):
    """The pod identity operations."""

    def describe_pod_identity_association(
        self, cluster_name: str, association_id: str
    ) -> PodIdentityAssociation:
        """Give an association by id."""
        association = self.cluster(cluster_name).pod_identities.get(association_id)
        if association is None:
            raise ResourceNotFoundException(
                clusterName=cluster_name,
                message=f"No association found with id: {association_id}",
            )
        return association

    def create_pod_identity_association(
        self,
        cluster_name: str,
        *,
        namespace: str,
        service_account: str,
        role_arn: str,
        tags: dict[str, str] | None = None,
        owner_arn: str | None = None,
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> PodIdentityAssociation:
        """Give a service account a role; each one can have one."""
        cluster = self.cluster(cluster_name)
        check_role_arn(role_arn)
        for other in cluster.pod_identities.values():
            if (other.namespace, other.service_account) == (namespace, service_account):
                raise already_exists(other)
        association_id = f"a-{mock_random.get_random_string(17, lower_case=True)}"
        association = PodIdentityAssociation(
            cluster_name=cluster_name,
            namespace=namespace,
            service_account=service_account,
            role_arn=role_arn,
            association_id=association_id,
            arn=self.arn("podidentityassociation", cluster_name, association_id),
            tags=dict(tags or {}),
            owner_arn=owner_arn,
        )
        cluster.pod_identities[association_id] = association
        return association

    def update_pod_identity_association(
        self,
        cluster_name: str,
        association_id: str,
        role_arn: str | None = None,
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> PodIdentityAssociation:
        """Change the role of an association."""
        association = self.describe_pod_identity_association(cluster_name, association_id)
        if role_arn:
            check_role_arn(role_arn)
            association.role_arn = role_arn
        association.modified_at = utcnow()
        return association

    def delete_pod_identity_association(
        self, cluster_name: str, association_id: str
    ) -> PodIdentityAssociation:
        """Take the role from a service account."""
        association = self.describe_pod_identity_association(cluster_name, association_id)
        del self.cluster(cluster_name).pod_identities[association_id]
        return association

    def list_pod_identity_associations(
        self,
        cluster_name: str,
        namespace: str | None = None,
        service_account: str | None = None,
        max_results: int = MAX_RESULTS,
        next_token: str | None = None,
    ) -> tuple[list[PodIdentityAssociation], str | None]:
        """List associations, of one namespace or service account if asked."""
        found = {
            item.association_id: item
            for item in self.cluster(cluster_name).pod_identities.values()
            if namespace in (None, item.namespace)
            and service_account in (None, item.service_account)
        }
        ids, token = page(list(found), max_results, next_token)
        return [found[id_] for id_ in ids], token


def already_exists(association: PodIdentityAssociation) -> ResourceInUseException:
    """Say that a service account has a role."""
    return ResourceInUseException(
        clusterName=association.cluster_name,
        message=f"Association already exists: {association.association_id}",
    )
