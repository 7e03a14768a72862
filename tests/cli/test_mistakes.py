"""A person's mistake is one clear message and an exit code, never a traceback."""

import subprocess
from pathlib import Path

import pytest

from .conftest import Ekp

USAGE = 2


def told(done: subprocess.CompletedProcess[str], code: int) -> str:
    """Return the complaint, after a look at what every complaint has in common."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("command", ["synth", "services render --out services/prod"])
def test_an_unknown_environment_is_answered_with_the_known_ones(command: str, ekp: Ekp) -> None:
    complaint = told(ekp(*command.split(), "prdo"), USAGE)

    assert "There is no environment 'prdo'." in complaint
    assert "Did you mean prod? Known environments: dev, management, prod, qa." in complaint


@pytest.mark.parametrize("command", ["plan dev --local", "services render dev --out services/dev"])
def test_settings_that_time_has_overtaken_are_all_named_at_once(command: str, ekp: Ekp) -> None:
    complaint = told(ekp(*command.split(), EKP_TODAY="2029-01-01"), USAGE)

    for path in (
        "dev.regions[eu-west-1].cluster.eks.version",
        "prod.regions[eu-west-1].cluster.eks.version",
        "prod.regions[us-east-1].cluster.eks.version",
    ):
        assert f"{path} = '1.35': Kubernetes 1.35 left extended support on 2028-03-27" in complaint
    assert "5 errors in the settings; nothing was written." in complaint


@pytest.mark.parametrize("command", ["synth dev", "services render dev --out"])
def test_settings_that_run_out_are_a_warning(command: str, ekp: Ekp, tmp_path: Path) -> None:
    folder = [str(tmp_path / "dev")] if command.endswith("--out") else []
    done = ekp(*command.split(), *folder, EKP_TODAY="2027-04-01")

    assert done.returncode == 0
    assert "warning: dev.regions[eu-west-1].cluster.eks.version = '1.35'" in done.stderr


@pytest.mark.parametrize("command", ["synth", "services render dev --out services/dev"])
def test_a_date_that_is_none_is_refused(command: str, ekp: Ekp) -> None:
    assert "EKP_TODAY = 'soon': not a date; write it as YYYY-MM-DD" in told(
        ekp(*command.split(), EKP_TODAY="soon"), USAGE
    )


def test_secrets_that_are_not_set_are_named_before_anything_is_asked(ekp: Ekp) -> None:
    complaint = " ".join(told(ekp("deploy", "prod", TF_VAR_origin_header_next="x" * 32), 1).split())

    assert (
        "TF_VAR_origin_header_current is not set (for prod-edge, prod-eu-west-1-ingress, "
        "prod-us-east-1-ingress)." in complaint
    )
    assert 'export TF_VAR_origin_header_current="$(openssl rand -hex 32)"' in complaint
    assert "origin_header_next is" not in complaint


def test_a_missing_terraform_is_named_with_the_remedy(ekp: Ekp) -> None:
    complaint = told(ekp("outputs", "dev", "--local", EKP_TERRAFORM="no-such-terraform"), 1)

    assert "no-such-terraform was not found on PATH." in complaint
    assert "Install Terraform >= 1.10" in complaint


def test_a_real_account_is_not_touched_without_consent(ekp: Ekp) -> None:
    secrets = {f"TF_VAR_origin_header_{name}": "x" * 32 for name in ("current", "next")}
    done = ekp("deploy", "dev", EKP_TERRAFORM="no-such-terraform", **secrets)

    assert done.returncode == 1
    # The second account holds the zone above.
    assert (
        "dev (6 stacks; accounts: 111111111111, 444444444444; regions: eu-west-1, global)"
        in done.stderr
    )
    assert "Aborted" in done.stderr
    # Without the question Terraform would have been looked for.
    assert "no-such-terraform" not in done.stderr


def test_production_is_not_destroyed_where_nobody_can_type_its_name(ekp: Ekp) -> None:
    secrets = {f"TF_VAR_origin_header_{name}": "x" * 32 for name in ("current", "next")}

    complaint = told(ekp("destroy", "prod", EKP_TERRAFORM="no-such-terraform", **secrets), USAGE)

    assert "prod is protected, and there is no terminal to type its name." in complaint
    # It is refused before anything is looked at.
    assert "no-such-terraform" not in complaint


def test_a_workspace_that_cannot_be_made_is_named(ekp: Ekp, tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("not a folder", encoding="utf-8")

    complaint = told(ekp("plan", "dev", "--local", EKP_WORKSPACE=str(file / "workspace")), 1)

    assert f"the local AWS cannot be kept in {file}" in complaint
    assert "name another workspace in EKP_WORKSPACE" in complaint


def test_a_folder_for_git_that_cannot_be_written_is_named(ekp: Ekp, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("not a folder", encoding="utf-8")

    complaint = told(ekp("services", "render", "dev", "--out", str(tmp_path / "a-file/dev")), 1)

    assert str(tmp_path / "a-file/dev") in complaint
    assert "cannot be written: Not a directory" in complaint


def test_a_file_that_somebody_else_made_is_named_and_left_alone(ekp: Ekp, tmp_path: Path) -> None:
    theirs = tmp_path / "shop" / "catalog.yaml"
    theirs.parent.mkdir()
    theirs.write_text("kind: Service\n", encoding="utf-8")

    complaint = told(ekp("services", "render", "dev", "--out", str(tmp_path)), 1)

    assert str(theirs) in complaint
    assert theirs.read_text(encoding="utf-8") == "kind: Service\n"
    assert list(tmp_path.rglob("*.yaml")) == [theirs]


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan",),
        ("services", "render", "dev"),
        ("services", "render", "--out", "services"),
        ("services", "rendr", "dev"),
        ("tenants", "new", "billing"),
        ("tenants", "shwo", "shop"),
        ("plan", "dev", "--parallelism", "0"),
        ("plan", "dev", "--parallelism", "many"),
        ("deploy", "dev", "--lokal"),
        ("deplyo", "dev"),
        ("local", "start", "--port", "70000"),
    ],
)
def test_a_command_that_cannot_be_read_is_a_usage_error(
    arguments: tuple[str, ...], ekp: Ekp
) -> None:
    assert "Usage: " in told(ekp(*arguments), USAGE)
