"""EKP_INGRESS_2: no Service makes a way in of its own, past CloudFront and the load balancer.

The platform's load balancer finds its targets by TargetGroupBinding, so Services need no more than
an address of the cluster.
"""

from policies.checks import Entity, Everything, Verdict, cluster_check

OUTSIDE = frozenset(("LoadBalancer", "NodePort"))
# Source: documentation of the AWS Load Balancer Controller, "Service annotations".
SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"


@cluster_check(
    "EKP_INGRESS_2",
    "Ensure Services are met from inside the cluster alone",
    "Service",
)
def services_stay_inside(service: Entity, _: Everything) -> Verdict:
    """Fail a Service with a load balancer, with a port of the nodes, or with outside addresses."""
    spec = service.body.get("spec") or {}
    scheme = (service.metadata.get("annotations") or {}).get(SCHEME)
    return (
        spec.get("type") not in OUTSIDE
        and not spec.get("externalIPs")
        and scheme != "internet-facing"
    )
