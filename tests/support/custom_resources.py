"""Custom resources against the definitions of the charts, where these are at hand."""

import importlib.util
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from .chart_values import SHARED


def mistakes(objects: Sequence[Mapping[str, Any]], folder: Path) -> list[str]:
    """Return what the definitions say against the objects; skip without the charts.

    ``folder`` takes the objects as a file.
    """
    tool = SHARED / "tools" / "check_manifests.py"
    if not tool.is_file():
        pytest.skip(f"the definitions are not at hand: {tool} is missing")
    spec = importlib.util.spec_from_file_location("check_manifests", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    file = folder / "objects.yaml"
    file.write_text(yaml.safe_dump_all([dict(found) for found in objects]), encoding="utf-8")
    printed = StringIO()
    with redirect_stdout(printed):
        failed = module.main(["check", str(file)])
    *lines, summary = printed.getvalue().splitlines()
    return lines if failed or lines else ([] if " 0 errors" in summary else [summary])
