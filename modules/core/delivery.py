"""Strategies by which a new version of a service takes over, decided by what it does to users."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from .config import Config
from .identity import ClaimHeader


class CanaryStep(Config):
    """A share of the traffic, and how long it is watched."""

    weight: Annotated[int, Field(ge=1, le=99)]
    """Percent of requests that the new version gets; the old one gets the rest."""
    pause_seconds: Annotated[int, Field(ge=60, le=86_400)] = 300
    """At least a minute, in which the analysis measures once."""


DEFAULT_STEPS = (CanaryStep(weight=5), CanaryStep(weight=25), CanaryStep(weight=50))


class _Stepwise(Config):
    """A growing share of all requests."""

    steps: tuple[CanaryStep, ...] = Field(default=DEFAULT_STEPS, min_length=1, max_length=20)
    """Shares of the requests, in rising order, and how long each is watched."""

    @model_validator(mode="after")
    def steps_rise(self) -> Self:
        """Refuse a step that takes traffic back: only the analysis does."""
        for one, following in pairwise(self.steps):
            if following.weight <= one.weight:
                raise ValueError(
                    f"steps go from {one.weight} to {following.weight} percent, a canary only "
                    "grows; put them in rising order"
                )
        return self


class Canary(_Stepwise):
    """A growing share of all requests."""

    kind: Literal["canary"] = "canary"
    """Chooses this strategy."""


class HeaderCanary(_Stepwise):
    """Whoever sends a header gets the new version first; then a growing share of all requests."""

    kind: Literal["header-canary"] = "header-canary"
    """Chooses this strategy."""
    header: ClaimHeader = "x-canary"
    """Name of the header, in small letters."""
    value: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "always"
    """What the header says."""
    testers_seconds: Annotated[int, Field(ge=60, le=86_400)] = 600
    """How long those alone are served the new version who send the header."""


class BlueGreen(Config):
    """All requests at once, as soon as every new pod is ready; back at once when it fails."""

    kind: Literal["blue-green"] = "blue-green"
    """Chooses this strategy."""
    watched_seconds: Annotated[int, Field(ge=120, le=86_400)] = 600
    """How long the new version is measured after the switch, the old one kept beside it."""


def _kind(written: object) -> str | None:
    """Return the kind of a strategy, also of one whose defaults are not filled in yet."""
    if isinstance(written, Mapping):
        found = written.get("kind")
        return str(found) if found is not None else None
    known = (Canary, HeaderCanary, BlueGreen)
    return str(type(written).model_fields["kind"].default) if isinstance(written, known) else None


Strategy = Annotated[
    Annotated[Canary, Tag("canary")]
    | Annotated[HeaderCanary, Tag("header-canary")]
    | Annotated[BlueGreen, Tag("blue-green")],
    Discriminator(
        _kind,
        custom_error_type="strategy_kind",
        custom_error_message="names no kind of strategy there is",
    ),
]
