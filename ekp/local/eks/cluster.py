"""One cluster, with all that belongs to it."""

import base64
from typing import TYPE_CHECKING, Any, Protocol

from moto.eks import models as moto_eks
from moto.moto_api._internal import mock_random

from .update import Update

if TYPE_CHECKING:
    from .access_entry import AccessEntry
    from .addon import Addon
    from .identity_provider import OidcProviderConfig
    from .node_group import NodeGroup
    from .pod_identity import PodIdentityAssociation

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


class Taggable(Protocol):
    """What every child of a cluster has."""

    arn: str
    tags: dict[str, str]


class Cluster(moto_eks.Cluster):
    """A cluster as `DescribeCluster` shows it, and its children."""

    def __init__(
        self,
        *,
        name: str,
        role_arn: str,
        version: str,
        account_id: str,
        region_name: str,
        partition: str,
        resources_vpc_config: dict[str, Any],
        zones: dict[str, str],
        settings: dict[str, Any],
    ) -> None:
        super().__init__(
            name=name,
            role_arn=role_arn,
            version=version,
            account_id=account_id,
            region_name=region_name,
            aws_partition=partition,
            resources_vpc_config=resources_vpc_config,
            client_request_token=settings.get("client_request_token"),
            tags=dict(settings.get("tags") or {}),
            encryption_config=settings.get("encryption_config"),
            remote_network_config=settings.get("remote_network_config"),
        )
        # Of the first subnets, name by id; the control plane stays in them for life.
        self.zones = zones
        suffix = mock_random.get_random_hex(32).upper()
        self.endpoint = f"https://{suffix}.gr7.{region_name}.eks.amazonaws.com"
        # moto has one issuer per region: an IAM OIDC provider can exist once per cluster only so.
        self.identity = {
            "oidc": {"issuer": f"https://oidc.eks.{region_name}.amazonaws.com/id/{suffix}"}
        }
        certificate = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
        # Terraform decodes it, so it has to be base64.
        self.certificate_authority = {
            "data": base64.b64encode(certificate.format(suffix).encode()).decode()
        }
        self.platform_version = self.platformVersion = "eks.1"
        self.health: dict[str, Any] = {"issues": []}
        self.kubernetes_network_config: dict[str, Any] = {
            "ipFamily": "ipv4",
            "elasticLoadBalancing": {"enabled": False},
            **(settings.get("kubernetes_network_config") or {}),
        }
        access = settings.get("access_config") or {}
        self.access_config = {
            "authenticationMode": access.get("authenticationMode") or "CONFIG_MAP",
            "bootstrapClusterCreatorAdminPermissions": access.get(
                "bootstrapClusterCreatorAdminPermissions", True
            ),
        }
        self.upgrade_policy = settings.get("upgrade_policy") or {"supportType": "EXTENDED"}
        self.zonal_shift_config = settings.get("zonal_shift_config") or {"enabled": False}
        self.compute_config = settings.get("compute_config")
        self.storage_config = settings.get("storage_config")
        self.enabled_logs: set[str] = set()
        self.switch_logs(settings.get("logging") or {})

        self.node_groups: dict[str, NodeGroup] = {}
        self.addons: dict[str, Addon] = {}
        self.access_entries: dict[str, AccessEntry] = {}
        self.identity_providers: dict[str, OidcProviderConfig] = {}
        self.pod_identities: dict[str, PodIdentityAssociation] = {}
        self.updates: dict[str, Update] = {}

    @property
    def vpc_id(self) -> str:
        """Give the VPC of the cluster's subnets."""
        return str(self.resources_vpc_config["vpcId"])

    @property
    def has_nodes(self) -> bool:
        """Tell whether pods find a place to run."""
        desired = (int(group.scaling_config["desiredSize"]) for group in self.node_groups.values())
        return any(desired) or bool(self.fargate_profiles)

    def switch_logs(self, logging: dict[str, Any]) -> None:
        """Turn log types on and off; the types that a request leaves out stay as they are."""
        for setting in logging.get("clusterLogging", []):
            change = self.enabled_logs.update if setting.get("enabled") else self._switch_off
            change(setting.get("types", []))
        enabled = [name for name in LOG_TYPES if name in self.enabled_logs]
        disabled = [name for name in LOG_TYPES if name not in self.enabled_logs]
        self.logging = {
            "clusterLogging": [
                {"types": types, "enabled": on}
                for types, on in ((enabled, True), (disabled, False))
                if types
            ]
        }

    def _switch_off(self, types: list[str]) -> None:
        self.enabled_logs.difference_update(types)

    def record(self, update: Update) -> Update:
        """Keep an update, so that `DescribeUpdate` finds it."""
        self.updates[update.id] = update
        return update

    def tagged(self) -> dict[str, dict[str, str]]:
        """Give the tags of the cluster and of all its children, by ARN."""
        children: tuple[Taggable, ...] = (
            *self.node_groups.values(),
            *self.addons.values(),
            *self.access_entries.values(),
            *self.identity_providers.values(),
            *self.pod_identities.values(),
        )
        profiles = {item.fargate_profile_arn: item.tags for item in self.fargate_profiles.values()}
        return {self.arn: self.tags} | profiles | {child.arn: child.tags for child in children}
