"""The estimate of what Helm stores of a release."""

import base64
import gzip
import json
import os
from collections.abc import Mapping

from modules.addons.charts import CHARTS
from modules.core import helm_size

# Charts whose source could not be had, by folder, with the reason.
UNMEASURED: Mapping[str, str] = {}


def stored(size: int) -> str:
    """Text that gzip cannot make smaller than its randomness, of about ``size`` bytes."""
    return base64.b64encode(os.urandom(size * 3 // 4)).decode()


def test_the_estimate_is_what_helm_writes_give_or_take_a_hundredth() -> None:
    # https://github.com/helm/helm/blob/v3.18.4/pkg/storage/driver/util.go, encodeRelease
    data = stored(200_000)
    values = {"objects": [{"kind": "ConfigMap", "data": {"a": data}}]}
    manifest = f"---\nkind: ConfigMap\ndata:\n  a: {data}\n"
    release = {
        "name": "base",
        "info": {"first_deployed": "2026-01-31T10:00:00Z", "status": "deployed"},
        "chart": {"metadata": {"name": "objects", "version": "1.0.0"}, "templates": []},
        "config": values,
        "manifest": manifest,
        "version": 1,
        "namespace": "kube-system",
    }
    real = len(base64.b64encode(gzip.compress(json.dumps(release).encode(), 9)))

    found = helm_size.estimate(json.dumps(values), manifest=manifest)

    assert abs(found - real) < real / 100


def test_a_bundle_counts_its_objects_twice_since_the_manifest_repeats_them() -> None:
    values = stored(100_000)

    once = helm_size.estimate(values, manifest="")
    assert 1.9 < helm_size.estimate(values) / once < 2.1


def test_a_chart_that_is_known_to_be_big_counts_in_full() -> None:
    assert helm_size.estimate("", chart=700_000) - helm_size.estimate("") == 700_000


def test_what_synth_lets_through_is_far_below_what_kubernetes_takes() -> None:
    assert helm_size.SYNTH_LIMIT < helm_size.LIMIT * 0.8 == 1024 * 1024 * 0.8


def test_every_chart_is_measured_or_there_is_a_reason() -> None:
    assert {chart.folder for chart in CHARTS if chart.stored_bytes is None} == set(UNMEASURED)


def test_every_measured_chart_leaves_a_tenth_of_its_secret_free() -> None:
    stored = {chart.folder: chart.stored_bytes for chart in CHARTS if chart.stored_bytes}

    assert helm_size.CHART_LIMIT <= helm_size.LIMIT - helm_size.LIMIT / 10
    assert {name: n for name, n in stored.items() if n > helm_size.CHART_LIMIT} == {}
