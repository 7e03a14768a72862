"""What a trace and the drills cost on stacks that are synthesized."""

import os
import subprocess
import sys
import time
from typing import Any

from ekp.synth import project_root

URL = "https://shop.prod.ekp.example/cart"
ROUNDS = 3


def measure(day: str) -> dict[str, Any]:
    """Return the seconds of a trace, a fresh process each time, beside those of the help text."""
    environ = {**os.environ, "EKP_TODAY": day}
    _seconds(environ, "synth", "--json")
    shown = min(_seconds(environ, "--help") for _ in range(ROUNDS))
    traced = min(_seconds(environ, "trace", URL, "prod", "--json") for _ in range(ROUNDS))
    return {
        "seconds": round(traced, 2),
        "over_help": round(traced / shown, 1),
        "drill_all_prod_seconds": round(_seconds(environ, "drill", "all", "prod", "--json"), 1),
    }


def _seconds(environ: dict[str, str], *words: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "ekp", *words],
        check=True,
        cwd=project_root(),
        env=environ,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began
