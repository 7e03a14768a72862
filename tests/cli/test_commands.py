"""What the commands print and leave behind."""

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekp.cli import app
from tests.support.reference.commands import commands as every_command

from .conftest import Ekp


def commands() -> list[str]:
    """Return every command, groups unfolded; a group that does something itself, too."""
    return [words.removeprefix("ekp ") for words, _ in every_command()]


@pytest.mark.parametrize("command", commands())
def test_the_help_of_every_command_shows_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--help"], color=False)

    assert done.exit_code == 0
    assert "Example: " in done.output
    assert f"ekp {command}" in done.output.split("Example: ")[1]


def test_synth_writes_every_environment_and_lists_the_one_that_is_asked_for(ekp: Ekp) -> None:
    every = json.loads(ekp("synth", "--json").stdout)["stacks"]
    one = json.loads(ekp("synth", "qa", "--json").stdout)["stacks"]

    assert len(every) == 31
    assert [s["stack"] for s in one] == [
        "qa-edge",
        *(
            f"qa-eu-west-1-{layer}"
            for layer in ("cluster", "ingress", "network", "platform", "tenants")
        ),
    ]
    assert all(Path(s["folder"], "cdk.tf.json").is_file() for s in every)
    assert all(s["resources"] > 0 for s in every)


def test_the_local_aws_is_started_found_and_stopped(ekp: Ekp) -> None:
    assert ekp("local", "status").returncode == 1

    started = json.loads(ekp("local", "start", "--json").stdout)
    again = json.loads(ekp("local", "start", "--json").stdout)
    found = json.loads(ekp("local", "status", "--json").stdout)
    assert started["endpoint"].startswith("http://127.0.0.1:")
    assert started == again == found

    assert json.loads(ekp("local", "stop", "--json").stdout)["stopped"] is True
    assert json.loads(ekp("local", "status", "--json").stdout) == {"running": False}
    assert json.loads(ekp("local", "stop", "--json").stdout)["stopped"] is False


def test_a_port_that_is_taken_is_refused_in_words(ekp: Ekp) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = ekp("local", "start", "--port", str(port))

    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "choose another port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.requirement("R46")
def test_the_variables_of_the_local_aws_lead_nowhere_else(ekp: Ekp) -> None:
    lines = ekp("local", "env", AWS_PROFILE="bank", AWS_SESSION_TOKEN="real").stdout.splitlines()
    endpoint = json.loads(ekp("local", "status", "--json").stdout)["endpoint"]

    assert f"export AWS_ENDPOINT_URL={endpoint}" in lines
    assert "unset AWS_PROFILE" in lines
    assert "unset AWS_SESSION_TOKEN" in lines
    assert "export CDKTF_SKIP_PROVIDER_LOCK=true" in lines


def test_doctor_is_content_with_this_machine_and_says_what_it_found(ekp: Ekp) -> None:
    done = ekp("doctor", "--json")

    found = {f["name"]: f for f in json.loads(done.stdout)["findings"]}
    assert done.returncode == 0
    assert {"Python", "Terraform", "Node", "cdktf", "provider mirror", "AWS credentials"} <= set(
        found
    )
    assert found["Node"]["found"].startswith("v24.")
    assert found["cdktf-cdktf-provider-aws"]["found"] == "20.1.0"


def test_doctor_says_what_to_do_about_what_is_missing(ekp: Ekp, tmp_path: Path) -> None:
    done = ekp("doctor", "--json", EKP_TERRAFORM="no-such-terraform", HOME=str(tmp_path))

    diagnosis = json.loads(done.stdout)
    found = {f["name"]: f for f in diagnosis["findings"]}
    assert done.returncode == 1
    assert diagnosis["healthy"] is False
    assert found["Terraform"]["state"] == "missing"
    assert "Install Terraform >= 1.10" in found["Terraform"]["remedy"]
    assert found["AWS credentials"]["state"] == "note"


def test_doctor_looks_for_the_cli_that_signs_in_to_clusters(ekp: Ekp, tmp_path: Path) -> None:
    cli = tmp_path / "aws"
    for there, state in ((False, "note"), (True, "good")):
        if there:
            cli.write_text("#!/bin/sh\n", encoding="utf-8")
            cli.chmod(0o755)
        done = ekp("doctor", "--json", PATH=str(tmp_path))
        found = {f["name"]: f for f in json.loads(done.stdout)["findings"]}
        assert found["AWS CLI"]["state"] == state


def test_outputs_before_a_deploy_say_that_there_are_none(ekp: Ekp) -> None:
    assert ekp("synth").returncode == 0

    done = ekp("outputs", "dev", "--local")

    assert done.returncode == 0
    assert done.stdout.count("nothing: not deployed yet") == 6
