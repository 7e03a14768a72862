"""EKP_EKS_2: a cluster's Kubernetes version is one that AWS still supports.

Extended support costs six times as much and is AWS's default, so the settings must choose it.
"""

import os
from datetime import date

from modules.core.kubernetes_versions import SUPPORT, SupportType

from policies.checks import Entity, Everything, stack_check
from policies.links import blocks


@stack_check(
    "EKP_EKS_2",
    "Ensure the EKS version is in standard support, or in extended support by choice",
    "aws_eks_cluster",
)
def eks_version_is_supported(cluster: Entity, _: Everything) -> bool:
    """Fail on a version past its last day, and on one that the support calendar does not know.

    The calendar is ``modules/core/kubernetes_versions.py``, which names its source.
    """
    support = SUPPORT.get(str(cluster.body.get("version")))
    if support is None:
        return False
    policies = blocks(cluster.body.get("upgrade_policy"))
    extended = any(one.get("support_type") == SupportType.EXTENDED for one in policies)
    return _today() <= (support.extended_until if extended else support.standard_until)


def _today() -> date:
    """Return the day that ``EKP_TODAY`` (YYYY-MM-DD) says, else today."""
    text = os.environ.get("EKP_TODAY")
    return date.fromisoformat(text) if text else date.today()  # noqa: DTZ011 - local calendar
