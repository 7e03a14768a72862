"""Managed node groups."""

from typing import Any

from moto.core.utils import utcnow
from moto.eks import models as moto_eks
from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from moto.eks.models import CLUSTER_IN_USE_MSG, NODEGROUP_NOT_FOUND_MSG

from .access import AccessEntries
from .catalogue import LAST_MINOR_WITH_AL2, check_node_version, minor, release_version
from .cluster import Cluster
from .registry import as_params, check_role_arn
from .update import Update

DEFAULT_AMI_TYPE = "AL2023_x86_64_STANDARD"
TAINT_EFFECTS = ("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")


class NodeGroup(moto_eks.Nodegroup):
    """A node group as `DescribeNodegroup` shows it."""

    def __init__(self, *, name: str, **settings: Any) -> None:
        remote_access, disk_size = settings.get("remote_access"), settings.get("disk_size")
        instance_types, template = settings.get("instance_types"), settings.get("launch_template")
        super().__init__(nodegroup_name=name, **settings)
        self.resources: dict[str, Any] = {
            "autoScalingGroups": [{"name": f"eks-{name}-{self.uuid}"}],
        }
        if remote_access:
            self.resources["remoteAccessSecurityGroup"] = f"sg-{self.uuid.replace('-', '')[:17]}"
        # moto invents a key pair and a disk size; with either one the provider plans a replacement.
        self.remote_access: Any = remote_access
        self.disk_size: Any = disk_size if template else disk_size or 20
        self.instance_types: Any = instance_types if template else instance_types or ["t3.medium"]
        # moto shares one default among all groups, and updates change it in place.
        self.scaling_config = dict(self.scaling_config)
        self.health = {"issues": []}
        self.update_config = settings.get("update_config") or {"maxUnavailable": 1}


