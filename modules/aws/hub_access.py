"""The way of the hub's Argo CD into a workload cluster: a role there, and its access entry."""

from collections.abc import Sequence

from constructs import Construct

from ..core.context import Context
from ..core.fleet import HUB_GROUP, HUB_ROLE, Hub, WorkloadCluster
from ..core.iam import allow, allow_principal, document
from .eks import EksOutputs
from .eks_access import GroupEntry
from .role import Role


def may_assume(clusters: Sequence[WorkloadCluster]) -> str:
    """Return the policy of a role that assumes the hub roles of clusters.

    The session tags of EKS Pod Identity go along into the role that is assumed.
    Source: EKS user guide, "Grant Pods access to AWS resources based on tags".
    """
    arns = [cluster.hub_role_arn for cluster in clusters]
    return document(allow("Clusters", ["sts:AssumeRole", "sts:TagSession"], arns))


class HubAccess(Construct):
    """The role ``<prefix>-hub``, which asks where its cluster is and signs in there.

    In the cluster it is in one group, which each tenant's namespace binds to what Argo CD brings
    there; of itself it may do nothing.
    """

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, cluster: EksOutputs, hub: Hub
    ) -> None:
        super().__init__(scope, id_)
        role = Role(
            self,
            "role",
            ctx=ctx,
            name=HUB_ROLE,
            trust=_trust(hub),
            policy=document(allow("Find", ["eks:DescribeCluster"], [cluster.cluster_arn])),
        )
        GroupEntry(
            self,
            "entry",
            ctx=ctx,
            name=HUB_ROLE,
            cluster_name=cluster.cluster_name,
            principal_arn=role.arn,
            groups=[HUB_GROUP],
        )


def _trust(hub: Hub) -> str:
    """Return who may assume the role: the hub's roles by name.

    A condition, since IAM refuses a principal that is not there, and the hub may come later. Tags
    come along with sessions of EKS Pod Identity.
    Source: IAM user guide, "AWS JSON policy elements: Principal"; EKS user guide, "Grant Pods
    access to AWS resources based on tags".
    """
    return document(
        allow_principal(
            "Hub",
            {"AWS": f"arn:{hub.partition}:iam::{hub.account_id}:root"},
            ["sts:AssumeRole", "sts:TagSession"],
            conditions={"ArnEquals": {"aws:PrincipalArn": list(hub.deliverer_role_arns)}},
        )
    )
