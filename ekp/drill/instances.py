"""What a node has for pods: size of EC2 instance types, and what EKS keeps of it.

Source: Amazon EC2 instance types guide, "Specifications for general purpose / compute optimized /
memory optimized instances" (vCPU, memory, network interfaces and IPv4 addresses of each).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ekp.evaluate.request import Unsupported

_MIB_PER_VCPU = {"c": 2048, "m": 4096, "r": 8192}
_FAMILIES = (
    "c5", "c6a", "c6g", "c6i", "c7a", "c7g", "c7i", "c8g",
    "m5", "m6a", "m6g", "m6i", "m7a", "m7g", "m7i", "m7i-flex", "m8g",
    "r5", "r6g", "r6i", "r7g", "r7i",
)  # fmt: skip
# Size -> vCPU, network interfaces, IPv4 addresses of each; the same in all families above.
_SIZES: Mapping[str, tuple[int, int, int]] = {
    "large": (2, 3, 10),
    "xlarge": (4, 4, 15),
    "2xlarge": (8, 4, 15),
    "4xlarge": (16, 8, 30),
}
_BURSTABLE = ("t3", "t3a", "t4g")
# Size -> vCPU, memory in MiB, network interfaces, IPv4 addresses of each.
_BURSTABLE_SIZES: Mapping[str, tuple[int, int, int, int]] = {
    "medium": (2, 4096, 3, 6),
    "large": (2, 8192, 3, 12),
    "xlarge": (4, 16384, 4, 15),
    "2xlarge": (8, 32768, 4, 15),
}
# Managed node groups run no more pods on types of fewer than 30 vCPU. Source: EKS user guide,
# "Choose an optimal Amazon EC2 node instance type".
_MAX_PODS = 110
# Part of the memory that never reaches Linux. Source: Karpenter's settings,
# `VM_MEMORY_OVERHEAD_PERCENT`, which is 0.075 by default.
_LOST_MEMORY = 0.075
# The kubelet evicts pods below so much free memory, and keeps so much for itself and containerd.
# Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go; Bottlerocket does the same.
_EVICTION_MIB = 100
_RESERVED_MIB, _RESERVED_MIB_PER_POD = 255, 11
# Thousandths of a CPU kept of the first, the second, the third and fourth, and of each more.
_RESERVED_CPU = (60, 10, 5, 5)
_RESERVED_CPU_MORE = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """One EC2 instance type as a node of EKS."""

    name: str
    vcpu: int
    memory_mib: int
    max_pods: int
    """Those with an address of the VPC and the node's own; the VPC CNI without prefixes."""
    addresses: int
    """Of the VPC, with every interface in use."""
    interfaces: int

    @property
    def cpu_for_pods(self) -> int:
        """Thousandths of a CPU that requests of pods can have, DaemonSets' among them."""
        more = max(0, self.vcpu - len(_RESERVED_CPU))
        kept = sum(_RESERVED_CPU[: self.vcpu]) + more * _RESERVED_CPU_MORE
        return int(self.vcpu * 1000 - kept)

    @property
    def memory_for_pods(self) -> int:
        """MiB that requests of pods can have, DaemonSets' among them; an estimate.

        What is kept goes by the addresses, also where fewer pods are allowed.
        """
        pods = _addressed(self.interfaces, self.addresses // self.interfaces)
        kept = _RESERVED_MIB + _RESERVED_MIB_PER_POD * pods + _EVICTION_MIB
        return int(self.memory_mib * (1 - _LOST_MEMORY)) - kept


def instance_type(name: str) -> InstanceType:
    """Return an instance type by its name, such as ``m7i.xlarge``.

    Raises:
        Unsupported: it is in no table here.
    """
    family, _, size = name.partition(".")
    if family in _FAMILIES and size in _SIZES:
        vcpu, interfaces, addresses = _SIZES[size]
        memory = vcpu * _MIB_PER_VCPU[family[0]]
    elif family in _BURSTABLE and size in _BURSTABLE_SIZES:
        vcpu, memory, interfaces, addresses = _BURSTABLE_SIZES[size]
    else:
        raise Unsupported(name, "instance type", "its size is not known here")
    return InstanceType(
        name=name,
        vcpu=vcpu,
        memory_mib=memory,
        max_pods=min(_MAX_PODS, _addressed(interfaces, addresses)),
        addresses=interfaces * addresses,
        interfaces=interfaces,
    )


def _addressed(interfaces: int, addresses: int) -> int:
    """Return how many pods there is an address for.

    One address of each interface is the interface's own; two pods have the node's address.
    Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet, eni_max_pods.go and
    instance-info.jsonl.
    """
    return interfaces * (addresses - 1) + 2
