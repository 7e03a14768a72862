"""The cluster operations."""

import re
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

from moto.eks.exceptions import InvalidParameterException, ResourceInUseException
from moto.eks.models import CLUSTER_EXISTS_MSG

from .catalogue import DEFAULT_VERSION, VERSIONS, check_node_version, check_upgrade, minor
from .cluster import Cluster
from .node_group import NodeGroups, refuse_nodes_of
from .registry import as_params, check_role_arn
from .service_block import service_block
from .update import Update

NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}")
MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
# One call changes one of these; the compute, network and storage settings of Auto Mode go together.
UPDATE_TYPES = {
    "resources_vpc_config": "VpcConfigUpdate",
    "logging": "LoggingUpdate",
    "access_config": "AccessConfigUpdate",
    "upgrade_policy": "UpgradePolicyUpdate",
    "zonal_shift_config": "ZonalShiftConfigUpdate",
    "compute_config": "AutoModeUpdate",
    "kubernetes_network_config": "AutoModeUpdate",
    "storage_config": "AutoModeUpdate",
}
ENDPOINT_SETTINGS = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")


class Clusters(NodeGroups):
    """What can be done with a cluster."""

    def create_cluster(  # type: ignore[override] # more settings than moto's
        self,
        name: str,
        *,
        role_arn: str,
        resources_vpc_config: dict[str, Any],
        version: str | None = None,
        creator_arn: str | None = None,
        bootstrap_self_managed_addons: bool | None = None,  # noqa: ARG002 - no pods run here
        **settings: Any,
    ) -> Cluster:
        """Make a cluster, with its security group in the VPC of its subnets."""
        if settings.get("outpost_config"):
            raise NotImplementedError("CreateCluster on an outpost")
        if name in self.clusters:
            raise ResourceInUseException(
                clusterName=name, message=CLUSTER_EXISTS_MSG.format(clusterName=name)
            )
        if not NAME.fullmatch(name):
            raise InvalidParameterException(message=f"The cluster name {name!r} is not valid")
        check_role_arn(role_arn)
        version = version or DEFAULT_VERSION
        minor(version)
        network = self._network(resources_vpc_config, {})
        vpc_id = network["vpcId"] = self.neighbours.vpc_of_cluster(network["subnetIds"])
        zones = self.neighbours.zones(network["subnetIds"])
        self.neighbours.check_zones(name, zones)
        services = settings.get("kubernetes_network_config") or {}
        block = service_block(services.get("serviceIpv4Cidr"), self.neighbours.blocks(vpc_id))
        settings["kubernetes_network_config"] = {**services, "serviceIpv4Cidr": block}
        network["clusterSecurityGroupId"] = self.neighbours.create_cluster_security_group(
            name, vpc_id
        )
        cluster = Cluster(
            name=name,
            role_arn=role_arn,
            version=version,
            account_id=self.account_id,
            region_name=self.region_name,
            partition=self.partition,
            resources_vpc_config=network,
            zones=zones,
            settings=settings,
        )
        self.clusters[name] = cluster
        self.cluster_count = len(self.clusters)
        if cluster.enabled_logs:
            self.neighbours.ensure_log_group(name)
        if creator_arn and cluster.access_config["bootstrapClusterCreatorAdminPermissions"]:
            self.admit_creator(cluster, creator_arn)
        return cluster

    @staticmethod
    def _network(wanted: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
        network = {
            "subnetIds": [],
            "securityGroupIds": [],
            "endpointPublicAccess": True,
            "endpointPrivateAccess": False,
            **current,
            **{key: value for key, value in wanted.items() if value is not None},
        }
        if not (network["endpointPublicAccess"] or network["endpointPrivateAccess"]):
            raise InvalidParameterException(
                message="Private and public endpoint access cannot be false"
            )
        if not network["endpointPublicAccess"]:
            network["publicAccessCidrs"] = []
        network["publicAccessCidrs"] = network.get("publicAccessCidrs") or (
            ["0.0.0.0/0"] if network["endpointPublicAccess"] else []
        )
        for cidr in network["publicAccessCidrs"]:
            try:
                ip_network(cidr)
            except ValueError as error:
                raise InvalidParameterException(
                    message=f"The following CIDRs are invalid in publicAccessCidrs: {cidr}"
                ) from error
        return network

    def delete_cluster(self, name: str) -> Cluster:
        """Delete a cluster without nodes, with its security group."""
        cluster = self.cluster(name)
        refuse_nodes_of(cluster)
        del self.clusters[name]
        self.cluster_count = len(self.clusters)
        self.neighbours.delete_security_group(
            cluster.resources_vpc_config["clusterSecurityGroupId"]
        )
        cluster.status = "DELETING"
        return cluster

    def update_cluster_config(  # type: ignore[override] # moto answers with the cluster
        self,
        name: str,
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
        **changes: Any,
    ) -> Update:
        """Change one kind of setting."""
        cluster = self.cluster(name)
        changes = {key: value for key, value in changes.items() if value is not None}
        kinds = {UPDATE_TYPES[key] for key in changes}
        if len(kinds) != 1:
            raise InvalidParameterException(
                clusterName=name, message="Only one type of update can be allowed."
            )
        kind = kinds.pop()
        for key, value in changes.items():
            change = getattr(self, f"_change_{key}", None)
            if change:
                kind = change(cluster, value) or kind
            else:
                setattr(cluster, key, {**(getattr(cluster, key) or {}), **value})
        return cluster.record(Update(kind, as_params(**changes)))

    def _change_resources_vpc_config(self, cluster: Cluster, wanted: dict[str, Any]) -> str:
        current = cluster.resources_vpc_config
        network = self._network(wanted, current)
        if network == current:
            state = {key: current[key] for key in ENDPOINT_SETTINGS}
            raise InvalidParameterException(
                clusterName=cluster.name,
                message=f"Cluster is already at the desired configuration with {state}",
            )
        if "subnetIds" in wanted:
            self._check_subnets(cluster, network["subnetIds"])
        cluster.resources_vpc_config = network
        return "VpcConfigUpdate" if "subnetIds" in wanted else "EndpointAccessUpdate"

    def _check_subnets(self, cluster: Cluster, subnet_ids: list[str]) -> None:
        """Refuse subnets that would move a control plane out of its VPC or its zones."""
        if self.neighbours.vpc_of_cluster(subnet_ids) != cluster.vpc_id:
            raise InvalidParameterException(
                clusterName=cluster.name, message="Subnets specified must be in the cluster's VPC"
            )
        zones = self.neighbours.zones(subnet_ids)
        if set(zones) != set(cluster.zones):
            found, first = (",".join(sorted(item.values())) for item in (zones, cluster.zones))
            raise InvalidParameterException(
                clusterName=cluster.name,
                message=f"Provided subnets belong to the AZs '{found}'. But they should belong to "
                f"the exact set of AZs '{first}' in which subnets were provided during cluster "
                "creation.",
            )

    def _change_logging(self, cluster: Cluster, wanted: dict[str, Any]) -> None:
        before = set(cluster.enabled_logs)
        cluster.switch_logs(wanted)
        if cluster.enabled_logs == before:
            raise InvalidParameterException(
                clusterName=cluster.name,
                message="No changes needed for the logging config provided",
            )
        if cluster.enabled_logs:
            self.neighbours.ensure_log_group(cluster.name)

    def _change_access_config(self, cluster: Cluster, wanted: dict[str, Any]) -> None:
        current, mode = cluster.access_config["authenticationMode"], wanted["authenticationMode"]
        if MODES.index(mode) <= MODES.index(current):
            raise InvalidParameterException(
                clusterName=cluster.name,
                message=f"Unsupported authentication mode update from {current} to {mode}",
            )
        cluster.access_config["authenticationMode"] = mode

    def update_cluster_version(
        self,
        name: str,
        version: str,
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> Update:
        """Move the control plane to the next minor, when its nodes are near enough."""
        cluster = self.cluster(name)
        check_upgrade(cluster.version, version)
        for group in cluster.node_groups.values():
            check_node_version(version, group.version)
        cluster.version = version
        return cluster.record(Update("VersionUpdate", as_params(Version=version)))

    def associate_encryption_config(
        self,
        cluster_name: str,
        encryption_config: list[dict[str, Any]],
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> Update:
        """Turn on the encryption of secrets, which cannot be turned off again."""
        cluster = self.cluster(cluster_name)
        if cluster.encryption_config:
            raise ResourceInUseException(
                clusterName=cluster_name,
                message="Encryption is already enabled on this cluster",
            )
        cluster.encryption_config = encryption_config
        params = as_params(EncryptionConfig=encryption_config)
        return cluster.record(Update("AssociateEncryptionConfig", params))

    def describe_cluster_versions(
        self, cluster_versions: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """List the Kubernetes versions that EKS offers, with their dates."""
        today = datetime.now(tz=UTC).date()
        return [
            {
                "clusterVersion": item.version,
                "clusterType": "eks",
                "defaultPlatformVersion": "eks.1",
                "defaultVersion": item.version == DEFAULT_VERSION,
                "releaseDate": item.released.isoformat(),
                "endOfStandardSupportDate": item.end_of_standard_support.isoformat(),
                "endOfExtendedSupportDate": item.end_of_extended_support.isoformat(),
                "status": item.status(today),
            }
            for item in VERSIONS.values()
            if not cluster_versions or item.version in cluster_versions
        ]
