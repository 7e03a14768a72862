"""The state lock in Terraform's words, and whose it is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ekp.runner import lock
from ekp.runner.journal import Entry
from ekp.runner.lock import StateLock
from ekp.runner.ownership import owner_of

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
HELD = {
    "severity": "error",
    "summary": "Error acquiring the state lock",
    "detail": "Error message: api error PreconditionFailed\nLock Info:\n  ID:        4f6a-1\n"
    "  Path:      bucket/dev/network.tfstate\n  Operation: OperationTypeApply\n"
    "  Who:       ann@ci-7\n  Version:   1.11.4\n"
    "  Created:   2026-01-31 10:00:00.123456789 +0000 UTC\n  Info:      \n\n",
}


def test_a_held_lock_says_who_and_since_when() -> None:
    held = lock.read([HELD])

    assert held is not None
    assert held.explain(now=NOW) == (
        "The state bucket/dev/network.tfstate is locked by ann@ci-7"
        " (apply, taken 2 hours 30 minutes ago; lock 4f6a-1)."
    )


def test_a_state_that_cannot_be_read_is_no_held_lock() -> None:
    broken = {"summary": HELD["summary"], "detail": "Error message: Unsupported state file format"}

    assert lock.read([broken]) is None


def test_only_a_lock_whose_holder_is_gone_was_released_meanwhile() -> None:
    refused = "Error message: resource temporarily unavailable"
    gone = {**HELD, "detail": f"{refused}\nopen .a.tfstate.lock.info: no such file or directory"}

    assert lock.released_meanwhile([gone])
    assert not lock.released_meanwhile([HELD])
    assert not lock.released_meanwhile([{**HELD, "detail": "open a.tfstate: no such file"}])


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=61), "1 minute 1 second ago"),
        (timedelta(days=2, hours=3, minutes=4), "2 days 3 hours ago"),
    ],
)
def test_an_age_is_told_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert lock.age(length) == words


@pytest.mark.parametrize(
    ("host", "minutes", "ours"), [("ci-7", 0, True), ("ci-7", 5, False), ("ci-8", 0, False)]
)
def test_only_a_lock_taken_while_a_run_of_this_machine_was_writing_is_its_own(
    tmp_path: Path, host: str, minutes: int, *, ours: bool
) -> None:
    entry = Entry(
        stack="dev-a",
        operation="apply",
        host="ci-7",
        user="ann",
        started=NOW.isoformat(),
        pid=0,
        born="",
        log=str(tmp_path / "gone.log"),
        plan="",
        file=tmp_path / "gone.journal.json",
    )
    held = StateLock("1", f"ann@{host}", "", "", NOW + timedelta(minutes=minutes))

    assert (owner_of(held, [entry]) is entry) is ours
