"""Updates, the receipts that EKS gives for every change."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random


@dataclass
class Update:
    """One change of a cluster, a node group or an add-on; here it is done at once."""

    type: str
    params: list[dict[str, str]]
    nodegroup_name: str | None = None
    addon_name: str | None = None
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    status: str = "Successful"
    created_at: datetime = field(default_factory=utcnow)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def belongs_to(self, nodegroup_name: str | None, addon_name: str | None) -> bool:
        """Tell whether a request that names these means this update."""
        return (self.nodegroup_name, self.addon_name) == (nodegroup_name, addon_name)
