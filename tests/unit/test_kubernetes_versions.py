"""The support calendar refuses, warns and stays silent on the right days."""

from datetime import date, timedelta

from modules.core.kubernetes_versions import SUPPORT, Level, check_version

import pytest

DAY = timedelta(days=1)
MINORS = sorted(SUPPORT)


@pytest.mark.parametrize("version", MINORS)
def test_the_last_day_of_standard_support_raises_nothing(version: str) -> None:
    assert check_version(version, SUPPORT[version].standard_until) is None


@pytest.mark.parametrize("version", MINORS)
def test_the_day_after_standard_support_warns_of_upgrade_and_bill(version: str) -> None:
    finding = check_version(version, SUPPORT[version].standard_until + DAY)

    assert finding is not None
    assert finding.level is Level.WARNING
    assert f"left standard support on {SUPPORT[version].standard_until}" in finding.message
    assert "makes no new one (support STANDARD), or bills extended support" in finding.message
    assert f"until {SUPPORT[version].extended_until} (support EXTENDED)" in finding.message
    assert finding.message.endswith("; upgrade one minor at a time, up to 1.36")


@pytest.mark.parametrize("version", MINORS)
def test_the_last_day_of_extended_support_still_only_warns(version: str) -> None:
    finding = check_version(version, SUPPORT[version].extended_until)

    assert finding is not None
    assert finding.level is Level.WARNING


@pytest.mark.parametrize("version", MINORS)
def test_the_day_after_extended_support_is_refused(version: str) -> None:
    finding = check_version(version, SUPPORT[version].extended_until + DAY)

    assert finding is not None
    assert finding.level is Level.ERROR
    assert f"left extended support on {SUPPORT[version].extended_until}" in finding.message
    assert finding.message.endswith("upgrade one minor at a time, up to 1.36")


@pytest.mark.parametrize("version", ["1.99", "1.9", "2.0", "latest", ""])
def test_an_unknown_version_is_refused_with_those_that_are_known(version: str) -> None:
    finding = check_version(version, date(2026, 11, 21))

    assert finding is not None
    assert finding.level is Level.ERROR
    assert "1.34, 1.35, 1.36; use one of these" in finding.message


@pytest.mark.parametrize("version", MINORS)
def test_standard_support_lasts_fourteen_months_and_extended_twelve_more(version: str) -> None:
    support = SUPPORT[version]

    assert 13 * 30 <= (support.standard_until - support.released).days <= 15 * 31
    assert support.extended_until == support.standard_until.replace(
        year=support.standard_until.year + 1
    )


def test_the_newest_minor_is_found_by_number_not_by_spelling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SUPPORT, "1.100", SUPPORT["1.36"])

    finding = check_version("1.31", date(2030, 1, 1))

    assert finding is not None
    assert finding.message.endswith("up to 1.100")
