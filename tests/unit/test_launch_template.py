"""Machine images and instance types agree on the processor."""

from modules.aws.launch_template import Ami, is_arm

import pytest


@pytest.mark.parametrize(
    "instance_type",
    [
        *("a1.large", "t4g.micro", "m7g.xlarge", "m6gd.metal", "c7gn.16xlarge", "x2gd.medium"),
        *("im4gn.large", "is4gen.large", "g5g.xlarge", "hpc7g.4xlarge"),
    ],
)
def test_a_g_after_the_generation_is_graviton(instance_type: str) -> None:
    assert is_arm(instance_type) is True


@pytest.mark.parametrize(
    "instance_type",
    [
        *("m7i.large", "m7i-flex.large", "m6i.metal", "m7a.large", "g5.xlarge", "g4dn.xlarge"),
        *("gr6.4xlarge", "c5n.large", "p4d.24xlarge", "u-6tb1.metal", "u7i-12tb.224xlarge"),
    ],
)
def test_every_other_type_is_not(instance_type: str) -> None:
    assert is_arm(instance_type) is False


@pytest.mark.parametrize(
    ("ami", "arm", "system", "data"),
    [
        (Ami.AL2023_X86_64, False, None, "/dev/xvda"),
        (Ami.AL2023_ARM_64, True, None, "/dev/xvda"),
        (Ami.BOTTLEROCKET_X86_64, False, "/dev/xvda", "/dev/xvdb"),
        (Ami.BOTTLEROCKET_ARM_64, True, "/dev/xvda", "/dev/xvdb"),
    ],
)
def test_an_image_says_its_processor_and_its_volumes(
    ami: Ami, system: str | None, data: str, *, arm: bool
) -> None:
    assert (ami.is_arm, ami.system_device, ami.data_device) == (arm, system, data)
