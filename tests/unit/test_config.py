"""Settings are closed and frozen, and every error says what to write instead."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from modules.core.config import Config, deferred_validation, problems

import pytest
from pydantic import Field, ValidationError


class Leaf(Config):
    size: int = Field(default=1, ge=1, le=9)
    cidr: IPv4Network | None = None


class Branch(Config):
    leaf: Leaf = Field(default_factory=Leaf)
    twig: Leaf | None = None
    leaves: Mapping[str, Leaf] = Field(default_factory=dict)
    row: tuple[Leaf, ...] = ()


class Root(Config):
    name: str
    branches: Mapping[str, Branch] = Field(default_factory=dict)


def messages(**settings: Any) -> tuple[str, ...]:
    """Return what a user reads about the settings of a root named dev."""
    with pytest.raises(ValidationError) as raised:
        Root(**settings)
    return problems(raised.value, Root, "dev")


def test_an_unknown_setting_is_named_with_its_value_and_the_one_that_was_meant() -> None:
    (message,) = messages(name="x", nmae="y")

    assert message == (
        "dev.nmae = 'y': there is no such setting; did you mean name? "
        "settings here are branches, name"
    )


@pytest.mark.parametrize(
    ("branch", "path"),
    [
        ({"leaf": {"siez": 2}}, "leaf"),
        ({"twig": {"siez": 2}}, "twig"),
        ({"leaves": {"eu-west-1": {"siez": 2}}}, "leaves[eu-west-1]"),
        ({"row": ({"siez": 2},)}, "row[0]"),
    ],
)
def test_the_meant_setting_is_found_at_any_depth(branch: dict[str, Any], path: str) -> None:
    (message,) = messages(name="x", branches={"eu-west-1": branch})

    assert message == (
        f"dev.branches[eu-west-1].{path}.siez = 2: there is no such setting; did you mean size? "
        "settings here are cidr, size"
    )


def test_a_setting_like_no_other_gets_the_list_without_a_guess() -> None:
    (message,) = messages(name="x", wholly_different=1)

    assert "did you mean" not in message
    assert message.endswith("settings here are branches, name")


def test_every_error_is_reported_at_once() -> None:
    found = messages(branches={"a": {"leaf": {"size": 0}}, "b": {"leaf": {"size": 10}}})

    assert found == (
        "dev.name: this setting is required; add it",
        (
            "dev.branches.a.leaf.size = 0: Input should be greater than or equal to 1; "
            "use a value in the range"
        ),
        (
            "dev.branches.b.leaf.size = 10: Input should be less than or equal to 9; "
            "use a value in the range"
        ),
    )


def test_a_bad_network_is_told_how_networks_are_written() -> None:
    (message,) = messages(name="x", branches={"a": {"leaf": {"cidr": "10.0.0.1/16"}}})

    assert message.startswith("dev.branches.a.leaf.cidr = '10.0.0.1/16': ")
    assert message.endswith("network address and prefix, such as 10.20.0.0/16")


def test_a_key_that_is_wrong_is_named_by_its_path() -> None:
    (message,) = messages(name="x", branches={7: {}})

    assert message.startswith("dev.branches[7] = 7: ")


def test_an_error_without_a_remedy_of_its_own_still_has_one() -> None:
    (message,) = messages(name=5)

    assert message == (
        "dev.name = 5: Input should be a valid string; change it to a value of that kind"
    )


def test_a_long_value_is_cut_to_a_line() -> None:
    (message,) = messages(name="x", wrong="y" * 500)

    assert "yyy...: there is no such setting" in message
    assert "y" * 80 not in message


def test_a_setting_never_changes_after_construction() -> None:
    leaf = Leaf(size=2)

    with pytest.raises(ValidationError, match="frozen"):
        leaf.size = 3  # type: ignore[misc]  # the very mistake under test
    assert leaf.size == 2


def test_settings_written_down_are_checked_later_as_a_whole() -> None:
    with deferred_validation():
        root = Root(name="x", branches={"a": Branch(leaf=Leaf(size=0), row=(Leaf(size=99),))})

    with pytest.raises(ValidationError) as raised:
        Root.model_validate(root)
    assert [item["loc"] for item in raised.value.errors()] == [
        ("branches", "a", "leaf", "size"),
        ("branches", "a", "row", 0, "size"),
    ]


def test_settings_written_down_well_get_their_defaults_when_checked() -> None:
    with deferred_validation():
        root = Root(name="x", branches={"a": Branch()})

    checked = Root.model_validate(root)

    assert checked == Root(name="x", branches={"a": Branch()})
    assert checked.branches["a"].leaf.size == 1


def test_checks_come_back_even_when_writing_down_fails() -> None:
    with pytest.raises(ZeroDivisionError), deferred_validation():
        Leaf(size=1 // 0)

    with pytest.raises(ValidationError):
        Leaf(size=0)
