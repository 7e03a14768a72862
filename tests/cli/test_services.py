"""`ekp services render` writes what Argo CD applies, and tells pipelines what is out of date."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.core.services import Service
from modules.core.site import Site
from modules.kubernetes.manifest import Manifest

import pytest
import typer
from typer.testing import CliRunner, Result

from ekp.commands import services as command
from ekp.commands.console import err, out
from ekp.runner import stacks
from ekp.runner.errors import NotWritableError, UnknownEnvironmentError
from ekp.runner.stacks import Stack
from ekp.services.render import ForeignFileError
from ekp.synth import InvalidSettingsError

app = typer.Typer()
app.add_typer(command.services, name="services")


@dataclass
class Described:
    """An environment, as far as its services' objects need one."""

    name: str
    services: tuple[Service, ...] = ()

    def site(self) -> Site:
        return Site(domain=f"{self.name}.ekp.example")


def service(name: str, tag: str = "1") -> Service:
    return Service(name=name, namespace="shop", image=f"registry.example.org/shop/{name}:{tag}")


def objects(one: Service, _site: Site) -> list[Manifest]:
    kinds = ("ServiceAccount", "Service")
    return [
        Manifest(api_version="v1", kind=kind, name=one.name, fields={"image": one.image})
        for kind in kinds
    ]


@pytest.fixture
def environments(monkeypatch: pytest.MonkeyPatch) -> dict[str, Described]:
    every = {
        "prod": Described("prod", (service("catalog"), service("orders"))),
        "management": Described("management"),
    }
    monkeypatch.setattr(command, "environments", lambda: every)
    monkeypatch.setattr(command, "_objects_of", lambda: objects)
    for console in (out, err):
        monkeypatch.setattr(console, "width", 200)
    return every


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["services", "render", *arguments])


def rows(done: Result) -> list[list[str]]:
    lines = [line.split("│") for line in done.stdout.splitlines() if "│" in line]
    return [[cell.strip() for cell in line[1:-1]] for line in lines]


@pytest.mark.requirement("R45")
@pytest.mark.usefixtures("environments")
def test_every_service_of_the_environment_is_written_and_shown(tmp_path: Path) -> None:
    done = run("prod", "--out", str(tmp_path))

    assert done.exit_code == 0
    assert rows(done) == [
        ["shop", name, "2", str(tmp_path / f"shop/{name}.yaml"), "written"]
        for name in ("catalog", "orders")
    ]
    assert {file.name for file in (tmp_path / "shop").iterdir()} == {"catalog.yaml", "orders.yaml"}


def test_a_later_run_shows_what_is_unchanged_and_what_is_removed(
    tmp_path: Path, environments: dict[str, Described]
) -> None:
    run("prod", "--out", str(tmp_path))
    environments["prod"].services = (service("catalog"),)

    done = run("prod", "--out", str(tmp_path), "--json")

    assert json.loads(done.stdout) == {
        "environment": "prod",
        "check": False,
        "files": [
            {
                "namespace": "shop",
                "service": name,
                "objects": number,
                "file": str(tmp_path / f"shop/{name}.yaml"),
                "state": state,
            }
            for name, number, state in (("catalog", 2, "unchanged"), ("orders", 0, "removed"))
        ],
    }


@pytest.mark.requirement("R45")
def test_a_pipeline_is_told_which_files_are_out_of_date_and_nothing_is_written(
    tmp_path: Path, environments: dict[str, Described]
) -> None:
    run("prod", "--out", str(tmp_path))
    assert run("prod", "--out", str(tmp_path), "--check").exit_code == 0
    before = (tmp_path / "shop/catalog.yaml").read_bytes()
    environments["prod"].services = (service("catalog", tag="2"), service("ledger"))

    done = run("prod", "--out", str(tmp_path), "--check")

    assert done.exit_code == 1
    assert [(row[1], row[4]) for row in rows(done)] == [
        ("catalog", "to write"),
        ("ledger", "to write"),
        ("orders", "to remove"),
    ]
    assert "3 of 3 files differ from the settings: " in done.stderr
    assert str(tmp_path / "shop/catalog.yaml") in done.stderr
    assert f"Run `ekp services render prod --out {tmp_path}` and commit" in done.stderr
    assert (tmp_path / "shop/catalog.yaml").read_bytes() == before
    assert not (tmp_path / "shop/ledger.yaml").exists()
    assert (tmp_path / "shop/orders.yaml").exists()


