"""Every command and block of the documentation works, and every link leads somewhere."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from modules.core.config import Config
from modules.core.rates import Rate
from modules.core.services import Service

import pytest
import typer.main

from ekp.cli import app
from environments.schema import Environment, RegionSettings

from .pages import PAGES, ROOT, Block, blocks, headings, links
from .pages import name as path_of

# Commands that another test runs, since they need a tool that may be missing.
RUN_ELSEWHERE = {
    """eval "$(ekp local env)" && cdktf deploy 'dev-*'""": "tests/apply/test_cdktf_cli.py"
}


def lines(block: Block) -> list[str]:
    """Return the commands of a block."""
    found = block.text.splitlines()
    assert all(line.startswith("$ ") for line in found), block.where
    return [line.removeprefix("$ ") for line in found]


def commands() -> list[str]:
    return [line for block in blocks("console") for line in lines(block)]


def sessions() -> dict[str, list[str]]:
    """Return what is run in one go: the commands of a page, and by itself what follows a deploy.

    A block that stands twice is run once.
    """
    found: dict[str, list[str]] = {}
    seen = set()
    for block in blocks("console"):
        ours = [line for line in lines(block) if line.startswith("ekp ")]
        if not ours or block.text in seen:
            continue
        seen.add(block.text)
        page = path_of(block.page)
        tour = any(line.startswith("ekp deploy ") for line in ours)
        if tour or deployed(found.get(f"{page}, deployed", [])):
            page = f"{page}, deployed"
        found.setdefault(page, []).extend(ours)
    return found


def deployed(ran: list[str]) -> bool:
    """Tell whether an environment is still there after these commands."""
    return bool(ran) and ran[-1] != "ekp local stop"


@pytest.mark.parametrize("session", [*sessions()])
def test_the_commands_of_the_documentation_work_in_the_order_they_are_shown(
    session: str, tmp_path: Path
) -> None:
    environ = {
        **os.environ,
        "EKP_WORKSPACE": str(tmp_path / "workspace"),
        "EKP_TODAY": "2026-11-21",
    }

    def ran(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *words],
            capture_output=True,
            check=False,
            # What a command writes where it is called.
            cwd=tmp_path,
            env=environ,
            input=typed,
            text=True,
        )

    typed = sessions()[session]
    try:
        if session.startswith("README"):
            for line in typed:
                check(line, ran(*shlex.split(line)))
        else:
            check(session, ran("tests.docs.session", typed="\n".join(typed)))
    finally:
        ran("ekp", "local", "stop")


def check(what: str, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, f"{what}\n{done.stdout}{done.stderr}"


def test_the_tour_deploys_an_environment_and_takes_it_away() -> None:
    (tour,) = (ran for page, ran in sessions().items() if page.endswith("deployed"))

    assert tour[0] == "ekp deploy dev --local"
    assert tour[-2:] == ["ekp destroy dev --local", "ekp local stop"]


def test_the_readme_s_table_has_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("| command | for |\n")[2].partition("\n\n")[0]
    shown = {words.split()[1] for words in re.findall(r"`(ekp [^`]+)`", table)}

    command: Any = typer.main.get_command(app)
    assert shown == {*command.commands}


def test_every_make_target_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {c.split()[1] for c in commands() if c.startswith("make ")}
    inline = {t for page in PAGES for t in re.findall(r"`make ([a-z-]+)", page.read_text())}

    assert shown
    assert shown | inline <= targets


def test_no_other_command_is_shown() -> None:
    assert [c for c in commands() if c.split()[0] not in {"ekp", "make"}] == []
    ours = [
        line for block in blocks("sh") for line in block.text.splitlines() if "cdktf deploy" in line
    ]
    assert ours == list(RUN_ELSEWHERE)
    assert all((ROOT / test).is_file() for test in RUN_ELSEWHERE.values())


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


# Between backticks, or at the start of a line of a block of the shell.
MENTION = r"(?:`|^ *(?=ekp ))(ekp [^`&\n]+?)(?:`| *&&|$)"


def mentioned() -> list[tuple[str, str]]:
    """Commands in running text, such as `ekp deploy ENV --recover`."""
    return sorted(
        {
            (page.relative_to(ROOT).as_posix(), text)
            for page in PAGES
            for text in re.findall(MENTION, page.read_text(encoding="utf-8"), re.MULTILINE)
            if "..." not in text and "|" not in text
        }
    )


@pytest.mark.parametrize(("page", "text"), mentioned())
def test_a_command_that_is_mentioned_exists_with_those_options(page: str, text: str) -> None:
    words = shlex.split(text)[1:]
    command: Any = typer.main.get_command(app)
    while words and getattr(command, "commands", None):
        # A group may take another word than the name of a command; a wrong one it refuses.
        context = command.make_context("ekp", [], resilient_parsing=True)
        _, command, words = command.resolve_command(context, words)
        assert command, f"{page}: {text}"
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=path_of)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links(page):
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        if heading:
            assert heading in headings(target), link


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


def test_every_package_is_in_the_architecture_s_list() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {
        f"ekp/{folder.name}/"
        for folder in (ROOT / "ekp").iterdir()
        if (folder / "__init__.py").is_file()
    }

    assert {package for package in packages if package not in page} == set()
