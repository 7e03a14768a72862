"""The drill ``pod-failure``: each node, then each zone, is taken away.

Everything is computed: pods are placed as the scheduler would, on as many nodes as there always
are, and counted without the node or the zone. Pods of DaemonSets are a node's own and go with it.
"""

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, skipped

from . import eviction, leaving, room, survival
from .region import regions
from .tables import tables

NAME = "pod-failure"
_BROKEN = (
    "Each node of a cluster is lost in turn, then each zone, without a word before. All workloads "
    "of objects, charts and EKS add-ons are placed on the nodes that there always are, by a "
    "simulation of the scheduler: it keeps what is enforced, takes soft constraints as kept where "
    "there is room, and the worst over what nothing constrains. No pod was started or stopped."
)


def run(configured: Configured, place: Place) -> Drill:
    """Take nodes and zones away, and say which pods are left.

    Raises:
        Unsupported: a setting would change where pods go and is not evaluated.
    """
    del place  # Clusters are not on the local AWS.
    found = regions(configured)
    checks: list[Check]
    if found:
        checks = [
            *survival.checks(found),
            *eviction.checks(found),
            *room.checks(configured, found),
            *leaving.checks(configured, found),
        ]
    else:
        checks = [
            skipped(
                "With any one node lost, all that users' requests depend on keeps a ready pod.",
                f"{configured.environment} has no cluster with a managed node group.",
                remedy="Nothing is to be done where no cluster is meant to be.",
            )
        ]
    return Drill(
        name=NAME,
        environment=configured.environment,
        title="A pod, a node or a zone is lost",
        broken=_BROKEN,
        checks=tuple(checks),
        tables=tables(found),
    )
