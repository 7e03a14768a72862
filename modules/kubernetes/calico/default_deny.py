"""Default deny: what no policy allows reaches no pod, and leaves none."""

from ...core.flows import Place
from ..manifest import Manifest
from .ends import API, DENY_ORDER, pods_of


def default_deny() -> list[Manifest]:
    """Return the denial, for every pod outside the namespaces of the system.

    It is a rule of its own and not the end of Calico's default tier, which would come after
    Kubernetes' own NetworkPolicies: those of charts and teams could open what no flow names.
    """
    selected = pods_of(Place.EVERY_POD) or {}
    return [
        Manifest(
            api_version=API,
            kind="GlobalNetworkPolicy",
            name="platform-default-deny",
            labels={"app.kubernetes.io/part-of": "ekp"},
            fields={
                "spec": {
                    "order": DENY_ORDER,
                    **selected,
                    "types": ["Ingress", "Egress"],
                    "ingress": [{"action": "Deny"}],
                    "egress": [{"action": "Deny"}],
                }
            },
        )
    ]
