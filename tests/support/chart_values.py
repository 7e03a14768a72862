"""Values of releases against the charts' own keys and schemas, where the charts are at hand."""

import importlib.util
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

SHARED = Path(__file__).resolve().parents[3] / "shared"
CHARTS = SHARED / "charts"


def complaints(folder: str, values: Mapping[str, Mapping[str, Any]], folder_of: Path) -> list[str]:
    """Return what a chart says against values, by the name each has; skip without the charts.

    ``folder_of`` takes the values as files. Keys that a chart names in a comment alone are notes,
    which say so and are left out.
    """
    tool = _tool()
    files = []
    for name, found in values.items():
        file = folder_of / f"{name}.yaml"
        file.write_text(yaml.safe_dump(dict(found)), encoding="utf-8")
        files.append(str(file))
    printed = StringIO()
    with redirect_stdout(printed):
        tool.main(["check", str(CHARTS / folder), *files])
    lines = [line.removeprefix(f"{folder_of}/") for line in printed.getvalue().splitlines()]
    return [line for line in lines if "only in a comment" not in line]


def _tool() -> ModuleType:
    file = SHARED / "tools" / "check_helm_values.py"
    if not file.is_file():
        pytest.skip(f"the charts are not at hand: {file} is missing")
    spec = importlib.util.spec_from_file_location("check_helm_values", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
