"""The reference says what the code is, and says all of it."""

import re
from pathlib import Path

from modules.addons.charts import CHARTS
from modules.core.tenants import Tenant

import pytest

from environments.schema import Environment
from tests.support import reference
from tests.support.reference.commands import commands
from tests.support.reference.settings import models

from .pages import DOCS

FOLDER = DOCS / "reference"
RESTORE = "run `pytest tests/docs/test_reference.py --update-reference` and commit it"


def test_the_reference_is_what_the_code_says(request: pytest.FixtureRequest, stacks: Path) -> None:
    made = dict(reference.pages(stacks))
    if request.config.getoption("--update-reference", default=False):
        for name, text in made.items():
            (FOLDER / name).write_text(text, encoding="utf-8")

    committed = {page.name: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}
    committed.pop("index.md")
    stale = [name for name in committed | made if committed.get(name) != made.get(name)]
    assert stale == [], f"docs/reference is stale: {RESTORE}"


def rows(page: str, heading: str) -> list[str]:
    """Return what the first cells of the table below a heading hold."""
    text = (FOLDER / page).read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_every_setting_stands_in_one_table() -> None:
    of_tenants = models(Tenant)
    for model in {*models(Environment), *of_tenants}:
        page = "tenant-file.md" if model in of_tenants else "settings.md"
        assert rows(page, model.__name__) == list(model.model_fields)


def test_every_setting_has_a_meaning() -> None:
    without = [
        f"{model.__name__}.{name}"
        for model in {*models(Environment), *models(Tenant)}
        for name, field in model.model_fields.items()
        if not field.description
    ]

    assert sorted(without) == []


def test_every_command_and_every_chart_is_there() -> None:
    shown = (FOLDER / "commands.md").read_text(encoding="utf-8")
    charts = (FOLDER / "charts.md").read_text(encoding="utf-8")

    assert re.findall(r"^## (ekp.*)$", shown, re.MULTILINE) == [words for words, _ in commands()]
    assert re.findall(r"^\| `([^`]+)`", charts, re.MULTILINE) == [one.folder for one in CHARTS]
