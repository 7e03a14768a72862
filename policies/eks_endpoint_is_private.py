"""EKP_EKS_1: the Kubernetes API is not open to the internet.

A public endpoint is allowed for listed networks (a setting), never for everyone.
"""

from ipaddress import ip_network
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

# Networks wider than this are most of the internet, however many of them are listed.
WIDEST_PREFIX = 8


class EksEndpointIsPrivate(BaseResourceCheck):
    """Looks at ``vpc_config`` of every ``aws_eks_cluster``."""

    def __init__(self) -> None:
        super().__init__(
            name="Ensure the EKS endpoint is private, or public for listed networks alone",
            id="EKP_EKS_1",
            categories=[CheckCategories.NETWORKING],
            supported_resources=["aws_eks_cluster"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Fail where the public endpoint is on and open to everyone; AWS's default is that."""
        blocks = conf.get("vpc_config") or [{}]
        block = blocks[0] if isinstance(blocks[0], dict) else {}
        public = _only(block.get("endpoint_public_access", True))
        if public in (False, "false"):
            return CheckResult.PASSED
        networks = block.get("public_access_cidrs") or []
        listed = networks[0] if networks and isinstance(networks[0], list) else networks
        if listed and all(_narrow(str(network)) for network in listed):
            return CheckResult.PASSED
        return CheckResult.FAILED


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _narrow(network: str) -> bool:
    try:
        return ip_network(network, strict=False).prefixlen >= WIDEST_PREFIX
    except ValueError:
        return False


check = EksEndpointIsPrivate()
