"""Where somebody is decides which region is near: by the map, in place of measured latency."""

from modules.core.countries import CODES
from modules.core.regions import SHORT_REGIONS

import pytest

from ekp.trace.places import REGIONS, countries, distance_km, nearest

BOTH = ("eu-west-1", "us-east-1")


@pytest.mark.parametrize(
    ("word", "first", "country"),
    [
        ("IE", "eu-west-1", "IE"),
        ("de", "eu-west-1", "DE"),
        ("ZA", "eu-west-1", "ZA"),
        ("US", "us-east-1", "US"),
        ("BR", "us-east-1", "BR"),
        ("us-east-1", "us-east-1", None),
        ("ap-southeast-2", "us-east-1", None),
    ],
)
def test_the_nearest_region_comes_first(word: str, first: str, country: str | None) -> None:
    found, whose = nearest(word, BOTH)

    assert found[0] == first
    assert set(found) == set(BOTH)
    assert whose == country


def test_every_country_and_every_region_has_a_place() -> None:
    assert set(countries()) == CODES
    assert set(REGIONS) == set(SHORT_REGIONS)
    for latitude, longitude in (*countries().values(), *REGIONS.values()):
        assert -90 <= latitude <= 90
        assert -180 <= longitude <= 180


def test_distances_are_those_of_the_globe() -> None:
    dublin, virginia = REGIONS["eu-west-1"], REGIONS["us-east-1"]

    assert distance_km(dublin, dublin) == 0
    assert distance_km(dublin, virginia) == distance_km(virginia, dublin)
    assert 5300 < distance_km(dublin, virginia) < 5600
    assert distance_km((0, 179), (0, -179)) == 222


@pytest.mark.parametrize(
    ("word", "said"),
    [("eu-west-9", "did you mean eu-west-"), ("IR1", "did you mean "), ("moon", "is no place")],
)
def test_an_unknown_place_is_named_with_a_close_one(word: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        nearest(word, BOTH)
