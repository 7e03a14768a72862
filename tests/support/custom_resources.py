"""Custom resources against the definitions of the charts, where these are at hand."""

import importlib.util
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from .chart_values import SHARED

TOOL = SHARED / "tools" / "check_manifests.py"


def mistakes(objects: Sequence[Mapping[str, Any]], folder: Path) -> list[str]:
    """Return what the definitions say against the objects; skip without the charts.

    ``folder`` takes the objects as a file.
    """
    if not TOOL.is_file():
        pytest.skip(f"the definitions are not at hand: {TOOL} is missing")
    file = folder / "objects.yaml"
    text = yaml.dump_all([dict(found) for found in objects], Dumper=yaml.CSafeDumper)
    file.write_text(text, encoding="utf-8")
    printed = StringIO()
    with redirect_stdout(printed):
        failed = _tool().main(["check", str(file)])
    *lines, summary = printed.getvalue().splitlines()
    return lines if failed or lines else ([] if " 0 errors" in summary else [summary])


@cache
def _tool() -> Any:
    """Return the tool; the definitions, some megabytes of YAML, are read once in a process."""
    spec = importlib.util.spec_from_file_location("check_manifests", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    definitions = module.load_crds()
    closed = {key: module.strict(schema) for key, schema in definitions.items()}
    module.load_crds = lambda: closed
    module.strict = lambda schema: schema
    return module
