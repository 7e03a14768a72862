"""Amounts are read as Kubernetes writes them."""

from modules.core.service_words import mebibytes, millis

import pytest


@pytest.mark.parametrize(("cpu", "thousandths"), [("250m", 250), ("2", 2000)])
def test_a_cpu_has_a_thousand_parts(cpu: str, thousandths: int) -> None:
    assert millis(cpu) == thousandths


@pytest.mark.parametrize(("memory", "mib"), [("512Mi", 512), ("2Gi", 2048)])
def test_a_gibibyte_has_1024_mebibytes(memory: str, mib: int) -> None:
    assert mebibytes(memory) == mib
