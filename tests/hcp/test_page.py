"""What docs/hcp.md promises is what the code has."""

import re
from pathlib import Path

from ekp.hcp.connect import RETRIES
from ekp.hcp.wanted import MOST_SOURCES, OURS
from ekp.synth import project_root

PAGE = (project_root() / "docs" / "hcp.md").read_text(encoding="utf-8")
IMAGE = project_root() / "docs" / "hcp-agent" / "Dockerfile"


def instructions(file: Path) -> list[str]:
    """Return the lines of a Dockerfile that do something."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_agents_image_is_pinned_has_the_aws_cli_and_does_not_run_as_root() -> None:
    lines = instructions(IMAGE)
    pins = [line for line in lines if line.startswith("ARG ")]

    assert all(re.fullmatch(r"ARG [A-Z_]+=\d+\.\d+\.\d+", line) for line in pins)
    assert "FROM hashicorp/tfc-agent:${AGENT}" in lines
    assert any("/usr/local/bin/aws" in line for line in lines)
    assert lines[-1] == "USER tfc-agent"


def test_limits_and_tags_are_those_of_the_code() -> None:
    assert f"; {MOST_SOURCES} a workspace at most" in PAGE
    assert f"`{OURS[0]}`, `environment`, `region` and `layer`" in PAGE
    assert {5: "five"}[RETRIES] in PAGE
