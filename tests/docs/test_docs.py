"""Every command and block of the documentation works, and every link leads somewhere."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from modules.core.config import Config
from modules.core.rates import Rate
from modules.core.services import Service

import pytest
import typer.main

from ekp.cli import app
from ekp.synth import project_root
from environments.schema import Environment, RegionSettings

ROOT = project_root()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Commands that another test runs, since they need a tool that may be missing.
RUN_ELSEWHERE = {
    """eval "$(ekp local env)" && cdktf deploy 'dev-*'""": "tests/apply/test_cdktf_cli.py"
}


@dataclass(frozen=True)
class Block:
    page: Path
    language: str
    text: str


def blocks(language: str) -> list[Block]:
    return [
        Block(page, kind, text)
        for page in PAGES
        for kind, text in FENCE.findall(page.read_text(encoding="utf-8"))
        if kind == language
    ]


def commands() -> Iterator[str]:
    for block in blocks("console"):
        for line in block.text.splitlines():
            assert line.startswith("$ "), f"{block.page.name}: {line}"
            yield line.removeprefix("$ ")


def test_the_commands_of_the_documentation_work_in_the_order_they_are_shown(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "EKP_WORKSPACE": str(tmp_path / "workspace"),
        "EKP_TODAY": "2026-11-21",
    }
    ran = []
    try:
        for command in commands():
            if not command.startswith("ekp "):
                continue
            done = subprocess.run(
                [sys.executable, "-m", *shlex.split(command)],
                capture_output=True,
                check=False,
                # What a command writes where it is called.
                cwd=tmp_path,
                env=environ,
                text=True,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            ran.append(command)
    finally:
        subprocess.run(
            [sys.executable, "-m", "ekp", "local", "stop"],
            capture_output=True,
            check=True,
            env=environ,
        )
    assert "ekp deploy dev --local" in ran


def test_every_make_target_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {c.split()[1] for c in commands() if c.startswith("make ")}
    inline = {t for page in PAGES for t in re.findall(r"`make ([a-z-]+)", page.read_text())}

    assert shown
    assert shown | inline <= targets


def test_no_other_command_is_shown() -> None:
    assert [c for c in commands() if c.split()[0] not in {"ekp", "make"}] == []
    for block in blocks("sh"):
        for line in block.text.splitlines():
            assert (ROOT / RUN_ELSEWHERE[line]).is_file()


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.page.name)
def test_python_of_the_documentation_runs(block: Block, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block.text],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    if "app.synth()" in block.text:
        assert list((tmp_path / "cdktf.out" / "stacks").iterdir())
    else:
        assert done.stdout


def mentioned() -> list[tuple[str, str]]:
    """Commands in running text, such as `ekp deploy ENV --recover`."""
    return sorted(
        {
            (page.relative_to(ROOT).as_posix(), text)
            for page in PAGES
            for text in re.findall(r"`(ekp [^`]+)`", page.read_text(encoding="utf-8"))
            if "..." not in text and "|" not in text
        }
    )


@pytest.mark.parametrize(("page", "text"), mentioned())
def test_a_command_that_is_mentioned_exists_with_those_options(page: str, text: str) -> None:
    words = shlex.split(text)[1:]
    command = typer.main.get_command(app)
    while words and (known_commands := getattr(command, "commands", None)):
        assert words[0] in known_commands, f"{page}: {text}"
        command = known_commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8"))

    for file, heading in links:
        target = page.parent / file if file else page
        titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert heading in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


def settings() -> list[str]:
    """Paths of settings in running text, such as `edge.zone.parent`."""
    pattern = re.compile(r"`((?:edge|regions\[R\]|identity|delivery)\.[a-z_.]+)`")
    return sorted({path for page in PAGES for path in pattern.findall(page.read_text())})


@pytest.mark.parametrize("path", settings())
def test_a_setting_that_is_mentioned_exists(path: str) -> None:
    first, *rest = path.removeprefix("regions[R].").split(".")
    model: Any = RegionSettings if path.startswith("regions") else Environment
    for name in [first, *rest]:
        assert name in model.model_fields, f"{path}: no {name} in {model.__name__}"
        kind = model.model_fields[name].annotation
        model = next((one for one in get_args(kind) if hasattr(one, "model_fields")), kind)


def defaults(model: type[Config], at: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting with its default as a table shows it, those inside a setting by path."""
    for name, field in model.model_fields.items():
        if field.is_required():
            yield f"{at}{name}", "needed"
            continue
        value = field.get_default(call_default_factory=True)
        if isinstance(value, Config) and not isinstance(value, Rate) and "kind" not in vars(value):
            yield from defaults(type(value), f"{at}{name}.")
        else:
            yield f"{at}{name}", str(getattr(value, "kind", value) or "none")


def test_the_guide_has_every_setting_of_a_service_with_its_default() -> None:
    page = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
    table = page.partition("### Settings\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \| (.*?) \|", table, re.MULTILINE)

    assert rows == list(defaults(Service))


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text())

    assert listed == sorted(page.name for page in folder.glob("[0-9]*.md"))