@pytest.mark.usefixtures("environments")
def test_a_pipeline_is_told_of_files_that_were_not_rendered_and_argo_cd_would_apply(
    tmp_path: Path,
) -> None:
    run("prod", "--out", str(tmp_path))
    (tmp_path / "README.md").write_text("fine\n", encoding="utf-8")
    assert run("prod", "--out", str(tmp_path), "--check").exit_code == 0
    by_hand = tmp_path / "shop/by-hand.yaml"
    by_hand.write_text("kind: Rollout\n", encoding="utf-8")

    done = run("prod", "--out", str(tmp_path), "--check")

    assert done.exit_code == 1
    assert rows(done)[0] == ["", "", "0", str(by_hand), "not rendered by ekp"]
    assert f"Not rendered by ekp for prod: {by_hand}\n" in done.stderr
    assert "delete them, or keep them elsewhere" in done.stderr
    assert "differ from the settings" not in done.stderr


@pytest.mark.usefixtures("environments")
def test_a_run_leaves_files_that_were_not_rendered_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    by_hand = tmp_path / "shop/by-hand.yaml"
    by_hand.write_text("kind: Rollout\n", encoding="utf-8")

    done = run("prod", "--out", str(tmp_path), "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout)["files"][0] == {
        "namespace": "",
        "service": "",
        "objects": 0,
        "file": str(by_hand),
        "state": "not rendered by ekp",
    }
    assert by_hand.read_text(encoding="utf-8") == "kind: Rollout\n"
    assert (tmp_path / "shop/catalog.yaml").is_file()


@pytest.mark.usefixtures("environments")
def test_a_check_as_json_prints_one_document_and_fails_too(tmp_path: Path) -> None:
    done = run("prod", "--out", str(tmp_path / "new"), "--check", "--json")

    assert done.exit_code == 1
    assert json.loads(done.stdout)["check"] is True
    assert {one["state"] for one in json.loads(done.stdout)["files"]} == {"to write"}
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("environments")
def test_an_environment_without_services_says_so_and_makes_no_folder(tmp_path: Path) -> None:
    done = run("management", "--out", str(tmp_path / "new"))

    assert (done.exit_code, done.stdout) == (0, "management has no services.\n")
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("environments")
def test_an_unknown_environment_is_answered_as_by_every_command(tmp_path: Path) -> None:
    known: Mapping[str, Stack] = {
        name: Stack(name, Path(), name, "eu-west-1", "edge", (), {}, {})
        for name in ("prod", "management")
    }
    with pytest.raises(UnknownEnvironmentError) as elsewhere:
        stacks.of_environment(known, "prdo")

    done = run("prdo", "--out", str(tmp_path))

    assert isinstance(done.exception, UnknownEnvironmentError)
    assert str(done.exception) == str(elsewhere.value)


@pytest.mark.usefixtures("environments")
def test_a_file_in_the_way_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/catalog.yaml").write_text("kind: Service\n", encoding="utf-8")

    done = run("prod", "--out", str(tmp_path))

    assert isinstance(done.exception, ForeignFileError)
    assert not (tmp_path / "shop/orders.yaml").exists()


@pytest.mark.usefixtures("environments")
def test_a_folder_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run("prod", "--out", str(tmp_path / "file" / "services"))

    assert isinstance(done.exception, NotWritableError)
    assert "cannot be written: Not a directory" in done.exception.message


@pytest.mark.usefixtures("environments")
def test_what_only_rendering_finds_is_an_error_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(_one: Service, _site: Any) -> Sequence[Manifest]:
        raise ValueError("the name is too long; shorten it")

    monkeypatch.setattr(command, "_objects_of", lambda: too_long)

    done = run("prod", "--out", str(tmp_path))

    assert isinstance(done.exception, InvalidSettingsError)
    assert done.exception.problems == ("prod.services: the name is too long; shorten it",)


def test_a_folder_is_asked_for_and_the_help_shows_an_example() -> None:
    assert run("prod").exit_code == 2
    assert "Example: ekp services render prod --out services/prod" in run("--help").stdout
