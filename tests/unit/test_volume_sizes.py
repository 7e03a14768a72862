"""Sizes that a StatefulSet fixes are told to be fixed, and the runbook says how they grow."""

from modules.addons.kubecost_aggregator import KubecostConfig
from modules.addons.loki import LokiConfig
from modules.addons.prometheus_stack import PrometheusStackConfig
from modules.addons.vault import VaultConfig
from modules.core.config import Config
from modules.kubernetes.storage import default_storage_class

import pytest

from ekp.synth import project_root

FIXED = {
    "platform.vault.data_gib": VaultConfig,
    "platform.vault.audit_gib": VaultConfig,
    "platform.logs.volume_gib": LokiConfig,
    "platform.metrics.volume_gib": PrometheusStackConfig,
    "management.kubecost.database_gib": KubecostConfig,
}


def runbook() -> str:
    text = (project_root() / "docs" / "platform.md").read_text(encoding="utf-8")
    return text.partition("\n### Growing a volume\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(("path", "settings"), FIXED.items())
def test_a_size_that_is_fixed_at_creation_says_so_and_has_a_runbook(
    path: str, settings: type[Config]
) -> None:
    text = settings.model_fields[path.rpartition(".")[2]].description or ""

    assert "fixed at creation" in " ".join(text.lower().split())
    assert "docs/platform.md" in text
    assert f"| `regions[R].{path}` |" in runbook()


def test_claims_may_grow_and_pods_outlive_the_statefulset_that_is_made_anew() -> None:
    assert default_storage_class().fields["allowVolumeExpansion"] is True
    assert "--cascade=orphan" in runbook()
