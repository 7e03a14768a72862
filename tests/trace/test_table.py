"""Every row of the table comes out as it says, hop by hop to who decides."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Verdict
from ekp.evaluate.stage import Stage
from ekp.trace.follow import follow
from ekp.trace.parse import parse
from ekp.trace.tokens import issuers_of
from ekp.trace.traced import Trace
from ekp.trace.words import Words
from tests.support.configured import Once, shared
from tests.support.two_tenants import with_two_tenants

from . import rows_paths, rows_people, rows_ways
from .table import TWO_TENANTS, Row

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ROWS = (*rows_ways.ROWS, *rows_people.ROWS, *rows_paths.ROWS)
Of = Callable[[str], Configured]


@pytest.fixture(scope="module")
def of(synthesized_outdir: Path, once: Once) -> Of:
    """Give a function that returns an environment by its name; each is read once."""

    def read(name: str) -> Configured:
        if name != TWO_TENANTS:
            return Configured.load(synthesized_outdir, name)
        prod = with_two_tenants()
        acl = prod.edge.web_acl.model_copy(update={"blocked_countries": ("KP",)})
        edge = prod.edge.model_copy(update={"web_acl": acl})
        return shared(once, "two-tenants", prod.model_copy(update={"edge": edge}))

    return cache(read)


def traced(found: Configured, row: Row) -> Trace:
    words = dict(row.asks)
    if row.asks.get("entry") and row.region:
        words["region"] = row.region
    asked = parse(
        Words(url=row.url, **words),
        regions=found.regions,
        issuers=lambda: issuers_of(found.world(found.regions[0]).objects),
        now=NOW,
    )
    return follow(found, asked.question, asked.notes)


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_request_comes_out_as_the_row_says(row: Row, of: Of) -> None:
    found = traced(of(row.environment), row)

    last = found.hops[-1]
    assert (found.outcome, found.status, last.stage, found.region) == (
        row.comes,
        row.status,
        row.stage,
        row.region,
    ), found.verdict
    assert row.by in last.by
    # What passes for want of a guard is no good reason.
    if row.environment in ("prod", TWO_TENANTS):
        assert [hop.by for hop in found.unguarded] == []
    # Nothing is met after what ends the way, and nothing before it does.
    assert [hop for hop in found.hops[:-1] if hop.ends] == []


def test_rows_are_told_apart() -> None:
    shown = [row.shows for row in ROWS]
    asked = [(row.environment, row.url, str(row.asks), row.region) for row in ROWS]

    assert len(set(shown)) == len(set(asked)) == len(ROWS)
    assert {row.comes for row in ROWS} == {*Verdict} - {Verdict.PASSES}


@pytest.mark.requirement("R01")
@pytest.mark.parametrize(
    ("row", "stages"),
    [
        (
            rows_ways.ROWS[0],
            (
                *(Stage.DNS, Stage.CDN, Stage.GLOBAL_WAF, Stage.CDN, Stage.ORIGIN),
                *(Stage.BALANCER, Stage.REGIONAL_WAF, Stage.BALANCER, Stage.NETWORK),
                *(Stage.MUTUAL_TLS, Stage.RATE_LIMIT, Stage.TOKEN, Stage.AUTHORIZATION),
                *(Stage.ROUTE, Stage.DESTINATION, Stage.SERVICE, Stage.NETWORK),
                *(Stage.MUTUAL_TLS, Stage.TOKEN, Stage.AUTHORIZATION, Stage.RATE_LIMIT),
                Stage.WORKLOAD,
            ),
        ),
        (
            rows_people.ROWS[16],
            (
                *(Stage.DNS, Stage.CDN, Stage.GLOBAL_WAF, Stage.CDN, Stage.ORIGIN),
                *(Stage.BALANCER, Stage.REGIONAL_WAF, Stage.BALANCER, Stage.NETWORK),
                *(Stage.SHARD, Stage.RATE_LIMIT, Stage.SCOPE, Stage.ROUTE, Stage.DESTINATION),
                *(Stage.SERVICE, Stage.NETWORK, Stage.MUTUAL_TLS, Stage.TOKEN),
                *(Stage.AUTHORIZATION, Stage.RATE_LIMIT, Stage.WORKLOAD),
            ),
        ),
    ],
    ids=["through the gateway", "through a shard"],
)
def test_a_request_that_is_let_in_meets_every_stage_in_this_order(
    row: Row, stages: tuple[Stage, ...], of: Of
) -> None:
    found = [hop.stage for hop in traced(of("prod"), row).hops]

    kept = [stage for place, stage in enumerate(found) if place == 0 or found[place - 1] != stage]
    assert tuple(kept) == stages


def test_no_row_tells_a_secret_or_a_token(of: Of) -> None:
    for row in ROWS:
        if row.environment == "prod":
            told = str(traced(of("prod"), row).to_json())
            assert "${var." not in told, row.shows
            assert "guess" not in told, row.shows
