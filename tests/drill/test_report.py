"""The committed report of production says what its drills come to today."""

import pytest

from ekp.configured.environment import Configured
from ekp.drill import markdown, prometheus, together
from ekp.drill.drills import NAMES
from ekp.drill.place import Place
from ekp.drill.report import Outcome
from ekp.drill.together import Report
from ekp.synth import project_root

FILE = project_root() / "docs" / "reports" / "drills-prod.md"
RESTORE = "`pytest tests/drill/test_report.py --update-drills`"
HEAD = (
    "What `ekp drill all prod` finds, with Prometheus and without the local AWS. [What each drill "
    "breaks, and what it does not prove](../drills.md). Made from the code by "
    f"{RESTORE}: not edited by hand."
)


@pytest.fixture(scope="module")
def fresh(prod: Configured) -> Report:
    return together.run(NAMES, prod, Place(prometheus=prometheus.found()))


def test_every_drill_of_production_is_run_to_its_end(fresh: Report) -> None:
    ended_early = [one for one in fresh.checks if one.must == together.RUNS]

    assert [drill.name for drill in fresh.drills] == [*NAMES]
    assert [one.observed for one in ended_early] == []


def test_the_report_is_what_the_drills_find(fresh: Report, request: pytest.FixtureRequest) -> None:
    whole = prometheus.found() is not None
    if request.config.getoption("--update-drills", default=False):
        assert whole, prometheus.REMEDY
        FILE.write_text(markdown.render(fresh, HEAD), encoding="utf-8")

    committed = FILE.read_text(encoding="utf-8")
    # Without Prometheus its answers are missing, and so are they in what is compared.
    known = [
        drill
        for drill in fresh.drills
        if whole or all(one.remedy != prometheus.REMEDY for one in drill.checks)
    ]
    stale = [drill.name for drill in known if markdown.section(drill) not in committed]
    assert stale == [], f"{FILE} is stale: run {RESTORE} and commit it"
    if whole:
        assert committed == markdown.render(fresh, HEAD)


def test_a_promise_that_production_does_not_keep_is_told_with_what_mends_it(fresh: Report) -> None:
    broken = [one for one in fresh.checks if one.outcome is Outcome.FAILED]

    assert [one.must for one in broken if not (one.remedy and one.by)] == []
