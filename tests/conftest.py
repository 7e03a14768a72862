"""Options of the whole suite; imports no bindings, so that tests without them start at once."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says how busy the machine is, and nothing of what is tested.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

# A day on which every version in use is supported, so that the suite does not age.
DAY = "2026-11-21"

Once = Callable[[str, Callable[[Path], object]], Path]

# xdist tells its workers a terminal's width; what the commands print into a pipe has its own.
os.environ.pop("COLUMNS", None)

# Tests that wait for the provider, longest first: a worker that gets one last would end alone.
LONG_FIRST = (
    "tests/apply/test_prod",
    "tests/docs/test_docs.py::test_the_commands",
    "tests/local/test_terraform_edge",
    "tests/local/test_terraform_services",
    "tests/apply/test_cdktf_cli",
    "tests/apply/test_rebuild",
    "tests/apply/test_bootstrap",
    "tests/apply/test_killed",
    "tests/apply",
    "tests/local/test_terraform",
    "tests/local/helm",
    "tests/cluster/test_run",
    "tests/runner/test_protection",
    "tests/runner/test_recover",
    "tests/runner",
    "tests/plan",
    "tests/cli",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that rewrite what is committed from what is found."""
    group = parser.getgroup("committed files")
    group.addoption(
        "--update-addresses",
        action="store_true",
        help="rewrite tests/addresses from the stacks of every environment",
    )
    group.addoption(
        "--update-requirements",
        action="store_true",
        help="rewrite docs/requirements.md from the requirement marks of the tests",
    )
    group.addoption(
        "--update-reference",
        action="store_true",
        help="rewrite docs/reference from the code",
    )
    group.addoption(
        "--update-drills",
        action="store_true",
        help="rewrite docs/reports from the drills of the synthesized stacks",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest; no test depends on the order."""
    items.sort(
        key=lambda item: next(
            (place for place, start in enumerate(LONG_FIRST) if item.nodeid.startswith(start)),
            len(LONG_FIRST),
        )
    )
    # xdist gives each worker three tests to begin with, in turns; two wait for the longest: short
    # ones.
    workers = getattr(config, "workerinput", {}).get("workercount", 0)
    if len(items) > 3 * workers:
        items[workers:workers] = [items.pop() for _ in range(2 * workers)]


@pytest.fixture(scope="session")
def once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make a folder once for all workers of a run: who comes second waits for the first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / name).exists():
                own = tmp_path_factory.mktemp("once") / name
                make(own)
                own.rename(shared / name)
        return shared / name

    return folder


@pytest.fixture(scope="session")
def synthesized_outdir(once: Once) -> Path:
    """A ``cdktf.out`` with every environment and its services; only read."""
    return once("cdktf.out", _synthesize)


def _synthesize(folder: Path) -> None:
    from ekp.synth import synth  # noqa: PLC0415 - the bindings, for those alone who ask

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EKP_TODAY", DAY)
        synth(folder)
