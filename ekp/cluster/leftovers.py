"""What a destroy would hang on, or leave behind, after everything else is drained."""

from collections.abc import Iterator

from . import kinds
from .errors import NotDrainedError
from .kinds import CALICO, DEPLOYMENT, NAMESPACE, Object
from .session import Left, Session

OPERATOR = "tigera-operator"
_TELLING = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining")


def check_operators(session: Session) -> None:
    """See that the operator of Calico is there to take its finalizers off.

    The objects are not deleted here: without Calico's API server no release that holds a Calico
    policy can be uninstalled, and the rules that Calico leaves on a node drop the traffic of every
    pod that starts after it, uninstall hooks among them. The operator's chart deletes them in its
    own turn, in a hook before the operator goes.

    Raises:
        NotDrainedError: objects of the operator have finalizers and the operator is gone.
    """
    held = [
        (kind, body) for kind in CALICO for body in session.api.all(kind) if kinds.finalizers(body)
    ]
    if not held or any(_runs(one) for one in session.api.all(DEPLOYMENT)):
        return
    names = "\n".join(
        f"  {kinds.label(kind, body)}: held by {', '.join(kinds.finalizers(body))}"
        for kind, body in held
    )
    raise NotDrainedError(
        f"{session.api.cluster.name} is not drained: no {OPERATOR} runs that could take the"
        f" finalizers off\n{names}",
        remedy=f"Start it again (`kubectl get deployment -A | grep {OPERATOR}`), then run the"
        " command again. Where its release is gone already, nothing of these is in AWS: free each"
        ' with `kubectl patch ... --type=merge -p \'{"metadata":{"finalizers":null}}\'`.',
    )


def report_namespaces(session: Session) -> None:
    """Name the namespaces that do not come to an end, with what holds them."""
    session.left.extend(
        Left(kinds.label(NAMESPACE, one), f"is Terminating: {'; '.join(_reasons(one)) or 'busy'}")
        for one in session.api.all(NAMESPACE)
        if (one.get("status") or {}).get("phase") == "Terminating"
    )


def _runs(deployment: Object) -> bool:
    available = (deployment.get("status") or {}).get("availableReplicas")
    return deployment["metadata"]["name"] == OPERATOR and bool(available)


def _reasons(namespace: Object) -> Iterator[str]:
    for condition in namespace["status"].get("conditions") or ():
        if condition.get("type") in _TELLING and condition.get("status") == "True":
            yield condition.get("message", condition["type"])
