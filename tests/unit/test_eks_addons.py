"""The add-on catalogue has a row for every Kubernetes minor that may run."""

import re

from modules.core.eks_addons import AFTER_NODES, BEFORE_NODES, UNKNOWN, VERSIONS, Addon
from modules.core.kubernetes_versions import SUPPORT

import pytest


@pytest.mark.parametrize("minor", sorted(SUPPORT))
def test_every_supported_minor_has_a_full_row(minor: str) -> None:
    assert set(VERSIONS[minor]) == set(Addon)


def test_no_row_is_for_a_minor_outside_the_calendar() -> None:
    assert set(VERSIONS) == set(SUPPORT)


def test_a_version_is_pinned_in_the_form_of_eks_or_said_to_be_unknown() -> None:
    versions = [v for row in VERSIONS.values() for v in row.values() if v is not UNKNOWN]

    assert versions
    assert [v for v in versions if not re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", v)] == []


def test_the_proxy_is_of_the_minor_it_serves() -> None:
    proxies = {minor: row[Addon.KUBE_PROXY] for minor, row in VERSIONS.items()}

    assert proxies["1.35"] == "v1.35.0-eksbuild.2"
    assert all(v is UNKNOWN or v.startswith(f"v{minor}.") for minor, v in proxies.items())


def test_every_addon_comes_either_before_or_after_the_nodes() -> None:
    assert sorted(BEFORE_NODES + AFTER_NODES) == sorted(Addon)
    assert set(AFTER_NODES) == {Addon.COREDNS, Addon.EBS_CSI_DRIVER}
