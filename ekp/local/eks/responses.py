"""The EKS API over HTTP: what each operation answers."""
# ruff: noqa: D102 - the methods are the operations of the API, one line each

from collections.abc import Callable
from typing import Any, cast

from botocore import xform_name
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, EmptyResult
from moto.eks.models import eks_backends
from moto.eks.responses import EKSResponse
from moto.sts.models import sts_backends

from .catalogue import ACCESS_POLICIES
from .models import EksBackend

Operation = Callable[..., Any]


class Responses(EKSResponse):
    """Hands a request's parameters to the backend and its result to the serializer."""

    def __init__(self) -> None:
        super().__init__()
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> EksBackend:
        return cast("EksBackend", eks_backends[self.current_account][self.region])

    def call_action(self) -> TYPE_RESPONSE:
        with self.backend.lock:
            return super().call_action()

    def _parameters(self) -> dict[str, Any]:
        given: dict[str, Any] = self.params
        return {xform_name(name): value for name, value in given.items() if value is not None}

    def _answer(self, key: str, operation: Operation, **more: Any) -> ActionResult:
        return ActionResult({key: operation(**self._parameters(), **more)})

    def _page(self, key: str, operation: Operation, **more: Any) -> ActionResult:
        items, token = operation(**self._parameters())
        return ActionResult({key: items, "nextToken": token, **more})

    def _principal(self) -> dict[str, str]:
        given = self._parameters()
        return {"clusterName": given["cluster_name"], "principalArn": given["principal_arn"]}

    def _caller(self) -> str:
        sts = sts_backends[self.current_account][self.partition]
        role = sts.get_assumed_role_from_access_key(self.access_key)
        root = f"arn:{self.partition}:iam::{self.current_account}:root"
        return role.role_arn if role else root

    def create_cluster(self) -> ActionResult:
        return self._answer("cluster", self.backend.create_cluster, creator_arn=self._caller())

    def describe_cluster(self) -> ActionResult:
        return self._answer("cluster", self.backend.cluster)

    def delete_cluster(self) -> ActionResult:
        return self._answer("cluster", self.backend.delete_cluster)

    def update_cluster_config(self) -> ActionResult:
        return self._answer("update", self.backend.update_cluster_config)

    def update_cluster_version(self) -> ActionResult:
        return self._answer("update", self.backend.update_cluster_version)

    def associate_encryption_config(self) -> ActionResult:
        return self._answer("update", self.backend.associate_encryption_config)

    def describe_cluster_versions(self) -> ActionResult:
        versions = self._parameters().get("cluster_versions")
        return ActionResult({"clusterVersions": self.backend.describe_cluster_versions(versions)})

    def describe_update(self) -> ActionResult:
        return self._answer("update", self.backend.describe_update)

    def list_updates(self) -> ActionResult:
        return self._page("updateIds", self.backend.list_updates)

    def create_nodegroup(self) -> ActionResult:
        return self._answer("nodegroup", self.backend.create_nodegroup)

    def describe_nodegroup(self) -> ActionResult:
        return self._answer("nodegroup", self.backend.node_group)

    def delete_nodegroup(self) -> ActionResult:
        return self._answer("nodegroup", self.backend.delete_nodegroup)

    def update_nodegroup_config(self) -> ActionResult:
        return self._answer("update", self.backend.update_nodegroup_config)

    def update_nodegroup_version(self) -> ActionResult:
        return self._answer("update", self.backend.update_nodegroup_version)

    def create_addon(self) -> ActionResult:
        return self._answer("addon", self.backend.create_addon)

    def describe_addon(self) -> ActionResult:
        return self._answer("addon", self.backend.describe_addon)

    def delete_addon(self) -> ActionResult:
        return self._answer("addon", self.backend.delete_addon)

    def update_addon(self) -> ActionResult:
        return self._answer("update", self.backend.update_addon)

    def list_addons(self) -> ActionResult:
        return self._page("addons", self.backend.list_addons)

    def describe_addon_versions(self) -> ActionResult:
        given = self._parameters()
        wanted = {key: given.get(key) for key in ("kubernetes_version", "addon_name")}
        return ActionResult({"addons": self.backend.describe_addon_versions(**wanted)})

    def create_access_entry(self) -> ActionResult:
        return self._answer("accessEntry", self.backend.create_access_entry)

    def describe_access_entry(self) -> ActionResult:
        return self._answer("accessEntry", self.backend.describe_access_entry)

    def update_access_entry(self) -> ActionResult:
        return self._answer("accessEntry", self.backend.update_access_entry)

    def delete_access_entry(self) -> ActionResult:
        self.backend.delete_access_entry(**self._parameters())
        return EmptyResult()

    def list_access_entries(self) -> ActionResult:
        return self._page("accessEntries", self.backend.list_access_entries)

    def list_access_policies(self) -> ActionResult:
        policies = [{"name": name, "arn": arn} for arn, name in ACCESS_POLICIES.items()]
        return ActionResult({"accessPolicies": policies})

    def associate_access_policy(self) -> ActionResult:
        policy = self.backend.associate_access_policy(**self._parameters())
        return ActionResult({"associatedAccessPolicy": policy, **self._principal()})

    def disassociate_access_policy(self) -> ActionResult:
        self.backend.disassociate_access_policy(**self._parameters())
        return EmptyResult()

    def list_associated_access_policies(self) -> ActionResult:
        operation = self.backend.list_associated_access_policies
        return self._page("associatedAccessPolicies", operation, **self._principal())

    def associate_identity_provider_config(self) -> ActionResult:
        update, tags = self.backend.associate_identity_provider_config(**self._parameters())
        return ActionResult({"update": update, "tags": tags})

    def describe_identity_provider_config(self) -> ActionResult:
        config = self.backend.describe_identity_provider_config(**self._parameters())
        return ActionResult({"identityProviderConfig": {"oidc": config}})

    def disassociate_identity_provider_config(self) -> ActionResult:
        return self._answer("update", self.backend.disassociate_identity_provider_config)

    def list_identity_provider_configs(self) -> ActionResult:
        operation = self.backend.list_identity_provider_configs
        return self._page("identityProviderConfigs", operation)

    def create_pod_identity_association(self) -> ActionResult:
        return self._answer("association", self.backend.create_pod_identity_association)

    def describe_pod_identity_association(self) -> ActionResult:
        return self._answer("association", self.backend.describe_pod_identity_association)

    def update_pod_identity_association(self) -> ActionResult:
        return self._answer("association", self.backend.update_pod_identity_association)

    def delete_pod_identity_association(self) -> ActionResult:
        return self._answer("association", self.backend.delete_pod_identity_association)

    def list_pod_identity_associations(self) -> ActionResult:
        return self._page("associations", self.backend.list_pod_identity_associations)

    def tag_resource(self) -> ActionResult:
        self.backend.tag_resource(**self._parameters())
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        self.backend.untag_resource(**self._parameters())
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        return self._answer("tags", self.backend.list_tags_for_resource)
