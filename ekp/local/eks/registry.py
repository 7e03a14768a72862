"""The clusters of one account in one region: what every kind of EKS resource looks up."""

import re
from collections.abc import Sequence
from threading import RLock
from typing import Any, cast

from moto.eks.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.eks.models import CLUSTER_NOT_FOUND_MSG, EKSBackend, paginated_list

from .cluster import Cluster
from .neighbours import Neighbours
from .update import Update

MAX_RESULTS = 100
ROLE_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role/.+")


class ClusterRegistry(EKSBackend):
    """moto's backend, with look-ups that every operation shares."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # moto's server answers in threads, and Terraform sends ten requests at once.
        self.lock = RLock()

    @property
    def neighbours(self) -> Neighbours:
        """Give the other services of this account and region."""
        return Neighbours(self.account_id, self.region_name)

    def cluster(self, name: str) -> Cluster:
        """Give a cluster by name."""
        if name not in self.clusters:
            raise ResourceNotFoundException(
                clusterName=name, message=CLUSTER_NOT_FOUND_MSG.format(clusterName=name)
            )
        return cast("Cluster", self.clusters[name])

    def arn(self, kind: str, *path: str) -> str:
        """Build the ARN of a resource of this account and region."""
        prefix = f"arn:{self.partition}:eks:{self.region_name}:{self.account_id}"
        return f"{prefix}:{kind}/{'/'.join(path)}"

    def describe_update(
        self,
        name: str,
        update_id: str,
        nodegroup_name: str | None = None,
        addon_name: str | None = None,
    ) -> Update:
        """Give one update of a cluster, or of its node group or add-on."""
        update = self.cluster(name).updates.get(update_id)
        if update is None or not update.belongs_to(nodegroup_name, addon_name):
            raise ResourceNotFoundException(
                clusterName=name, message=f"No update found for ID: {update_id}"
            )
        return update

    def list_updates(
        self,
        name: str,
        nodegroup_name: str | None = None,
        addon_name: str | None = None,
        max_results: int = MAX_RESULTS,
        next_token: str | None = None,
    ) -> tuple[list[str], str | None]:
        """List the updates of a cluster, or of its node group or add-on."""
        updates = self.cluster(name).updates.values()
        matching = [item.id for item in updates if item.belongs_to(nodegroup_name, addon_name)]
        return paginated_list(matching, max_results, next_token)


def page(
    keys: Sequence[str], max_results: int = MAX_RESULTS, next_token: str | None = None
) -> tuple[list[str], str | None]:
    """Give one page of sorted names, and where the next begins."""
    return paginated_list(list(keys), max_results, next_token)


def as_params(**changes: Any) -> list[dict[str, str]]:
    """Write what an update changed the way the API lists it."""
    return [{"type": name, "value": str(value)} for name, value in changes.items() if value]


def check_role_arn(arn: str) -> None:
    """Refuse what is no role's ARN; moto's own check reads all partitions from disk each time."""
    if not ROLE_ARN.fullmatch(arn):
        raise InvalidParameterException(message=f"Invalid Role Arn: '{arn}'")
