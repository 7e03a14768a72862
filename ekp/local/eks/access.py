"""The access entry operations: who gets into a cluster, with which access policies."""

import re
from typing import Any

from moto.core.utils import utcnow
from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from moto.moto_api._internal import mock_random

from .access_entry import AccessEntry, AssociatedAccessPolicy, check_names
from .catalogue import ACCESS_POLICIES
from .cluster import Cluster
from .registry import MAX_RESULTS, ClusterRegistry, page

CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
TYPES = ("STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX")
PRINCIPAL = re.compile(r"arn:[^:]+:iam::(\d{12}):(role|user|root)(?:/(?:.*/)?([^/]+))?")


class AccessEntries(ClusterRegistry):
    """The access entry operations."""

    def _cluster_with_entries(self, name: str) -> Cluster:
        cluster = self.cluster(name)
        if cluster.access_config["authenticationMode"] == "CONFIG_MAP":
            raise InvalidRequestException(
                clusterName=name,
                message="The cluster's authentication mode must be set to one of "
                "[API, API_AND_CONFIG_MAP] to perform this operation.",
            )
        return cluster

    def describe_access_entry(self, cluster_name: str, principal_arn: str) -> AccessEntry:
        """Give the entry of a principal."""
        entry = self._cluster_with_entries(cluster_name).access_entries.get(principal_arn)
        if entry is None:
            raise ResourceNotFoundException(
                clusterName=cluster_name,
                message="The specified principalArn could not be found. You can view your "
                f"available access entries with 'list-access-entries': {principal_arn}",
            )
        return entry

    def create_access_entry(
        self,
        cluster_name: str,
        principal_arn: str,
        *,
        kubernetes_groups: list[str] | None = None,
        tags: dict[str, str] | None = None,
        username: str | None = None,
        type: str | None = None,  # noqa: A002 - the API's own word
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> AccessEntry:
        """Admit a principal; each one can have one entry."""
        cluster = self._cluster_with_entries(cluster_name)
        principal = PRINCIPAL.fullmatch(principal_arn)
        if principal is None:
            raise InvalidParameterException(
                clusterName=cluster_name,
                message=f"The specified principalArn is invalid: {principal_arn}",
            )
        if principal_arn in cluster.access_entries:
            raise ResourceInUseException(
                clusterName=cluster_name,
                message="The specified access entry resource is already in use on this cluster.",
            )
        kind = type or "STANDARD"
        if kind not in TYPES:
            raise InvalidParameterException(message=f"The type {kind} is not one of {TYPES}")
        if kind != "STANDARD" and (kubernetes_groups or username):
            raise InvalidParameterException(
                message=f"An access entry of type {kind} takes neither groups nor a username"
            )
        check_names(kubernetes_groups, username)
        account, role_or_user, name = principal.groups()
        entry = AccessEntry(
            cluster_name=cluster_name,
            principal_arn=principal_arn,
            arn=self.arn(
                "access-entry",
                cluster_name,
                role_or_user,
                account,
                name or role_or_user,
                str(mock_random.uuid4()),
            ),
            type=kind,
            username=username or self._username(kind, account, role_or_user, name, principal_arn),
            kubernetes_groups=list(kubernetes_groups or _default_groups(kind)),
            tags=dict(tags or {}),
        )
        cluster.access_entries[principal_arn] = entry
        return entry

    def _username(
        self, kind: str, account: str, role_or_user: str, name: str | None, principal: str
    ) -> str:
        if kind != "STANDARD":
            return "system:node:{{EC2PrivateDNSName}}"
        if role_or_user == "role":
            return f"arn:{self.partition}:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"
        return principal

    def update_access_entry(
        self,
        cluster_name: str,
        principal_arn: str,
        kubernetes_groups: list[str] | None = None,
        username: str | None = None,
        client_request_token: str | None = None,  # noqa: ARG002 - part of the API
    ) -> AccessEntry:
        """Change an entry's groups and user name."""
        entry = self.describe_access_entry(cluster_name, principal_arn)
        check_names(kubernetes_groups, username)
        if kubernetes_groups is not None:
            entry.kubernetes_groups = list(kubernetes_groups)
        entry.username = username or entry.username
        entry.modified_at = utcnow()
        return entry

    def delete_access_entry(self, cluster_name: str, principal_arn: str) -> None:
        """Shut a principal out, with all its policies."""
        self.describe_access_entry(cluster_name, principal_arn)
        del self.cluster(cluster_name).access_entries[principal_arn]

    def list_access_entries(
        self,
        cluster_name: str,
        associated_policy_arn: str | None = None,
        max_results: int = MAX_RESULTS,
        next_token: str | None = None,
    ) -> tuple[list[str], str | None]:
        """List the principals of a cluster."""
        entries = self._cluster_with_entries(cluster_name).access_entries
        principals = [
            principal
            for principal, entry in entries.items()
            if associated_policy_arn is None or associated_policy_arn in entry.policies
        ]
        return page(principals, max_results, next_token)

    def associate_access_policy(
        self,
        cluster_name: str,
        principal_arn: str,
        policy_arn: str,
        access_scope: dict[str, Any],
    ) -> AssociatedAccessPolicy:
        """Give an entry a policy, or another scope of one it has."""
        entry = self.describe_access_entry(cluster_name, principal_arn)
        if policy_arn not in ACCESS_POLICIES:
            raise InvalidParameterException(
                clusterName=cluster_name,
                message=f"The policyArn parameter format is not valid or unknown: {policy_arn}",
            )
        if entry.type != "STANDARD":
            raise InvalidRequestException(
                clusterName=cluster_name,
                message=f"An access entry of type {entry.type} takes no access policies",
            )
        if (access_scope.get("type") == "namespace") != bool(access_scope.get("namespaces")):
            raise InvalidParameterException(
                clusterName=cluster_name,
                message="The namespaces of an access scope go with type namespace, and only there",
            )
        policy = entry.policies.get(policy_arn)
        if policy is None:
            policy = entry.policies[policy_arn] = AssociatedAccessPolicy(policy_arn, access_scope)
        policy.access_scope, policy.modified_at = access_scope, utcnow()
        return policy

    def disassociate_access_policy(
        self, cluster_name: str, principal_arn: str, policy_arn: str
    ) -> None:
        """Take a policy from an entry."""
        entry = self.describe_access_entry(cluster_name, principal_arn)
        if entry.policies.pop(policy_arn, None) is None:
            raise ResourceNotFoundException(
                clusterName=cluster_name,
                message=f"The policy {policy_arn} is not associated with {principal_arn}",
            )

    def list_associated_access_policies(
        self,
        cluster_name: str,
        principal_arn: str,
        max_results: int = MAX_RESULTS,
        next_token: str | None = None,
    ) -> tuple[list[AssociatedAccessPolicy], str | None]:
        """List the policies of an entry."""
        policies = self.describe_access_entry(cluster_name, principal_arn).policies
        arns, token = page(list(policies), max_results, next_token)
        return [policies[arn] for arn in arns], token

    def admit_creator(self, cluster: Cluster, principal_arn: str) -> None:
        """Make the one who creates a cluster its administrator, as EKS does unless told not to."""
        if cluster.access_config["authenticationMode"] != "CONFIG_MAP":
            self.create_access_entry(cluster.name, principal_arn)
            self.associate_access_policy(
                cluster.name, principal_arn, CLUSTER_ADMIN, {"type": "cluster", "namespaces": []}
            )

    def admit_nodes(self, cluster: Cluster, role_arn: str) -> None:
        """Let the nodes of a managed group join, as EKS does in the modes with entries.

        An entry that the role has already stays as it is, and none goes with a node group.
        """
        by_entries = cluster.access_config["authenticationMode"] != "CONFIG_MAP"
        if by_entries and role_arn not in cluster.access_entries:
            self.create_access_entry(cluster.name, role_arn, type="EC2_LINUX")


def _default_groups(kind: str) -> list[str]:
    return [] if kind == "STANDARD" else ["system:nodes"]
