"""What runs before a commit and a push is what `make check` and the gate run."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from .pipelines import BIN, ROOT, Json, call, parse

HOOKS = ROOT / ".pre-commit-config.yaml"


def hooks() -> list[Json]:
    (repository,) = yaml.safe_load(HOOKS.read_text("utf-8"))["repos"]
    assert repository["repo"] == "local"
    found: list[Json] = repository["hooks"]
    return found


def test_hooks_run_the_commands_of_make_check_and_the_gate() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    # Where `make check` takes everything, a hook is given what changed.
    checks = re.findall(r"^\t@\$\(BIN\)/(.+?)(?: \.)?$", recipe[1], re.MULTILINE)
    assert len(checks) == len(recipe[1].splitlines())
    entries = [hook["entry"].removeprefix(".venv/bin/") for hook in hooks()]

    own = ["ekp tenants check", "ekp policy"]
    assert sorted(entries) == sorted([*own, *checks])
    for command in own:
        parse(shlex.split(command))


def test_no_hook_fetches_anything() -> None:
    assert {hook["language"] for hook in hooks()} == {"system"}
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks())


@pytest.mark.parametrize(
    ("hook", "file"),
    [
        ("policy", "environments/dev.py"),
        ("policy", "policies/exceptions.yaml"),
        ("policy", "helm-values/istiod.yaml"),
        ("policy", "main.py"),
        ("tenants", "environments/tenants/shop.yaml"),
        ("tenants", "modules/core/tenants.py"),
    ],
)
def test_a_change_of_settings_or_modules_is_judged(hook: str, file: str) -> None:
    (pattern,) = (one["files"] for one in hooks() if one["id"] == hook)

    assert re.search(pattern, file)
    assert not re.search(pattern, "docs/pipelines.md")


def test_a_hook_refuses_what_make_check_refuses(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(BIN)
    for file in (HOOKS, ROOT / "pyproject.toml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "good.py").write_text("x = {1: 2}\n", encoding="utf-8")
    (tmp_path / "bad.py").write_text("x = { 1:2 }\n", encoding="utf-8")
    home = {"HOME": str(tmp_path / "home"), "PRE_COMMIT_HOME": str(tmp_path / "home" / "kept")}
    pre_commit = BIN / "pre-commit"
    assert call(pre_commit, "validate-config", HOOKS, environ=home).returncode == 0
    for command in ("init --quiet", "add ."):
        assert call("git", *command.split(), cwd=tmp_path, environ=home).returncode == 0

    def run(file: str) -> subprocess.CompletedProcess[str]:
        return call(pre_commit, "run", "ruff-format", "--files", file, cwd=tmp_path, environ=home)

    assert run("good.py").returncode == 0
    assert run("bad.py").returncode == 1
    assert (tmp_path / "bad.py").read_text() == "x = { 1:2 }\n"
