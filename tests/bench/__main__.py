"""Prints what synthesizing, planning and deploying cost on this machine, as JSON.

Times are wall seconds from the start of a fresh process to its end, memory is the peak resident set
in MB (10^6 bytes; Node's on Linux alone). A ratio compares two numbers of the same run; the other
numbers mean little away from the machine that printed them.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from modules.core.bindings import bundled_node

from ekp.runner import stacks as synthesized
from ekp.runner import terraform
from ekp.runner.stacks import Stack
from ekp.synth import project_root
from tests.support.plans import Plans

from . import policies, tenants, trace

ROUNDS = 3
DAY = "2026-11-21"
SYNTH = "import datetime, main; main.synth({outdir!r}, today=datetime.date.fromisoformat({day!r}))"
SYNTH_OF_ONE = """\
import datetime, main
from cdktf import App
app = App(outdir={outdir!r})
main.build(app, main.load(datetime.date.fromisoformat({day!r}))[0][{environment!r}])
app.synth()"""
# What any program does that imports the bindings the usual way.
NAIVE = "import cdktf_cdktf_provider_aws"
# jsii starts a Node that starts another one; Linux keeps the peak of each in VmHWM.
MEASURED = """\
{work}
import json, pathlib, resource, sys
def below(pid):
    for file in pathlib.Path(f"/proc/{{pid}}/task").glob("*/children"):
        for child in file.read_text().split():
            yield child
            yield from below(child)
lines = [line for pid in below("self") for line in pathlib.Path(f"/proc/{{pid}}/status").open()]
node = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
scale = 1 if sys.platform == "darwin" else 1024
python = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
print(json.dumps({{"python": python, "node": node}}))
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        outdir = Path(folder) / "cdktf.out"
        work = SYNTH.format(outdir=str(outdir), day=DAY)
        _process(work)  # jsii unpacks its packages once on a machine
        synth, naive = _fastest(work), _fastest(NAIVE)
        stacks = synthesized.load(outdir)
        gate = policies.measure(stacks, Path(folder) / "gate", date.fromisoformat(DAY))
        dev = _plans(stacks, "dev", Path(folder) / "cache")
        platform_plan = _plan_of_a_platform(stacks, Path(folder) / "platforms")
        alone = SYNTH_OF_ONE.format(outdir=str(Path(folder) / "prod"), day=DAY, environment="prod")
        prod = {
            "synth": _fastest(alone),
            "plan": _plans(stacks, "prod", Path(folder) / "cache"),
            "deploy_local": _deploy("prod", Path(folder) / "workspace"),
        }
    resources = sum(len(stack.construct_paths) for stack in stacks.values())
    report = {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "terraform": terraform.find(os.environ).version,
        },
        "synth_all_environments": {
            **synth,
            "stacks": len(stacks),
            "resources": resources,
            "seconds_per_100_resources": round(synth["seconds"] / resources * 100, 2),
        },
        "naive_import_of_the_bindings": naive,
        "synth_over_naive_import": round(synth["seconds"] / naive["seconds"], 2),
        "policy_gate": gate,
        "plan_dev": dev,
        "plan_platform": platform_plan,
        "prod": prod,
        "tenants": tenants.measure(date.fromisoformat(DAY)),
        "trace": trace.measure(DAY),
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


def _fastest(work: str) -> dict[str, float]:
    """Return the fastest of a few processes, and the highest memory of all of them."""
    rounds = [_process(work) for _ in range(ROUNDS)]
    return {
        "seconds": round(min(r["seconds"] for r in rounds), 2),
        "python_peak_mb": round(max(r["python"] for r in rounds) / 1e6),
        "node_peak_mb": round(max(r["node"] for r in rounds) / 1e6),
    }


def _process(work: str) -> dict[str, float]:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED.format(work=work)],
        check=True,
        cwd=project_root(),
        # The same Node for both: what is compared is the import.
        env={**os.environ, "JSII_NODE": str(bundled_node()), "NODE_NO_WARNINGS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds = time.perf_counter() - began
    return {**json.loads(done.stdout.splitlines()[-1]), "seconds": seconds}


def _plans(stacks: Mapping[str, Stack], environment: str, cache: Path) -> dict[str, Any]:
    """Return what planning an environment costs when no plan is kept, and when all are."""
    chosen = synthesized.of_environment(stacks, environment).values()
    seconds = []
    for _ in ("cold", "cached"):
        began = time.perf_counter()
        with Plans(stacks, cache) as plans:
            for stack in chosen:
                plans.plan(stack)
        seconds.append(time.perf_counter() - began)
    cold, cached = seconds
    return {
        "stacks": len(chosen),
        "cold_seconds": round(cold, 2),
        "cached_seconds": round(cached, 2),
    }


def _plan_of_a_platform(stacks: Mapping[str, Stack], cache: Path) -> dict[str, Any]:
    """Return what planning a platform costs, init and reading the plan included, beside a VPC."""
    seconds = {}
    with Plans(stacks, cache) as plans:
        # The local AWS starts with the first of them.
        plans.plan(stacks["dev-eu-west-1-cluster"])
        for layer in ("network", "platform"):
            began = time.perf_counter()
            plans.plan(stacks[f"prod-eu-west-1-{layer}"])
            seconds[layer] = time.perf_counter() - began
    return {
        "releases": len(
            stacks["prod-eu-west-1-platform"].configuration["resource"]["helm_release"]
        ),
        "seconds": round(seconds["platform"], 2),
        "over_network": round(seconds["platform"] / seconds["network"], 2),
    }


def _deploy(environment: str, workspace: Path) -> dict[str, Any]:
    """Return how long a deploy to a fresh local AWS takes, beside what its stacks take in turn."""
    environ = {**os.environ, "EKP_WORKSPACE": str(workspace), "EKP_TODAY": DAY}
    ekp = [sys.executable, "-m", "ekp"]
    try:
        done = subprocess.run(
            [*ekp, "deploy", environment, "--local", "--json"],
            check=True,
            cwd=project_root(),
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
    finally:
        subprocess.run(
            [*ekp, "local", "stop", "--json"],
            check=True,
            cwd=project_root(),
            env=environ,
            stdout=subprocess.DEVNULL,
        )
    result = json.loads(done.stdout)
    together = sum(stack["seconds"] for stack in result["stacks"])
    return {
        "stacks": len(result["stacks"]),
        "resources": sum(stack["counts"]["add"] for stack in result["stacks"]),
        "wall_seconds": round(result["seconds"]),
        "sum_of_stacks_seconds": round(together),
        "wall_over_sum": round(result["seconds"] / together, 2),
    }


if __name__ == "__main__":
    main()
