"""What tenants cost: seconds of synthesis and bytes of releases, for more and more of them."""

import json
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from modules.core.helm_size import estimate

from cdktf import App

from environments import load
from environments.schema import Environment
from main import build, fleet_of
from tests.support.random_tenants import random_tenants

COUNTS = (10, 50, 200)
ROUNDS = 3


def measure(day: date) -> list[dict[str, float]]:
    """Return what production and the hub cost with so many tenants, the fastest of a few rounds."""
    environments = load(day)[0]
    _synth(environments, 1)  # jsii starts Node once in a process
    return [_with(environments, count) for count in COUNTS]


def _with(environments: Mapping[str, Environment], count: int) -> dict[str, float]:
    rounds = [_synth(environments, count) for _ in range(ROUNDS)]
    seconds = min(seconds for seconds, _ in rounds)
    releases = [values for _, found in rounds[:1] for values in found]
    own = [values for name, values in releases if name.startswith(("tenant-", "delivery-"))]
    return {
        "tenants": count,
        "seconds": round(seconds, 2),
        "milliseconds_per_tenant": round(seconds / count * 1000, 1),
        "bytes_per_tenant": round(sum(len(values) for values in own) / count),
        "largest_release_bytes": max(estimate(values) for values in own),
    }


def _synth(
    environments: Mapping[str, Environment], count: int
) -> tuple[float, list[tuple[str, str]]]:
    tenants = tuple(random_tenants(count, seed=count))
    prod = environments["prod"].model_copy(update={"tenants": tenants})
    every = (prod, environments["management"])
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        app = App(outdir=folder)
        for one in every:
            build(app, one, fleet_of(every))
        app.synth()
        seconds = time.perf_counter() - began
        stacks = [json.loads(file.read_text()) for file in _tenants_layers(Path(folder))]
    return seconds, [(name, values) for stack in stacks for name, values in _releases(stack)]


def _tenants_layers(folder: Path) -> list[Path]:
    return sorted(folder.glob("stacks/*-tenants/cdk.tf.json"))


def _releases(stack: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = stack["resource"]["helm_release"].values()
    return [(release["name"], release["values"][0]) for release in found]
