"""A network is ours or the internet's, and no setting takes one for the other."""

from ipaddress import IPv4Network

from modules.core.networks import PRIVATE, PrivateNetwork, PublicNetwork, ServiceNetwork

import pytest
from pydantic import TypeAdapter, ValidationError

OURS: TypeAdapter[IPv4Network] = TypeAdapter(PrivateNetwork)
THE_INTERNET_S: TypeAdapter[IPv4Network] = TypeAdapter(PublicNetwork)
BLOCKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
PARTS = ["10.60.0.0/16", "172.31.255.0/24", "192.168.1.1/32", "100.127.0.0/16"]
PUBLIC = ["198.51.100.0/24", "172.32.0.0/16", "192.169.0.0/16", "100.128.0.0/9", "11.0.0.0/8"]


@pytest.mark.parametrize("cidr", [*BLOCKS, *PARTS])
def test_a_private_network_is_ours_and_not_the_internet_s(cidr: str) -> None:
    assert OURS.validate_python(cidr) == IPv4Network(cidr)
    with pytest.raises(ValidationError, match=rf"{cidr} is not a network of the internet, .* list"):
        THE_INTERNET_S.validate_python(cidr)


@pytest.mark.parametrize("cidr", PUBLIC)
def test_a_public_network_is_the_internet_s_and_not_ours(cidr: str) -> None:
    assert THE_INTERNET_S.validate_python(cidr) == IPv4Network(cidr)
    with pytest.raises(ValidationError, match=rf"{cidr} is not a private network; use a part of 1"):
        OURS.validate_python(cidr)


@pytest.mark.parametrize("cidr", ["172.0.0.0/8", "192.0.0.0/8", "100.0.0.0/8", "192.168.0.0/15"])
def test_a_network_with_a_private_part_is_neither(cidr: str) -> None:
    # EKS: the blocks of a public endpoint cannot include reserved addresses.
    with pytest.raises(ValidationError, match="is not a network of the internet"):
        THE_INTERNET_S.validate_python(cidr)
    with pytest.raises(ValidationError, match="is not a private network"):
        OURS.validate_python(cidr)


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "128.0.0.0/1", "8.0.0.0/7"])
def test_a_network_wider_than_a_slash_eight_is_nobody_s(cidr: str) -> None:
    with pytest.raises(ValidationError, match=rf"{cidr} is too much of the internet, the widest"):
        THE_INTERNET_S.validate_python(cidr)


def test_the_private_blocks_are_those_of_rfc_1918_and_rfc_6598() -> None:
    assert [str(block) for block in PRIVATE] == BLOCKS


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "10.9.0.0/28", "100.64.0.0/16"])
def test_a_block_that_eks_refuses_for_services_is_refused(cidr: str) -> None:
    adapter: TypeAdapter[IPv4Network] = TypeAdapter(ServiceNetwork)

    with pytest.raises(ValidationError, match=rf"{cidr} cannot hold the services .* use a /12 to"):
        adapter.validate_python(cidr)
    assert adapter.validate_python("172.20.0.0/16") == IPv4Network("172.20.0.0/16")
