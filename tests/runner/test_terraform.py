"""The Terraform binary and its command lines."""

import stat
from pathlib import Path

import pytest

from ekp.runner import terraform
from ekp.runner.errors import TerraformMissingError, TerraformTooOldError


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_missing_terraform_is_one_message_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(TerraformMissingError, match=r"Install Terraform >= 1\.10"):
        terraform.find({"PATH": str(tmp_path)})


def test_a_terraform_that_cannot_lock_in_s3_is_refused(tmp_path: Path) -> None:
    program(tmp_path / "terraform", """echo '{"terraform_version": "1.9.8"}'""")

    with pytest.raises(
        TerraformTooOldError, match=r"version 1\.9\.8; state locks in S3 need 1\.10"
    ):
        terraform.find({"PATH": f"{tmp_path}:/bin:/usr/bin"})


def test_another_binary_can_be_named(tmp_path: Path) -> None:
    tofu = program(
        tmp_path / "tofu", """echo 'Warning: x'; echo '{"terraform_version": "1.10.3"}'"""
    )

    assert terraform.find({"EKP_TERRAFORM": str(tofu)}) == terraform.Binary(str(tofu), "1.10.3")


@pytest.mark.parametrize("text", ["exit 1", "echo hello", """echo '{"version": 1}'"""])
def test_a_binary_that_is_no_terraform_is_refused(tmp_path: Path, text: str) -> None:
    program(tmp_path / "terraform", text)

    with pytest.raises(TerraformMissingError, match="does not answer as Terraform does"):
        terraform.find({"PATH": f"{tmp_path}:/bin:/usr/bin"})


def test_flags_are_those_of_todays_terraform() -> None:
    assert terraform.command(
        "tf", "plan", json=terraform.FLAG, input=False, out="p", destroy=None, target=["a", "b"]
    ) == ["tf", "plan", "-json", "-input=false", "-out=p", "-target=a", "-target=b"]
    assert terraform.command("tf", "state push", "errored.tfstate") == [
        "tf",
        "state",
        "push",
        "errored.tfstate",
    ]


def test_a_variable_set_to_none_is_taken_away(tmp_path: Path) -> None:
    given = terraform.environment(
        {"AWS_PROFILE": "work", "HOME": "/h"}, {"AWS_PROFILE": None, "AWS_REGION": "x"}, tmp_path
    )

    assert "AWS_PROFILE" not in given
    assert given["AWS_REGION"] == "x"
    assert given["CHECKPOINT_DISABLE"] == given["TF_IN_AUTOMATION"] == "1"
    assert given["TF_DATA_DIR"] == str(tmp_path)


def test_what_is_no_event_is_passed_over() -> None:
    assert terraform.parse(b"Successfully configured the backend") is None
    assert terraform.parse(b"{ half") is None
    assert terraform.parse(b'{"type": "version"}') == {"type": "version"}


def test_terraform_gets_room_for_its_garbage_unless_the_caller_decides(tmp_path: Path) -> None:
    given = terraform.environment({"GOGC": "50"}, {}, tmp_path)
    plain = terraform.environment({}, {}, tmp_path)

    assert (plain["GOGC"], plain["GOMEMLIMIT"]) == ("400", "1GiB")
    assert given["GOGC"] == "50"
