"""Emptying a cluster of what would outlive it in AWS, in an order in which nothing hangs."""

from collections.abc import Sequence

from .balancers import remove_bindings, remove_load_balancers
from .connect import Api
from .errors import ClusterError
from .leftovers import check_operators, report_namespaces
from .nodes import remove_nodes
from .session import Left, Session
from .suspend import suspend
from .volumes import remove_volumes

# Each step needs what a later one takes away: controllers need nodes, nodes' pods let volumes go.
STEPS = (
    remove_load_balancers,
    remove_bindings,
    remove_volumes,
    remove_nodes,
    check_operators,
    report_namespaces,
)


def drain(session: Session, hubs: Sequence[Api] = ()) -> None:
    """Take away what controllers in the cluster made, while they still run.

    ``hubs`` are other clusters whose Argo CD may deploy to this one. Every step finds out for
    itself what is there, so that a drain may be repeated at any moment.

    Raises:
        NotDrainedError: something does not go away in its time; it names it, and what holds it.
        ClusterError: the API cannot be used.
        InterruptedRunError: a person asked to stop.
    """
    cluster = session.api.cluster
    suspend(session, session.api, cluster)
    for hub in hubs:
        try:
            suspend(session, hub, cluster)
        except ClusterError as error:
            # Whoever may destroy this cluster need not be let into the hub.
            session.left.append(
                Left(
                    f"Argo CD on {hub.cluster.name}",
                    f"may still deploy to {cluster.name}: {error.message}",
                )
            )
    for step in STEPS:
        step(session)
