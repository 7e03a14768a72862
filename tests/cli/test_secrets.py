"""`ekp secrets` shows what people make in a cluster, from cdktf.out alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands.console import out
from ekp.commands.secrets import HOW
from ekp.commands.workspace import Workspace
from ekp.runner.stacks import Stack

from .conftest import Ekp

LICENCE = {
    "namespace": "kubecost",
    "name": "licence",
    "keys": ["productkey.json"],
    "purpose": 'the licence, as {"key": "[one]"}',
    "labels": {},
    "blocks": True,
}
LOGIN = {
    "namespace": "argocd",
    "name": "login",
    "keys": ["client-secret"],
    "purpose": "sign-in",
    "labels": {"app.kubernetes.io/part-of": "argocd"},
    "blocks": False,
}


def stack(id_: str, *secrets: Mapping[str, Any]) -> Stack:
    facts = {"ekp": {"bootstrap_secrets": [*secrets]} if secrets else {}}
    environment, _, layer = id_.partition("-")
    return Stack(id_, Path(), environment, "eu-west-1", layer, (), {}, {"//": facts})


@pytest.fixture(autouse=True)
def _synthesized(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two environments; one has a hub."""
    every = [stack("hub-cluster"), stack("hub-tools", LICENCE, LOGIN), stack("dev-cluster")]

    def synthesize(_space: Workspace) -> Mapping[str, Stack]:
        return {one.id: one for one in every}

    monkeypatch.setattr(Workspace, "synthesize", synthesize)
    monkeypatch.setattr(out, "width", 160)


def shown(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["secrets", *arguments])


def test_every_secret_of_the_environment_is_shown_with_what_it_is_for() -> None:
    done = shown("hub")

    assert done.exit_code == 0
    rows = [line.split("│") for line in done.stdout.splitlines() if "│" in line]
    cells = [[cell.strip() for cell in row[1:-1]] for row in rows]
    assert [
        "hub-tools",
        "kubecost/licence",
        "productkey.json",
        'the licence, as {"key": "[one]"}',
        "its stack does not deploy",
    ] in cells
    assert ["hub-tools", "argocd/login", "client-secret", "sign-in", "the rest works"] in cells
    assert any("label app.kubernetes.io/part-of=argocd" in row for row in cells)


def test_the_commands_that_make_them_are_shown_whole() -> None:
    done = shown("hub")

    for line in (
        HOW,
        "# hub-tools",
        "kubectl -n kubecost create secret generic licence \\",
        "    --from-file=productkey.json=FILE",
        "kubectl -n argocd label secret login \\",
        "    app.kubernetes.io/part-of=argocd",
    ):
        assert line in done.stdout.splitlines()


def test_the_list_is_json_when_asked_for() -> None:
    found = json.loads(shown("hub", "--json").stdout)["secrets"]

    assert [{k: v for k, v in one.items() if k != "commands"} for one in found] == [
        {"stack": "hub-tools", **LICENCE},
        {"stack": "hub-tools", **LOGIN},
    ]
    assert len(found[1]["commands"]) == 2


def test_an_environment_that_needs_none_is_said_to() -> None:
    assert shown("dev").stdout == "dev needs no Secrets that people make.\n"
    assert json.loads(shown("dev", "--json").stdout) == {"secrets": []}


def test_the_hub_of_the_settings_has_its_list(ekp: Ekp) -> None:
    done = ekp("secrets", "management")

    assert done.returncode == 0, done.stderr
    for name in ("kubecost/kubecost-licence", "kubecost/kubecost-entra-id", "argocd/argocd-entra"):
        assert name in done.stdout


def test_an_unknown_environment_is_answered_with_the_known_ones(ekp: Ekp) -> None:
    done = ekp("secrets", "prdo")

    assert done.returncode == 2
    assert "Did you mean prod?" in done.stderr
