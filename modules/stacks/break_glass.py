"""Layer break-glass: the way into an environment's clusters when nobody can sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from constructs import Construct

from ..aws.break_glass import NAME, BreakGlass, BreakGlassConfig, role_arn
from ..aws.eks_access import AccessEntry, AccessPolicy
from ..core.context import Context
from ..core.layer import Layer, Sample
from .cluster import ClusterConfig


@dataclass(frozen=True, slots=True)
class BreakGlassContract:
    """What people need to use it."""

    user_name: Annotated[str, Sample("ekp-sample-global-break-glass")]
    role_arn: Annotated[str, Sample("arn:aws:iam::111122223333:role/ekp-sample-global-break-glass")]


class BreakGlassStack(Layer[BreakGlassContract]):
    """User, role and alarm, in us-east-1, where CloudTrail tells of what IAM does.

    Clusters come after it: EKS takes no access entry of a role that is not there.
    """

    layer = NAME
    contract = BreakGlassContract

    def __init__(
        self,
        scope: Construct,
        ctx: Context,
        config: BreakGlassConfig,
        *,
        clusters: Sequence[Context],
    ) -> None:
        """Write it down.

        Args:
            scope: the app.
            ctx: of what the environment has once.
            config: its settings.
            clusters: of the regions whose clusters it leads into.
        """
        super().__init__(scope, ctx)
        found = BreakGlass(
            self,
            "break-glass",
            ctx=ctx,
            config=config,
            cluster_arns=[
                f"arn:{one.partition}:eks:{one.region}:{one.account_id}:cluster/{one.cluster_name}"
                for one in clusters
            ],
        ).outputs
        self.publish(BreakGlassContract(user_name=found.user_name, role_arn=found.role_arn))


def with_break_glass(cluster: ClusterConfig, ctx: Context) -> ClusterConfig:
    """Return a cluster's settings in which the break-glass role administers it.

    Args:
        cluster: the settings.
        ctx: of what the environment has once.
    """
    entry = AccessEntry(principal_arn=role_arn(ctx), policy=AccessPolicy.CLUSTER_ADMIN)
    entries = {**cluster.eks.access_entries, NAME: entry}
    eks = cluster.eks.model_copy(update={"access_entries": entries})
    return cluster.model_copy(update={"eks": eks})
