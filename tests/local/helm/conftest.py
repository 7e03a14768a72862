"""Real Terraform with the stand-in of the helm provider, on a small configuration."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ekp.local.helm import install
from ekp.runner import mirror, terraform
from ekp.synth import project_root

CHART = project_root() / "modules" / "kubernetes" / "objects_chart"
ENDPOINT = "http://127.0.0.1:9"  # nobody listens: the stand-in asks no AWS
CLUSTER = "ekp-test-euw1-eks"
CERT_MANAGER = {
    "repository": "oci://quay.io/jetstack/charts",
    "chart": "cert-manager",
    "version": "v1.21.1",
}
Json = dict[str, Any]
CONFIG: Json = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}


def namespace(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def bundle(*objects: Json, **more: Any) -> Json:
    """A release of our own chart."""
    return {
        "name": "objects",
        "namespace": "kube-system",
        "chart": "./objects_chart",
        "values": [json.dumps({"objects": objects})],
        **more,
    }


def pinned(name: str, **more: Any) -> Json:
    """A release of a chart that is pinned."""
    return {"name": name, "namespace": "kube-system", **CERT_MANAGER, **more}


@dataclass(frozen=True)
class Terraform:
    """A working directory with the stand-in as its one provider."""

    directory: Path
    environment: Mapping[str, str]
    kept: Path

    def write(self, *, provider: Json | None = None, **releases: Json) -> None:
        kubernetes = {
            "host": "https://0a1b.gr7.eu-west-1.eks.amazonaws.com",
            "exec": {
                "api_version": "client.authentication.k8s.io/v1beta1",
                "command": "aws",
                "args": ["eks", "get-token", "--cluster-name", CLUSTER],
            },
        }
        required = {"helm": {"source": "hashicorp/helm", "version": install.VERSION}}
        body: Json = {
            "terraform": {"required_providers": required},
            "provider": {"helm": {"kubernetes": kubernetes} if provider is None else provider},
        }
        if releases:
            body["resource"] = {"helm_release": releases}
        (self.directory / "main.tf.json").write_text(json.dumps(body))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments],
            capture_output=True,
            check=False,
            cwd=self.directory,
            env=self.environment,
            text=True,
        )

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def apply(self) -> dict[str, str]:
        """Apply, and return the action on each address that was not left alone."""
        lines = self.ok("apply", "-auto-approve", "-json").splitlines()
        events = [json.loads(line) for line in lines]
        changes = [event["change"] for event in events if event["type"] == "planned_change"]
        return {change["resource"]["resource_name"]: change["action"] for change in changes}

    def refused(self, command: str = "plan") -> str:
        """Fail, and return Terraform's words on one line."""
        approve = ["-auto-approve"] if command == "apply" else []
        done = self.run(command, "-no-color", *approve)
        assert done.returncode == 1, done.stdout
        return " ".join(done.stderr.split())

    def is_settled(self) -> bool:
        return self.run("plan", "-detailed-exitcode").returncode == 0

    def release(self, name: str) -> Json:
        """Return the attributes of a release in state."""
        state = json.loads((self.directory / "terraform.tfstate").read_text())
        (found,) = (one for one in state["resources"] if one["name"] == name)
        attributes: Json = found["instances"][0]["attributes"]
        return attributes

    def rendered(self, name: str) -> Path:
        return self.kept / "rendered" / CLUSTER / f"{name}.yaml"

    def records(self) -> list[Path]:
        return sorted((self.kept / "releases").glob("*/*/*.json"))


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """A working directory after `init`, which no test changes."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    folder = tmp_path_factory.mktemp("helm")
    directory = folder / "stack"
    shutil.copytree(CHART, directory / "objects_chart")
    caller = {**os.environ, "EKP_CACHE_DIR": str(folder / "cache")}
    cli = mirror.configuration(caller, extra_mirrors=[install.mirrored(caller)])
    variables = {**cli, **install.variables(folder), "AWS_ENDPOINT_URL": ENDPOINT}
    environment = terraform.environment(caller, variables, Path(".terraform"))
    made = Terraform(directory, environment, folder)
    made.write()
    made.ok("init")
    return made


@pytest.fixture
def helm(ready: Terraform, tmp_path: Path) -> Terraform:
    """A working directory of the test's own, with its own releases."""
    directory, kept = tmp_path / "stack", tmp_path / "kept"
    shutil.copytree(ready.directory, directory, symlinks=True)
    return Terraform(directory, {**ready.environment, **install.variables(kept)}, kept)
