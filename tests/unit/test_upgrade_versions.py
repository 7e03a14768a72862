"""Which steps between Kubernetes minors EKS takes, and how long it supports a minor."""

from datetime import date

from modules.core.kubernetes_versions import SUPPORT, Support, SupportType

import pytest

from ekp.upgrade import versions
from ekp.upgrade.findings import cni_fault, proxy_fault

TODAY = date(2026, 11, 21)
SETTING = "dev.regions[eu-west-1].cluster.eks.version"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.36", None),
        ("v1.36", "write 1.36."),
        ("1.36.1", "write 1.36."),
        ("v1.36.1-eks-abc", "write 1.36."),
        ("1.4", "no Kubernetes minor"),
        ("136", "no Kubernetes minor"),
        ("latest", "no Kubernetes minor"),
        ("", "no Kubernetes minor"),
        ("1.36 ", "no Kubernetes minor"),
    ],
)
def test_a_target_is_a_minor_and_nothing_else(text: str, said: str | None) -> None:
    fault = versions.form_fault(text)

    assert (fault is None) is (said is None)
    if fault and said:
        assert said in fault
        assert f"--kubernetes {text!r}" in fault


@pytest.mark.parametrize(
    ("current", "target", "said"),
    [
        ("1.35", "1.36", None),
        ("1.34", "1.35", None),
        ("1.34", "1.36", "skips 1.35; EKS upgrades a control plane one minor at a time"),
        ("1.33", "1.36", "skips 1.34, 1.35; "),
        ("1.35", "1.34", "1.34 is older. An upgrade goes forward alone"),
        ("1.36", "1.31", "1.31 is older"),
    ],
)
def test_a_control_plane_goes_up_by_one_minor(current: str, target: str, said: str | None) -> None:
    fault = versions.step_fault(SETTING, current, target, "dev")

    assert (fault is None) is (said is None)
    if fault and said:
        assert fault.startswith(f"{SETTING} = '{current}': ")
        assert said in fault


def test_who_would_skip_minors_is_told_every_hop() -> None:
    fault = versions.step_fault(SETTING, "1.33", "1.35", "dev")

    assert fault is not None
    assert "The next one is 1.34" in fault
    first, second = (f"`ekp upgrade plan dev --kubernetes 1.{minor}`" for minor in (34, 35))
    assert fault.index(first) < fault.index(second)


def test_minors_are_numbers_not_texts() -> None:
    assert versions.hops("1.99", "1.101") == ["1.100", "1.101"]


def test_a_minor_that_the_calendar_does_not_know_is_refused_with_where_to_add_it() -> None:
    fault = versions.calendar_fault("1.37", TODAY)

    assert fault is not None
    assert "which knows 1.31, 1.32, 1.33, 1.34, 1.35, 1.36" in fault
    assert "aws eks describe-cluster-versions" in fault
    assert "modules/core/kubernetes_versions.py" in fault


@pytest.mark.parametrize(("day", "refused"), [("2026-11-26", False), ("2026-11-27", True)])
def test_a_minor_is_a_target_to_the_last_day_of_extended_support(
    *, day: str, refused: bool
) -> None:
    assert (versions.calendar_fault("1.31", date.fromisoformat(day)) is not None) is refused


def test_support_is_counted_in_days() -> None:
    found = versions.support("1.35", TODAY)

    assert found is not None
    # 9 of November, 31, 31, 28, and 27 of March.
    assert found.standard_days_left == 9 + 31 + 31 + 28 + 27
    assert found.line(SupportType.STANDARD) == (
        "standard support until 2027-03-27 (126 days left), then extended until 2028-03-27"
    )


def test_the_last_day_of_support_is_one_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SUPPORT, "1.30", Support(TODAY, date(2026, 11, 22), TODAY))
    found = versions.support("1.30", TODAY)

    assert found is not None
    assert "(1 day left)" in found.line(SupportType.STANDARD)


def test_who_chose_extended_support_is_told_its_price() -> None:
    found = versions.support("1.33", TODAY)

    assert found is not None
    # (0.60 - 0.10) dollars for 730 hours.
    assert found.line(SupportType.EXTENDED) == (
        "standard support ended on 2026-07-29, extended until 2027-07-29; each cluster-hour costs "
        "$0.60, not $0.10: $365.00 more a month"
    )
    assert "EKS upgrades the control plane by itself" in found.line(SupportType.STANDARD)


@pytest.mark.parametrize(
    ("version", "target", "said"),
    [
        ("v1.36.0-eksbuild.1", "1.36", None),
        ("v1.33.9-eksbuild.1", "1.36", None),
        ("v1.32.9-eksbuild.1", "1.36", "4 minors older"),
        ("v1.37.0-eksbuild.1", "1.36", "newer than the control plane's 1.36"),
        (None, "1.36", None),
    ],
)
def test_kube_proxy_is_no_newer_than_the_api_and_three_minors_older_at_most(
    version: str | None, target: str, said: str | None
) -> None:
    fault = proxy_fault(version, target)

    assert (fault is None) is (said is None)
    assert not said or said in str(fault)


@pytest.mark.parametrize(
    ("now", "then", "refused"),
    [
        ("v1.21.1-eksbuild.1", "v1.22.0-eksbuild.1", False),
        ("v1.21.1-eksbuild.1", "v1.21.9-eksbuild.3", False),
        ("v1.21.1-eksbuild.1", "v1.23.0-eksbuild.1", True),
        ("v1.21.1-eksbuild.1", None, False),
        (None, "v1.23.0-eksbuild.1", False),
    ],
)
def test_the_vpc_cni_moves_one_minor_at_a_time(
    *, now: str | None, then: str | None, refused: bool
) -> None:
    assert (cni_fault(now, then) is not None) is refused
