"""Zones are named by ids, which mean the same place in every account."""

import re

from modules.core.regions import SHORT_REGIONS, ZONES_WITHOUT_EKS, ZoneId

import pytest
from pydantic import TypeAdapter, ValidationError

ZONE: TypeAdapter[str] = TypeAdapter(ZoneId)


@pytest.mark.parametrize("short", sorted(SHORT_REGIONS.values()))
def test_the_first_zone_of_every_region_is_taken_by_its_id(short: str) -> None:
    assert ZONE.validate_python(f"{short}-az1") == f"{short}-az1"


@pytest.mark.parametrize(
    "zone", ["eu-west-1a", "eu-west-1", "euw1", "euw1-az", "euw1-aza", "EUW1-AZ1", "euw1-az1 ", ""]
)
def test_what_is_no_zone_id_is_refused_with_how_to_find_it(zone: str) -> None:
    message = re.escape(
        f"{zone!r} is not a zone id: names such as eu-west-1a differ between accounts; write the "
        "id, such as euw1-az1 (aws ec2 describe-availability-zones)"
    )

    with pytest.raises(ValidationError, match=message):
        ZONE.validate_python(zone)


def test_a_local_zone_is_no_place_of_a_control_plane() -> None:
    with pytest.raises(ValidationError, match="'usw2-lax1-az1' is not a zone id"):
        ZONE.validate_python("usw2-lax1-az1")


@pytest.mark.parametrize("zone", ["use1-az3", "usw1-az2", "cac1-az3"])
def test_the_three_zones_without_eks_are_refused(zone: str) -> None:
    assert len(ZONES_WITHOUT_EKS) == 3
    with pytest.raises(ValidationError, match=f"no control planes in {zone}; use another zone of"):
        ZONE.validate_python(zone)
