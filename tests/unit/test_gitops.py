"""How commits reach regions is settled by settings that cannot be misread."""

from typing import Any

from modules.core.gitops import Delivery, GitRepository, Sync, check_waves

import pytest
from pydantic import ValidationError

REPOSITORY = GitRepository(url="https://git.example.org/shop/services.git")


def delivery(*waves: tuple[str, ...]) -> Delivery:
    return Delivery(repository=REPOSITORY, sync=Sync.WAVES, waves=waves)


@pytest.mark.parametrize(
    "url",
    ["https://git.example.org:8443/shop/services", "ssh://git@git.example.org:2222/shop/a.git"],
)
def test_a_repository_is_on_a_port_that_network_policies_open(url: str) -> None:
    with pytest.raises(ValidationError, match="Git is fetched on ports 22 and 443 alone"):
        GitRepository(url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.org/shop/services.git",
        "https://git.example.org:443/shop/services",
        "ssh://git@git.example.org:22/shop/services.git",
        "git@git.example.org:shop/services.git",
    ],
)
def test_a_repository_is_named_over_https_or_ssh(url: str) -> None:
    assert GitRepository(url=url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://git.example.org/shop/services.git",
        "https://ci:token@git.example.org/shop/services.git",
        "https://token@git.example.org/shop/services.git",
        "https://git.example.org/shop/*",
        "file:///srv/services.git",
        "git.example.org/shop/services",
        "",
    ],
)
def test_a_repository_without_protection_or_with_a_password_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="write https or ssh and no password"):
        GitRepository(url=url)


@pytest.mark.parametrize("path", ["", "/services", "services/", "../services", "a/./b", "a//b"])
def test_a_folder_outside_the_repository_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="is no folder inside a repository"):
        GitRepository(url=REPOSITORY.url, path=path)


@pytest.mark.parametrize("revision", ["", "-f", "main branch", "main;rm"])
def test_a_revision_is_a_branch(revision: str) -> None:
    with pytest.raises(ValidationError, match="revision"):
        GitRepository(url=REPOSITORY.url, revision=revision)


def test_a_commit_goes_everywhere_at_once_unless_told_otherwise() -> None:
    found = Delivery(repository=REPOSITORY)

    assert (found.sync, found.waves) == (Sync.AUTOMATED, ())
    check_waves(found, ["eu-west-1", "us-east-1"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sync": "waves"}, "waves = nothing: sync is waves"),
        ({"sync": "waves", "waves": (("eu-west-1",), ())}, "eu-west-1, then nothing: sync is"),
        (
            {"sync": "waves", "waves": (("eu-west-1", "us-east-1"),)},
            r"waves\[0\] = eu-west-1, us-east-1: a canary region is one; move the others",
        ),
        (
            {"sync": "waves", "waves": (("eu-west-1",), ("us-east-1", "eu-west-1"))},
            "waves names eu-west-1 twice; remove one",
        ),
        ({"waves": (("eu-west-1",),)}, "sync is automated, which knows no order"),
        ({"sync": "waves", "waves": (("mars-1",),)}, "'mars-1' is not a region known here"),
    ],
)
def test_waves_that_leave_the_order_open_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        Delivery(repository=REPOSITORY, **settings)


@pytest.mark.requirement("R20")
def test_waves_cover_each_region_of_the_environment_once() -> None:
    check_waves(delivery(("eu-west-1",), ("us-east-1",)), ["us-east-1", "eu-west-1"])


def test_a_region_in_no_wave_is_refused_since_no_commit_would_reach_it() -> None:
    with pytest.raises(
        ValueError, match=r"delivery\.waves = eu-west-1 lacks us-east-1, .*; add it to a wave"
    ):
        check_waves(delivery(("eu-west-1",)), ["eu-west-1", "us-east-1"])


def test_a_wave_of_another_environments_region_is_refused() -> None:
    with pytest.raises(ValueError, match=r"names us-east-1, which is no region .*; use eu-west-1$"):
        check_waves(delivery(("eu-west-1",), ("us-east-1",)), ["eu-west-1"])
