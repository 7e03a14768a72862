"""`ekp drill`: what is asked for is run, shown and written, and the exit code says how it went."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ekp.commands.workspace import Workspace
from ekp.configured.environment import Configured
from ekp.drill import drills
from ekp.drill.place import Place
from ekp.drill.report import Drill
from ekp.local import process
from ekp.local.process import LocalAws
from tests.drill import made_up
from tests.runner.synthesis import Sketch, synthesize

from .test_every_command import Program

Run = Callable[[str, Configured, Place], Drill]


@pytest.fixture
def ekp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    """`ekp` over one stack of dev, with two drills that were made up."""
    synthesize(tmp_path / "cdktf.out", {"dev-edge": Sketch()})
    (tmp_path / "cdktf.out" / "services" / "dev").mkdir(parents=True)
    monkeypatch.setattr(Workspace, "outdir", tmp_path / "cdktf.out")
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.chdir(tmp_path)
    found = {"region-down": made_up.HELD, "overload": made_up.BROKEN}
    monkeypatch.setattr(drills, "NAMES", dict.fromkeys(found, ""))
    monkeypatch.setattr("ekp.commands.drill.NAMES", dict.fromkeys(found, ""))
    monkeypatch.setattr(drills, "run", lambda name, *_: found[name])
    return Program(monkeypatch, capsys)


def test_without_a_name_the_drills_are_listed(ekp: Program) -> None:
    done = ekp("drill")

    assert done.code == 0
    assert all(name in done.out for name in drills.BREAKS)


@pytest.mark.parametrize(("name", "code"), [("region-down", 0), ("overload", 1), ("all", 1)])
def test_the_exit_code_says_whether_a_drill_failed(ekp: Program, name: str, code: int) -> None:
    assert ekp("drill", name, "dev").code == code


def test_one_drill_is_shown_with_its_checks_and_what_mends_it(ekp: Program) -> None:
    done = ekp("drill", "overload", "dev")

    assert "Too many good requests (overload, prod)" in done.out
    assert "failed: A pod never takes more than it can." in done.out
    assert "  Set `capacity` of the service." in done.out
    assert "not looked at: The alert comes within a minute." in done.out
    assert done.out.rstrip().endswith(
        "failed: 1 of 4 checks hold, 1 fails, 1 weak spot, 1 not looked at"
    )
    # A terminal obeys nothing that others wrote.
    assert "\x1b[31mred" not in done.out


def test_all_of_them_are_told_as_they_end_and_summed_up(ekp: Program) -> None:
    done = ekp("drill", "all", "dev")

    assert done.err.splitlines() == [
        "region-down: passed, 2 of 2 checks hold",
        "overload: failed, 1 of 4 checks hold, 1 fails, 1 weak spot, 1 not looked at",
    ]
    assert done.out.index("drills of dev") < done.out.index("A region goes down")
    assert "1 of 2 drills failed (overload)" in done.out


def test_figures_are_shown_where_they_are_wanted(ekp: Program) -> None:
    assert "Where users go" not in ekp("drill", "region-down", "dev").out
    assert "Where users go" in ekp("drill", "region-down", "dev", "--tables").out


def test_json_is_the_report_and_nothing_else(ekp: Program) -> None:
    told = json.loads(ekp("drill", "all", "dev", "--json").out)

    assert (told["environment"], told["outcome"]) == ("dev", "failed")
    assert [one["name"] for one in told["drills"]] == ["region-down", "overload"]


def test_files_are_written_as_their_names_end(ekp: Program, tmp_path: Path) -> None:
    files = ("a.md", "b.JSON", "c.html")
    options = [word for name in files for word in ("--out", name)]
    done = ekp("drill", "all", "dev", *options, "--html", "page")

    assert done.code == 1
    assert (tmp_path / "a.md").read_text("utf-8").startswith("# Drills of dev\n")
    assert json.loads((tmp_path / "b.JSON").read_text("utf-8"))["outcome"] == "failed"
    for name in ("c.html", "page"):
        assert (tmp_path / name).read_text("utf-8").startswith("<!doctype html>")
    assert done.err.splitlines()[2:] == [
        *("written: page", "written: a.md", "written: b.JSON", "written: c.html"),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("regiondown", "dev"), "Did you mean region-down?"),
        (("everything", "dev"), "Drills: region-down, overload, all."),
        (("all",), "name the environment"),
        (("all", "dev", "--out", "report.pdf"), "end it in one of .html, .md, .json"),
        (("all", "dve"), "Did you mean dev?"),
    ],
)
def test_what_cannot_be_is_answered_with_what_can(
    ekp: Program, words: tuple[str, ...], told: str
) -> None:
    done = ekp("drill", *words)

    assert done.code == 2
    assert told in " ".join(done.err.replace("│", "").split())
    assert done.out == ""


def test_the_local_aws_has_to_run(ekp: Program) -> None:
    done = ekp("drill", "all", "dev", "--local")

    assert done.code == 1
    assert "No local AWS runs" in done.err
    assert "`ekp deploy dev --local`" in done.err


def seen(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> list[Mapping[str, str] | None]:
    """Let a local AWS run somewhere, and return what drills are given of it."""
    given: list[Mapping[str, str] | None] = []

    def run(_name: str, _configured: Configured, place: Place) -> Drill:
        given.append(place.aws)
        return made_up.HELD

    monkeypatch.setattr(process, "status", lambda folder: LocalAws(endpoint, 1, folder))
    monkeypatch.setattr(drills, "run", run)
    return given


def test_drills_are_led_to_the_local_aws(ekp: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    given = seen(monkeypatch, "http://127.0.0.1:5000")

    done = ekp("drill", "region-down", "dev", "--local")

    (aws,) = given
    assert aws is not None
    assert aws["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
    assert "AWS_PROFILE" not in aws
    assert done.code == 0
    assert "No part of region-down was run on the local AWS." in done.out


@pytest.mark.parametrize(
    "endpoint", ["https://sts.eu-west-1.amazonaws.com", "http://10.0.0.5:5000", "nonsense"]
)
def test_no_drill_ever_meets_another_aws(
    ekp: Program, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    given = seen(monkeypatch, endpoint)

    done = ekp("drill", "all", "dev", "--local")

    assert done.code == 1
    assert "never touch a real account" in done.err
    assert given == []


def test_without_the_option_no_drill_knows_a_local_aws(
    ekp: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = seen(monkeypatch, "http://127.0.0.1:5000")

    ekp("drill", "all", "dev")

    assert given == [None, None]


def test_services_of_another_folder_take_the_place_of_the_rendered_ones(
    ekp: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: list[Any] = []

    def run(_name: str, configured: Configured, _place: Place) -> Drill:
        found.extend(configured.services)
        return made_up.HELD

    monkeypatch.setattr(drills, "run", run)
    (tmp_path / "git").mkdir()
    (tmp_path / "git" / "one.yaml").write_text("{kind: Service, metadata: {name: one}}\n", "utf-8")

    assert ekp("drill", "overload", "dev", "--services", "git").code == 0
    assert [one["metadata"]["name"] for one in found] == ["one"]
