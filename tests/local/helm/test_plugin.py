"""The process of the stand-in: when it starts, what it says, when it ends."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from ekp.local.helm import install
from ekp.local.helm.__main__ import COOKIE

from .conftest import Terraform, pinned

PLUGIN = [sys.executable, "-P", "-m", "ekp.local.helm"]


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (None, "AWS_ENDPOINT_URL is not a loopback address"),
        ("https://eks.eu-west-1.amazonaws.com", "AWS_ENDPOINT_URL is not a loopback address"),
        ("http://127.0.0.1.example.com", "AWS_ENDPOINT_URL is not a loopback address"),
    ],
)
def test_it_never_stands_where_a_real_cluster_is_meant(
    helm: Terraform, endpoint: str | None, words: str
) -> None:
    environment = {k: v for k, v in helm.environment.items() if k != "AWS_ENDPOINT_URL"}
    if endpoint:
        environment["AWS_ENDPOINT_URL"] = endpoint
    helm.write(one=pinned("one"))

    elsewhere = Terraform(helm.directory, environment, helm.kept)

    assert words in elsewhere.refused()


def test_started_by_hand_it_says_what_it_is(helm: Terraform) -> None:
    launcher = next((helm.directory / ".terraform").glob("providers/*/*/*/*/*/terraform-*"))
    bare = {"PATH": os.environ["PATH"]}
    for environ in (bare, {**bare, **install.variables(helm.kept)}):
        done = subprocess.run(
            [str(launcher)], capture_output=True, check=False, env=environ, text=True
        )

        assert done.returncode == 1
        assert "stand-in of the Terraform provider hashicorp/helm" in done.stdout


def test_its_log_names_it_as_a_stand_in(helm: Terraform) -> None:
    helm.write(one=pinned("one"))
    logged = Terraform(helm.directory, {**helm.environment, "TF_LOG": "INFO"}, helm.kept)

    assert "ekp's stand-in of the Terraform provider hashicorp/helm" in logged.run("plan").stderr


def test_the_launcher_names_no_path_so_that_its_hash_is_the_same_everywhere(tmp_path: Path) -> None:
    place = install.mirrored({"EKP_CACHE_DIR": str(tmp_path)})
    (launcher,) = place.rglob("terraform-provider-*")

    assert os.access(launcher, os.X_OK)
    assert not any(part in launcher.read_text() for part in (sys.prefix, str(tmp_path)))

    launcher.write_text("half")
    install.mirrored({"EKP_CACHE_DIR": str(tmp_path)})
    assert launcher.read_text() == install.LAUNCHER


def _plugin(helm: Terraform) -> subprocess.Popen[str]:
    """A plugin of which this process is the Terraform."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import subprocess; subprocess.run({PLUGIN!r})"],
        env={**helm.environment, **dict([COOKIE])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_it_ends_with_the_terraform_that_started_it_and_leaves_no_socket(helm: Terraform) -> None:
    parent = _plugin(helm)
    assert parent.stdout is not None
    socket = Path(parent.stdout.readline().split("|")[3])
    assert socket.exists()
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    # The pipe ends when the last process that holds it is gone.
    assert parent.stdout.read() == ""
    assert not socket.parent.exists()
    parent.stdout.close()


def test_ctrl_c_is_left_to_terraform(helm: Terraform) -> None:
    with subprocess.Popen(
        PLUGIN,
        env={**helm.environment, **dict([COOKIE])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as plugin:
        assert plugin.stdout is not None
        plugin.stdout.readline()

        plugin.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            plugin.wait(0.3)

        plugin.send_signal(signal.SIGTERM)
        assert plugin.wait(5) == 0


def test_forty_releases_are_planned_in_seconds(helm: Terraform) -> None:
    text = yaml.safe_dump({"a": {f"key{n}": "value" * 10 for n in range(100)}})
    releases = {f"r{n}": pinned(f"r{n}", values=[text, f"b: {n}\n"]) for n in range(40)}
    helm.write(**releases)
    began = time.monotonic()

    assert "40 to add" in helm.ok("plan", "-no-color")

    # About one second; a machine under load takes longer.
    assert time.monotonic() - began < 10
