"""Emptying a cluster of what would outlive it in AWS, in an order in which nothing hangs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .balancers import remove_bindings, remove_load_balancers
from .connect import Api
from .errors import ClusterError
from .leftovers import check_operators, report_namespaces
from .nodes import remove_nodes
from .session import Left, Session
from .suspend import suspend
from .volumes import remove_volumes


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a drain, with what a person is told of it before."""

    says: str
    take: Callable[[Session], None]


SUSPENDS = "Argo CD, here and on the hub, syncs this cluster no more: what goes would be made anew."
# Each step needs what a later one takes away: controllers need nodes, nodes' pods let volumes go.
STEPS = (
    Step(
        "Load balancers go: their Services, Ingresses, Gateways and accelerators are deleted, and"
        " waited for until the controllers took the finalizers off.",
        remove_load_balancers,
    ),
    Step(
        "Target group bindings go: the controller takes its targets, and its rules in security"
        " groups, out of AWS.",
        remove_bindings,
    ),
    Step(
        "EBS volumes go, and the data in them: what uses them is scaled to nothing, claims are"
        " deleted. Volumes that are to be retained stay and are named.",
        remove_volumes,
    ),
    Step("Karpenter's pools, nodes and node classes go.", remove_nodes),
    Step(
        "Calico's operator is looked for: without it, finalizers of its objects would hang.",
        check_operators,
    ),
    Step("Namespaces that do not end are named, with what holds them.", report_namespaces),
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
        step.take(session)
