"""How commits reach regions is settled by settings that cannot be misread."""

from typing import Any

from modules.core.gitops import Delivery, GitRepository, Sync, check_waves
from modules.core.sync_windows import SyncWindow, WindowKind

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


def window(**settings: Any) -> SyncWindow:
    return SyncWindow(
        **{"kind": WindowKind.DENY, "schedule": "0 16 * * FRI", "duration": "64h"} | settings
    )


@pytest.mark.parametrize(
    "schedule",
    ["0 16 * * FRI", "*/15 8-17 * * mon-fri", "0 0 24,31 12 *", "30 6 1 JAN-MAR 0", "5/10 * * * *"],
)
def test_a_window_opens_by_cron_as_argo_cd_reads_it(schedule: str) -> None:
    assert window(schedule=schedule).schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("@daily", "has 1 fields, cron takes 5"),
        ("0 0 16 * * FRI", "has 6 fields"),
        ("60 16 * * *", "'60' is no minute; use \\* or numbers from 0 to 59,"),
        ("0 24 * * *", "'24' is no hour"),
        ("0 16 0 * *", "'0' is no day of the month"),
        ("0 16 * 13 *", "'13' is no month; .* or JAN to DEC"),
        # Sunday is 0; Argo CD's reader knows no 7.
        ("0 16 * * 7", "'7' is no day of the week; .* or SUN to SAT"),
        ("0 16 * * FRI-MON", "'FRI-MON' is no day of the week"),
        ("0 16 * * FRIDAY", "'FRIDAY' is no day of the week"),
        ("0 */0 * * *", r"'\*/0' is no hour"),
        ("0 *-5 * * *", r"'\*-5' is no hour"),
        ("0 ,5 * * *", "'' is no hour"),
    ],
)
def test_a_schedule_that_argo_cd_cannot_read_is_refused(schedule: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        window(schedule=schedule)


@pytest.mark.parametrize("duration", ["1m", "8h", "1h30m", "168h"])
def test_a_window_is_open_for_hours_and_minutes(duration: str) -> None:
    assert window(duration=duration).duration == duration


@pytest.mark.parametrize("duration", ["", "0h", "8", "2d", "-1h", "168h1m", "30m1h"])
def test_a_window_without_an_end_or_a_length_is_refused(duration: str) -> None:
    with pytest.raises(ValidationError, match="is no length of a window"):
        window(duration=duration)


def test_a_time_zone_that_argo_cd_would_quietly_take_for_utc_is_refused() -> None:
    assert window(time_zone="Europe/Dublin").time_zone == "Europe/Dublin"
    for name in ("Europe/Dublni", "", "../etc/passwd"):
        with pytest.raises(ValidationError, match="is no time zone of the IANA database"):
            window(time_zone=name)


def test_a_window_that_stands_twice_is_refused_as_argo_cd_refuses_its_project() -> None:
    twice = (window(), window(manual_sync=True))

    with pytest.raises(ValidationError, match=r"windows names deny 0 16 .* twice; remove one"):
        Delivery(repository=REPOSITORY, windows=twice)
    apart = (window(), window(kind=WindowKind.ALLOW))
    assert Delivery(repository=REPOSITORY, windows=apart).windows == apart
