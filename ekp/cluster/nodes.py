"""Karpenter's nodes: EC2 instances that Terraform does not know end before the cluster does."""

from datetime import UTC, datetime, timedelta

from .kinds import NODE_CLAIM, NODE_CLASS, NODE_POOL
from .session import Session

# From then on Karpenter stops waiting for disruption budgets, `do-not-disrupt` and volumes
# (kubernetes-sigs/karpenter, pkg/controllers/node/termination): a budget that counts on a node
# which cannot come any more would hold its node for ever.
TERMINATION = "karpenter.sh/nodeclaim-termination-timestamp"
GRACE = timedelta(minutes=5)
_REMEDY = (
    "Look at `kubectl -n kube-system logs deployment/karpenter` and at its role; with Karpenter at"
    " work, run the command again. Where it is gone for good, terminate in EC2 the instances"
    " tagged karpenter.sh/nodepool, then free the objects with `kubectl patch ... --type=merge -p"
    ' \'{"metadata":{"finalizers":null}}\'`.'
)


def remove_nodes(session: Session) -> None:
    """Delete the pools, then the nodes of every pool, then what Karpenter made for them in IAM.

    This comes late: the controllers that free load balancers and volumes may run on such nodes.
    """
    limit = session.limits.nodes_seconds
    pools = [(NODE_POOL, body) for body in session.api.all(NODE_POOL)]
    session.delete("node pools", pools, seconds=limit, remedy=_REMEDY)
    claims = [(NODE_CLAIM, body) for body in session.api.all(NODE_CLAIM)]
    ends = (datetime.now(UTC) + GRACE).strftime("%Y-%m-%dT%H:%M:%SZ")
    for kind, body in claims:
        if TERMINATION not in (body["metadata"].get("annotations") or {}):
            session.api.patch(kind, body, {"metadata": {"annotations": {TERMINATION: ends}}})
    session.delete("nodes of Karpenter", claims, seconds=limit, remedy=_REMEDY)
    classes = [(NODE_CLASS, body) for body in session.api.all(NODE_CLASS)]
    session.delete("node classes", classes, seconds=limit, remedy=_REMEDY)
