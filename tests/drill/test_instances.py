"""The table of instance types: it is as AWS describes them."""

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from ekp.drill.instances import instance_type
from ekp.evaluate.request import Unsupported


@pytest.mark.parametrize(
    "name",
    [
        "c5.large",
        "c7i.xlarge",
        "m6g.4xlarge",
        "m7i.large",
        "m7i.xlarge",
        "m7i-flex.2xlarge",
        "r7g.2xlarge",
        "t3.medium",
        "t4g.2xlarge",
    ],
)
def test_a_type_is_as_describe_instance_types_tells(name: str) -> None:
    described, found = INSTANCE_TYPES[name], instance_type(name)
    network = described["NetworkInfo"]

    assert found.vcpu == described["VCpuInfo"]["DefaultVCpus"]
    assert found.memory_mib == described["MemoryInfo"]["SizeInMiB"]
    assert found.addresses == (
        network["MaximumNetworkInterfaces"] * network["Ipv4AddressesPerInterface"]
    )


def test_eks_keeps_a_part_of_each_node() -> None:
    node = instance_type("m7i.xlarge")

    assert node.max_pods == 58
    assert node.cpu_for_pods == 3920
    # 92.5 % of 16384 MiB, without 255 + 11 x 58 for the kubelet and 100 that it never gives away.
    assert node.memory_for_pods == 15155 - 893 - 100


def test_large_types_run_110_pods_in_managed_groups() -> None:
    node = instance_type("m7i.4xlarge")

    assert node.max_pods == 110
    # The kubelet's part goes by the 234 pods that there are addresses for.
    assert node.memory_for_pods == 60620 - (255 + 11 * 234) - 100


@pytest.mark.parametrize("name", ["x2gd.metal", "m7i", "t3.nano"])
def test_an_unknown_type_is_not_guessed(name: str) -> None:
    with pytest.raises(Unsupported, match="its size is not known here"):
        instance_type(name)