class NodeGroups(AccessEntries):
    """The node group operations."""

    def node_group(self, cluster_name: str, nodegroup_name: str) -> NodeGroup:
        """Give a node group by name."""
        group = self.cluster(cluster_name).node_groups.get(nodegroup_name)
        if group is None:
            raise ResourceNotFoundException(
                clusterName=cluster_name,
                nodegroupName=nodegroup_name,
                message=NODEGROUP_NOT_FOUND_MSG.format(nodegroupName=nodegroup_name),
            )
        return group

    def create_nodegroup(self, **settings: Any) -> NodeGroup:  # type: ignore[override]
        """Make a node group in the VPC and of the version of its cluster."""
        cluster = self.cluster(settings["cluster_name"])
        name = settings.pop("nodegroup_name")
        check_role_arn(settings["node_role"])
        if name in cluster.node_groups:
            raise ResourceInUseException(
                clusterName=cluster.name,
                nodegroupName=name,
                message=moto_eks.NODEGROUP_EXISTS_MSG.format(
                    nodegroupName=name, clusterName=cluster.name
                ),
            )
        self.neighbours.check_same_vpc(cluster.vpc_id, settings["subnets"])
        _check_scaling(settings.get("scaling_config") or {})
        _check_taints(settings.get("taints") or [])
        if settings.get("launch_template"):
            self._fill_from_launch_template(settings)
        self._fill_versions(cluster, settings)
        group = NodeGroup(
            name=name,
            account_id=self.account_id,
            region_name=self.region_name,
            aws_partition=self.partition,
            **settings,
        )
        cluster.node_groups[name] = group
        cluster.nodegroups[name] = group
        cluster.nodegroup_count = len(cluster.node_groups)
        self.admit_nodes(cluster, group.node_role)
        return group

    def _fill_from_launch_template(self, settings: dict[str, Any]) -> None:
        moto_eks.validate_launch_template_combination(
            settings.get("disk_size"), settings.get("remote_access")
        )
        template, version = self.neighbours.launch_template(settings["launch_template"])
        settings["launch_template"] = {
            "id": template.id,
            "name": template.name,
            "version": version,
        }
        launched = template.get_version(version)
        if launched.image_id:
            settings.update(ami_type="CUSTOM", release_version=launched.image_id)
        if launched.instance_type and settings.get("instance_types"):
            raise InvalidParameterException(
                message="Instance types can be given in the launch template or in the request, "
                "not in both"
            )

    @staticmethod
    def _fill_versions(cluster: Cluster, settings: dict[str, Any]) -> None:
        version = settings["version"] = settings.get("version") or cluster.version
        check_node_version(cluster.version, version)
        ami_type = settings["ami_type"] = settings.get("ami_type") or DEFAULT_AMI_TYPE
        if ami_type.startswith("AL2_") and minor(version) > LAST_MINOR_WITH_AL2:
            raise InvalidParameterException(
                message=f"AMI type {ami_type} is not supported for Kubernetes version {version}"
            )
        settings["release_version"] = settings.get("release_version") or release_version(
            ami_type, version
        )

    def delete_nodegroup(self, cluster_name: str, nodegroup_name: str) -> NodeGroup:
        """Delete a node group; its role's access entry stays, as EKS leaves it."""
        group = self.node_group(cluster_name, nodegroup_name)
        cluster = self.cluster(cluster_name)
        del cluster.node_groups[nodegroup_name], cluster.nodegroups[nodegroup_name]
        cluster.nodegroup_count = len(cluster.node_groups)
        group.status = "DELETING"
        return group

    def update_nodegroup_config(  # type: ignore[override] # moto answers with a dict
        self,
        cluster_name: str,
        nodegroup_name: str,
        **changes: Any,
    ) -> Update:
        """Change labels, taints, scaling and the ways nodes are updated and repaired."""
        group = self.node_group(cluster_name, nodegroup_name)
        _check_scaling({**group.scaling_config, **(changes.get("scaling_config") or {})})
        _check_taints((changes.get("taints") or {}).get("addOrUpdateTaints") or [])
        receipt = super().update_nodegroup_config(cluster_name, nodegroup_name, **changes)
        update = Update("ConfigUpdate", receipt["params"], nodegroup_name=nodegroup_name)
        return self.cluster(cluster_name).record(update)

    def update_nodegroup_version(
        self,
        cluster_name: str,
        nodegroup_name: str,
        *,
        version: str | None = None,
        release_version: str | None = None,
        launch_template: dict[str, str] | None = None,
        force: bool | None = None,  # noqa: ARG002 - nothing here resists a drain
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> Update:
        """Move a node group to another Kubernetes version, image or launch template version."""
        cluster, group = self.cluster(cluster_name), self.node_group(cluster_name, nodegroup_name)
        if launch_template:
            self._move_launch_template(group, launch_template)
        settings = {
            "version": version or (group.version if launch_template else cluster.version),
            "release_version": release_version,
            "ami_type": group.ami_type,
        }
        if minor(settings["version"] or "") < minor(group.version):
            raise InvalidRequestException(
                message=f"Nodegroup version cannot be lowered from {group.version} to {version}"
            )
        if settings["version"] == group.version and not release_version and launch_template:
            settings["release_version"] = group.release_version
        self._fill_versions(cluster, settings)
        group.version = str(settings["version"])
        group.release_version = str(settings["release_version"])
        group.modified_at = utcnow()
        params = as_params(
            Version=version, ReleaseVersion=release_version, LaunchTemplateVersion=launch_template
        )
        return cluster.record(Update("VersionUpdate", params, nodegroup_name=nodegroup_name))

    def _move_launch_template(self, group: NodeGroup, wanted: dict[str, str]) -> None:
        template, version = self.neighbours.launch_template(wanted)
        if not group.launch_template or group.launch_template["id"] != template.id:
            raise InvalidRequestException(
                message="A node group keeps the launch template it was made with; "
                "only its version can change"
            )
        group.launch_template["version"] = version


def refuse_nodes_of(cluster: Cluster) -> None:
    """Refuse to delete a cluster that still has node groups or Fargate profiles."""
    if cluster.node_groups or cluster.fargate_profiles:
        raise ResourceInUseException(
            clusterName=cluster.name,
            nodegroupName=",".join(cluster.node_groups) or None,
            message=CLUSTER_IN_USE_MSG
            if cluster.node_groups
            else "Cluster has Fargate profiles attached",
        )


def _check_scaling(scaling: dict[str, int]) -> None:
    desired = scaling.get("desiredSize", 2)
    if scaling.get("minSize", desired) > desired:
        raise InvalidParameterException(
            message=f"Minimum capacity {scaling['minSize']} can't be greater than "
            f"desired size {desired}"
        )
    if scaling.get("maxSize", desired) < desired:
        raise InvalidParameterException(
            message=f"desired capacity {desired} can't be greater than max size "
            f"{scaling['maxSize']}"
        )


def _check_taints(taints: list[dict[str, str]]) -> None:
    for taint in taints:
        if taint.get("effect") not in TAINT_EFFECTS:
            raise InvalidParameterException(
                message=f"Taint effect {taint.get('effect')} is not one of {TAINT_EFFECTS}"
            )
