"""Requests with what must come of them, as rows that people can check by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ekp.evaluate.hop import Verdict
from ekp.evaluate.stage import Stage

SHOP, API = "https://shop.prod.ekp.example", "https://api.prod.ekp.example"
BILLING = "https://billing.prod.ekp.example"
TWO_TENANTS = "two tenants"
"""Production with a second tenant, billing, and with North Korea shut out at the edge."""
REACHES, REFUSED, ANSWERED = Verdict.MAY_REFUSE, Verdict.REFUSES, Verdict.ANSWERS
MISSING = Verdict.MISSING
CHECKOUT, CATALOG, INVOICES = "shop/checkout", "shop/catalog", "billing/invoices"
# The group of those who keep the catalog and pay back.
GROUP = "00000000-0000-0000-0000-0000000000c1"


def claims(**more: Any) -> Mapping[str, str]:
    """Return the words of a token of the environment's own issuer, with more claims."""
    return {"claims": json.dumps({"sub": "alice", **more})}


ALICE = claims()
KEEPER = claims(groups=[GROUP])
KEEPER_WITH_MFA = claims(groups=[GROUP], acrs=["c1"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One request."""

    shows: str
    url: str
    asks: Mapping[str, Any] = field(default_factory=dict)
    """Further words, by the options' names."""
    comes: Verdict
    status: int | None = None
    stage: Stage
    """Where it is decided."""
    by: str
    """A part of what decides is called."""
    region: str | None = "eu-west-1"
    environment: str = "prod"

    @property
    def id(self) -> str:
        """What the row is called in reports."""
        return self.shows.replace(" ", "-")


def reaches(shows: str, url: str, service: str = CHECKOUT, /, **more: Any) -> Row:
    """Return a request that pods answer."""
    region, environment = more.pop("region", "eu-west-1"), more.pop("environment", "prod")
    return Row(
        shows=shows,
        url=url,
        asks=more,
        comes=REACHES,
        stage=Stage.WORKLOAD,
        by=f"Rollout {service}",
        region=region,
        environment=environment,
    )


def refused(shows: str, url: str, status: int | None, stage: Stage, by: str, /, **more: Any) -> Row:
    """Return a request that somebody refuses; without a status its connection is dropped."""
    return _ends(REFUSED, (shows, url, by), status, stage, more)


def answered(shows: str, url: str, status: int, stage: Stage, by: str, /, **more: Any) -> Row:
    """Return a request that the platform answers itself, as it should."""
    return _ends(ANSWERED, (shows, url, by), status, stage, more)


def missing(shows: str, url: str, status: int | None, stage: Stage, by: str, /, **more: Any) -> Row:
    """Return a request that ends where something is not configured."""
    return _ends(MISSING, (shows, url, by), status, stage, more)


def _ends(
    comes: Verdict,
    words: tuple[str, str, str],
    status: int | None,
    stage: Stage,
    more: dict[str, Any],
) -> Row:
    region, environment = more.pop("region", "eu-west-1"), more.pop("environment", "prod")
    shows, url, by = words
    return Row(
        shows=shows,
        url=url,
        asks=more,
        comes=comes,
        status=status,
        stage=stage,
        by=by,
        region=region,
        environment=environment,
    )
