"""EKS add-ons."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.eks.exceptions import (
    EKSError,
    InvalidParameterException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from moto.moto_api._internal import mock_random

from .catalogue import ADDON_VERSION, ADDONS, VERSIONS, AddonKind, minor
from .cluster import Cluster
from .pod_identity import PodIdentities, PodIdentityAssociation, already_exists
from .registry import MAX_RESULTS, as_params, check_role_arn, page
from .update import Update

ADDON_NAMESPACE = "kube-system"
NO_REPLICAS = {
    "code": "InsufficientNumberOfReplicas",
    "message": "The add-on is unhealthy because it doesn't have the desired number of replicas.",
}


class PassRoleError(EKSError):
    """The caller may not give a service this role."""

    TYPE = "AccessDeniedException"
    STATUS = 403


@dataclass
class Addon:
    """One add-on as `DescribeAddon` shows it."""

    addon_name: str
    cluster_name: str
    arn: str
    addon_version: str
    tags: dict[str, str]
    configuration_values: str | None
    service_account_role_arn: str | None
    status: str = "ACTIVE"
    health: dict[str, Any] = field(default_factory=lambda: {"issues": []})
    pod_identity_associations: list[str] = field(default_factory=list)
    publisher: str = "eks"
    owner: str = "aws"
    created_at: datetime = field(default_factory=utcnow)
    modified_at: datetime = field(default_factory=utcnow)


class Addons(PodIdentities):
    """The add-on operations."""

    def describe_addon(self, cluster_name: str, addon_name: str) -> Addon:
        """Give an add-on by name."""
        addon = self.cluster(cluster_name).addons.get(addon_name)
        if addon is None:
            raise ResourceNotFoundException(
                clusterName=cluster_name,
                addonName=addon_name,
                message=f"No addon: {addon_name} found in cluster: {cluster_name}",
            )
        return addon

    def create_addon(
        self,
        cluster_name: str,
        addon_name: str,
        *,
        addon_version: str | None = None,
        service_account_role_arn: str | None = None,
        tags: dict[str, str] | None = None,
        configuration_values: str | None = None,
        pod_identity_associations: list[dict[str, str]] | None = None,
        resolve_conflicts: str | None = None,  # noqa: ARG002 - nothing here conflicts
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> Addon:
        """Install an add-on; one that needs nodes fails at once where there are none."""
        cluster = self.cluster(cluster_name)
        kind = _kind(addon_name)
        if addon_name in cluster.addons:
            raise ResourceInUseException(
                clusterName=cluster_name,
                addonName=addon_name,
                message="Addon already exists.",
            )
        version = addon_version or kind.default_version(cluster.version)
        _check(cluster, addon_name, version, service_account_role_arn)
        addon = Addon(
            addon_name=addon_name,
            cluster_name=cluster_name,
            arn=self.arn("addon", cluster_name, addon_name, str(mock_random.uuid4())),
            addon_version=version,
            tags=dict(tags or {}),
            configuration_values=configuration_values,
            service_account_role_arn=service_account_role_arn,
        )
        if kind.needs_nodes and not cluster.has_nodes:
            # AWS keeps it unhealthy until the caller gives up after 20 minutes.
            addon.status, addon.health = "CREATE_FAILED", {"issues": [NO_REPLICAS]}
        self._give_roles(addon, pod_identity_associations or [])
        cluster.addons[addon_name] = addon
        return addon

    def _give_roles(self, addon: Addon, wanted: list[dict[str, str]]) -> None:
        """Replace the add-on's associations; it cannot take over those of others."""
        accounts = [(ADDON_NAMESPACE, item["serviceAccount"]) for item in wanted]
        if len(set(accounts)) < len(accounts):
            raise InvalidParameterException(
                clusterName=addon.cluster_name,
                addonName=addon.addon_name,
                message="A service account can have one pod identity association only",
            )
        for item in wanted:
            check_role_arn(item["roleArn"])
        for other in self.cluster(addon.cluster_name).pod_identities.values():
            of_others = other.owner_arn != addon.arn
            if of_others and (other.namespace, other.service_account) in accounts:
                raise already_exists(other)
        self._take_roles(addon)
        for item in wanted:
            association = self.create_pod_identity_association(
                addon.cluster_name,
                namespace=ADDON_NAMESPACE,
                service_account=item["serviceAccount"],
                role_arn=item["roleArn"],
                owner_arn=addon.arn,
            )
            addon.pod_identity_associations.append(association.arn)

    def _take_roles(self, addon: Addon) -> None:
        owned = self.cluster(addon.cluster_name).pod_identities
        for id_ in [id_ for id_, item in owned.items() if item.owner_arn == addon.arn]:
            del owned[id_]
        addon.pod_identity_associations = []

    def delete_pod_identity_association(
        self, cluster_name: str, association_id: str
    ) -> PodIdentityAssociation:
        """Take the role from a service account, also where an add-on owns the association."""
        association = super().delete_pod_identity_association(cluster_name, association_id)
        for addon in self.cluster(cluster_name).addons.values():
            if addon.arn == association.owner_arn:
                addon.pod_identity_associations.remove(association.arn)
        return association

    def update_addon(
        self,
        cluster_name: str,
        addon_name: str,
        *,
        addon_version: str | None = None,
        service_account_role_arn: str | None = None,
        configuration_values: str | None = None,
        pod_identity_associations: list[dict[str, str]] | None = None,
        resolve_conflicts: str | None = None,  # noqa: ARG002 - nothing here conflicts
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> Update:
        """Change an add-on; the role of one that names none is gone, as in EKS."""
        cluster, addon = self.cluster(cluster_name), self.describe_addon(cluster_name, addon_name)
        version = addon_version or addon.addon_version
        if service_account_role_arn == "":
            # Terraform sends it where a role is taken away: hashicorp/terraform-provider-aws#30645.
            raise PassRoleError(message="Cross-account pass role is not allowed.")
        _check(cluster, addon_name, version, service_account_role_arn)
        if pod_identity_associations is not None:
            self._give_roles(addon, pod_identity_associations)
        addon.addon_version = version
        addon.service_account_role_arn = service_account_role_arn
        if configuration_values is not None:
            addon.configuration_values = configuration_values or None
        if cluster.has_nodes:
            addon.status, addon.health = "ACTIVE", {"issues": []}
        addon.modified_at = utcnow()
        params = as_params(
            AddonVersion=addon_version,
            ServiceAccountRoleArn=service_account_role_arn,
            ConfigurationValues=configuration_values,
            PodIdentityAssociations=pod_identity_associations,
        )
        return cluster.record(Update("AddonUpdate", params, addon_name=addon_name))

    def delete_addon(
        self,
        cluster_name: str,
        addon_name: str,
        preserve: bool | None = None,  # noqa: FBT001 - as the API names it
    ) -> Addon:
        """Remove an add-on, with the pod identities that are its own unless told to keep them."""
        addon = self.describe_addon(cluster_name, addon_name)
        if not preserve:
            self._take_roles(addon)
        addon.status = "DELETING"
        del self.cluster(cluster_name).addons[addon_name]
        return addon

    def list_addons(
        self,
        cluster_name: str,
        max_results: int = MAX_RESULTS,
        next_token: str | None = None,
    ) -> tuple[list[str], str | None]:
        """List the add-ons of a cluster."""
        return page(list(self.cluster(cluster_name).addons), max_results, next_token)

    def describe_addon_versions(
        self,
        kubernetes_version: str | None = None,
        addon_name: str | None = None,
    ) -> list[dict[str, Any]]:
        """List the catalogue: for each add-on the version that EKS takes by default."""
        kinds = [_kind(addon_name)] if addon_name else list(ADDONS.values())
        minors = [kubernetes_version] if kubernetes_version else list(VERSIONS)
        return [
            {
                "addonName": kind.name,
                "type": kind.type,
                "owner": "aws",
                "publisher": "eks",
                "addonVersions": [
                    {
                        "addonVersion": version,
                        "architecture": ["amd64", "arm64"],
                        "compatibilities": [
                            {
                                "clusterVersion": item,
                                "platformVersions": ["*"],
                                "defaultVersion": True,
                            }
                            for item in minors
                            if kind.default_version(item) == version
                        ],
                    }
                    for version in dict.fromkeys(kind.default_version(item) for item in minors)
                ],
            }
            for kind in kinds
        ]


def _kind(name: str) -> AddonKind:
    if name not in ADDONS:
        raise InvalidParameterException(
            addonName=name, message=f"Addon {name} specified is not supported"
        )
    return ADDONS[name]


def _check(cluster: Cluster, name: str, version: str, role_arn: str | None) -> None:
    newer = (
        name == "kube-proxy"
        and version.startswith("v1.")
        and (int(version.split(".")[1]) > minor(cluster.version))
    )
    if not ADDON_VERSION.fullmatch(version) or newer:
        raise InvalidParameterException(
            clusterName=cluster.name,
            addonName=name,
            message=f"Addon version {version} specified is not supported in "
            f"{cluster.version} kubernetes version",
        )
    if role_arn:
        check_role_arn(role_arn)
