"""Rates: how much one client may ask for, with unit and key, ordered from the edge inwards."""

from enum import IntEnum, StrEnum
from typing import Self

from pydantic import Field, model_validator

from .config import Config


class Key(StrEnum):
    """Whom a rate counts."""

    CLIENT = "client"
    """The caller's address: limits of edge, region and gateway."""
    POD = "pod"
    """One pod of a workload: its capacity, which no client's limit is compared with."""


class Window(IntEnum):
    """Seconds over which requests are counted: the only ones AWS WAF knows.

    Source: AWS WAF developer guide, "Rate-based rule high-level settings".
    """

    ONE_MINUTE = 60
    TWO_MINUTES = 120
    FIVE_MINUTES = 300
    TEN_MINUTES = 600


class Rate(Config):
    """So many requests of one key in a window."""

    # AWS WAF takes 10 and more.
    requests: int = Field(ge=10, le=2_000_000_000)
    """Requests in a window."""
    window: Window = Window.ONE_MINUTE
    """Seconds over which they are counted."""
    key: Key = Key.CLIENT
    """Whose requests are counted together: a client's, by its address, or all of a pod."""

    @property
    def per_second(self) -> float:
        """The same rate with another unit, to compare by."""
        return self.requests / self.window

    def share(self, percent: int) -> "Rate":
        """Return a part of the rate, never below what AWS WAF can count."""
        return self.model_copy(update={"requests": max(10, self.requests * percent // 100)})

    def __str__(self) -> str:
        return f"{self.requests} requests in {self.window} s a {self.key}"


class Rates(Config):
    """What one client may ask of the environment: each layer lets through what the next takes.

    An outer limit below an inner one would make the inner one dead text: whoever reads it would
    believe in a protection that never acts.
    """

    edge: Rate = Field(default_factory=lambda: Rate(requests=3000))
    """At CloudFront, over all regions; the widest, so that it only stops floods."""
    region: Rate = Field(default_factory=lambda: Rate(requests=2400))
    """At a region's load balancer."""
    gateway: Rate = Field(default_factory=lambda: Rate(requests=1200))
    """At the Istio gateway."""

    @model_validator(mode="after")
    def they_narrow_inwards(self) -> Self:
        """Refuse rates that do not narrow, and rates that count something else than clients."""
        for name, rate in (("edge", self.edge), ("region", self.region), ("gateway", self.gateway)):
            if rate.key is not Key.CLIENT:
                raise ValueError(
                    f"{name} counts by {rate.key}, edge, region and gateway count by client; "
                    "leave key out"
                )
        for outer, wide, inner, narrow in (
            ("edge", self.edge, "region", self.region),
            ("region", self.region, "gateway", self.gateway),
        ):
            if wide.per_second < narrow.per_second:
                raise ValueError(
                    f"{outer} ({wide}, {wide.per_second:g} a second) is below {inner} ({narrow}, "
                    f"{narrow.per_second:g} a second), which would never act; "
                    f"raise {outer} or lower {inner}"
                )
        return self
