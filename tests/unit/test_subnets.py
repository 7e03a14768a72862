"""A VPC's block is dealt out so that nothing overlaps and nothing ever moves."""

from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

from modules.core.subnets import MAX_ZONES, ZoneBlocks, deal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ZONES = ("a", "b", "c", "d", "e", "f")
# A load balancer asks for a /27, the control plane for at least 6 free addresses: AWS keeps 5.
SMALLEST = {"public": 32, "private": 32, "isolated": 11}


@st.composite
def networks(draw: st.DrawFn, smallest: int = 8, largest: int = 28) -> IPv4Network:
    """Draw a network of any size and place."""
    prefix = draw(st.integers(smallest, largest))
    place = draw(st.integers(0, 2**prefix - 1)) << (32 - prefix)
    return IPv4Network((IPv4Address(place), prefix))


def tiers(blocks: ZoneBlocks) -> dict[str, IPv4Network]:
    return {"public": blocks.public, "private": blocks.private, "isolated": blocks.isolated}


@given(cidr=networks(), count=st.integers(0, 6))
@settings(max_examples=300)
def test_every_vpc_is_dealt_out_without_overlap_or_refused_by_its_limit(
    cidr: IPv4Network, count: int
) -> None:
    zones = ZONES[:count]
    if not 16 <= cidr.prefixlen <= 23:
        with pytest.raises(ValueError, match=rf"^{cidr} is a /{cidr.prefixlen}, .* /16 to /23; "):
            deal(cidr, zones)
        return
    if count > MAX_ZONES:
        with pytest.raises(ValueError, match=rf"^{count} zones .* at most {MAX_ZONES}; remove"):
            deal(cidr, zones)
        return

    dealt = deal(cidr, zones)

    assert tuple(dealt) == zones
    blocks = [(tier, block) for z in dealt.values() for tier, block in tiers(z).items()]
    assert all(block.subnet_of(cidr) for _, block in blocks)
    assert not any(a.overlaps(b) for (_, a), (_, b) in combinations(blocks, 2))
    assert all(block.num_addresses >= SMALLEST[tier] for tier, block in blocks)
    # A subnet of AWS holds a /16 to a /28.
    assert all(16 <= block.prefixlen <= 28 for _, block in blocks)


@given(cidr=networks(16, 23), count=st.integers(0, MAX_ZONES - 1))
def test_a_zone_appended_moves_no_block_of_the_others(cidr: IPv4Network, count: int) -> None:
    before = deal(cidr, ZONES[:count])
    after = deal(cidr, ZONES[: count + 1])

    assert {zone: after[zone] for zone in before} == before


@given(cidr=networks(16, 23))
def test_pods_and_nodes_get_the_largest_share(cidr: IPv4Network) -> None:
    for blocks in deal(cidr, ZONES[:MAX_ZONES]).values():
        assert blocks.private.num_addresses == cidr.num_addresses // 8
        assert blocks.private.num_addresses > blocks.public.num_addresses


def test_production_is_dealt_out_as_it_is_deployed() -> None:
    dealt = deal(IPv4Network("10.40.0.0/16"), ("euw1-az1", "euw1-az2"))

    assert dealt["euw1-az2"] == ZoneBlocks(
        public=IPv4Network("10.40.96.0/20"),
        private=IPv4Network("10.40.64.0/19"),
        isolated=IPv4Network("10.40.112.0/28"),
    )
