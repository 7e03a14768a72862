"""Options of the whole suite; imports no bindings, so that tests without them start at once."""

import pytest

# Tests that wait for the provider, longest first: a worker that gets one last would end alone.
LONG_FIRST = (
    "tests/apply",
    "tests/docs",
    "tests/local/test_terraform",
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; no test depends on the order."""
    items.sort(
        key=lambda item: next(
            (place for place, start in enumerate(LONG_FIRST) if item.nodeid.startswith(start)),
            len(LONG_FIRST),
        )
    )
