"""Options of the whole suite; imports no bindings, so that tests without them start at once."""

import pytest


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
