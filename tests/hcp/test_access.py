"""Which token goes where, and what is said when it opens nothing."""

import json
import socket
from pathlib import Path

import pytest

from .conftest import TOKEN, Ekp, Hcp
from .synthesis import HOSTNAME


def test_no_token_says_where_one_comes_from(ekp: Ekp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFE_TOKEN")

    done = ekp("plan")

    assert done.code == 1
    assert f"There is no token for {HOSTNAME}." in done.err
    assert f"terraform login {HOSTNAME}" in done.err
    assert "TF_TOKEN_tfe_acme_example" in done.err


def test_the_token_of_terraform_login_is_taken(
    ekp: Ekp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TFE_TOKEN")
    file = tmp_path / "home" / ".terraform.d" / "credentials.tfrc.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"credentials": {HOSTNAME: {"token": TOKEN}}}))

    assert ekp("plan").code == 0


def test_terraforms_own_variable_for_the_host_is_taken(
    ekp: Ekp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TFE_TOKEN")
    monkeypatch.setenv("TF_TOKEN_tfe_acme_example", TOKEN)

    assert ekp("plan").code == 0


def test_credentials_that_cannot_be_read_are_not_quoted(
    ekp: Ekp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TFE_TOKEN")
    file = tmp_path / "home" / ".terraform.d" / "credentials.tfrc.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"credentials": {"token-in-here"')

    done = ekp("plan")

    assert done.code == 1
    assert "cannot be read" in done.err
    assert "token-in-here" not in done.everything


def test_a_wrong_token_is_named_by_its_source_and_never_shown(
    ekp: Ekp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFE_TOKEN", "wrong-and-secret")

    done = ekp("plan")

    assert done.code == 1
    assert "does not take the token from TFE_TOKEN" in done.err
    assert "wrong-and-secret" not in done.everything


def test_an_organization_that_is_not_there_is_named(ekp: Ekp, hcp: Hcp) -> None:
    hcp.store.remove(hcp.one("organizations", "acme"))

    done = ekp("plan")

    assert done.code == 1
    assert f"{HOSTNAME} has no organization acme, or hides it" in done.err


def test_nobody_who_answers_is_said_so(ekp: Ekp, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("TFE_ADDRESS", f"http://127.0.0.1:{taken.getsockname()[1]}")
        done = ekp("plan")

    assert done.code == 1
    assert f"{HOSTNAME} cannot be reached" in done.err


def test_the_token_goes_to_the_host_of_the_settings_alone(
    ekp: Ekp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFE_ADDRESS", "https://elsewhere.example")

    done = ekp("plan")

    assert done.code == 1
    assert f"TFE_ADDRESS is https://elsewhere.example, and the settings say {HOSTNAME}" in done.err
