"""EKP_EKS_1: the Kubernetes API is not open to the internet.

A public endpoint is allowed for listed networks (a setting), never for everyone.
"""

from ipaddress import ip_network

from policies.checks import Entity, Everything, is_true, listed, stack_check

# Networks wider than this are most of the internet, however many of them are listed.
WIDEST_PREFIX = 8


@stack_check(
    "EKP_EKS_1",
    "Ensure the EKS endpoint is private, or public for listed networks alone",
    "aws_eks_cluster",
)
def eks_endpoint_is_private(cluster: Entity, _: Everything) -> bool:
    """Fail where the public endpoint is on and open to everyone; AWS's default is that."""
    settings = cluster.body.get("vpc_config") or {}
    if not is_true(settings.get("endpoint_public_access", True)):
        return True
    networks = listed(settings.get("public_access_cidrs"))
    return bool(networks) and all(_narrow(str(network)) for network in networks)


def _narrow(network: str) -> bool:
    try:
        return ip_network(network, strict=False).prefixlen >= WIDEST_PREFIX
    except ValueError:
        return False
