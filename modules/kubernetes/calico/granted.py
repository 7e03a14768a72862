"""Network policy of services that are granted something of AWS."""

from collections.abc import Collection
from ipaddress import IPv4Network

from ..manifest import Manifest
from .ends import ALLOW_ORDER, API, network, pods

# EKS Pod Identity's agent on the node. Source: EKS user guide, "Understand how EKS Pod Identity
# works".
AGENT = IPv4Network("169.254.170.23/32")
PORT = 80


def pod_identity_egress(namespace: str, services: Collection[str]) -> list[Manifest]:
    """Return the policy by which services of a namespace get the credentials of their AWS roles.

    The agent gives each pod those of its own service account alone. The policy is of the cluster:
    in the namespace it could be called as a service's own.

    Args:
        namespace: of one tenant.
        services: its services that are granted something; none: there is no policy.
    """
    if not services:
        return []
    named = ", ".join(f"'{name}'" for name in sorted(services))
    return [
        Manifest(
            api_version=API,
            kind="GlobalNetworkPolicy",
            name=f"pod-identity-{namespace}",
            labels={"app.kubernetes.io/part-of": "ekp"},
            fields={
                "spec": {
                    "order": ALLOW_ORDER,
                    **pods(namespace, {}),
                    "selector": f"app.kubernetes.io/name in {{{named}}}",
                    "types": ["Egress"],
                    "egress": [
                        {
                            "action": "Allow",
                            "protocol": "TCP",
                            "destination": {**network((AGENT,)), "ports": [PORT]},
                        }
                    ],
                }
            },
        )
    ]
