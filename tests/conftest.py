"""Options of the whole suite; imports no bindings, so that tests without them start at once."""

import os

import pytest

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest; no test depends on the order."""
    items.sort(
        key=lambda item: next(
            (place for place, start in enumerate(LONG_FIRST) if item.nodeid.startswith(start)),
            len(LONG_FIRST),
        )
    )
    # xdist hands out two neighbours at once, and the second waits for the first: a short one.
    workers = getattr(config, "workerinput", {}).get("workercount", 0)
    if len(items) > 2 * workers:
        for place in range(workers):
            items.insert(2 * place + 1, items.pop())
