"""What the policy gate costs: all environments as synthesized, nothing known and all known."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ekp.gate.gate import Gate
from ekp.gate.pool import Pool
from ekp.runner.stacks import Stack
from ekp.synth import project_root


def measure(stacks: Mapping[str, Stack], kept: Path, day: date) -> dict[str, float]:
    """Return seconds with an empty ``kept``, and again when nothing changed."""
    cold, warm = (_seconds(stacks, kept, day) for _ in range(2))
    return {
        "stacks": len(stacks),
        "cold_seconds": round(cold, 2),
        "unchanged_seconds": round(warm, 2),
        "unchanged_over_cold": round(warm / cold, 2),
    }


def _seconds(stacks: Mapping[str, Stack], kept: Path, day: date) -> float:
    environments = sorted({stack.environment for stack in stacks.values()})
    with Pool(kept, day) as pool:
        gate = Gate(stacks, {}, project_root() / "policies", pool, day)
        return gate.judge(environments, plans={}).seconds
