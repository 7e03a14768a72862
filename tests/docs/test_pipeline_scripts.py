"""The scripts of the pipeline, run as the runner does, with stand-ins of `ekp` and `gh`."""

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ekp.gate.reports import sarif
from ekp.runner import summary
from tests.gate.made_up import report

from .pipelines import call, environments, step_of

COMMENT_LIMIT = 65_536


@pytest.mark.parametrize("job", ["plan", "plan-account"])
def test_a_plan_that_fails_fails_the_step_and_is_shown(job: str, tmp_path: Path) -> None:
    stand_in = tmp_path / ".venv" / "bin" / "ekp"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text('#!/bin/bash\necho "## Plan of $2" >> "${@: -1}"\nexit 3\n', "utf-8")
    stand_in.chmod(0o755)

    done = call(
        *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step_of(job, "Plan")["run"]),
        cwd=tmp_path,
        environ={"GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "ENVIRONMENT": "qa"},
    )

    assert done.returncode == 3, done.stderr
    assert (tmp_path / "plan" / "qa.md").read_text() == "## Plan of qa\n"


GH = """\
#!/bin/bash
printf '%s\\n' "$*" >> calls
[ "$2" = --paginate ] && cat known || true
"""


@dataclass(frozen=True)
class Commented:
    calls: list[str]
    body: str


def commented(folder: Path, plans: dict[str, str], *, known: str = "") -> Commented:
    """Run the script of the comment with a `gh` that writes down what it is asked."""
    (folder / "plans").mkdir()
    for name, text in plans.items():
        (folder / "plans" / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "known").write_text(known, encoding="utf-8")
    (folder / "gh").write_text(GH, encoding="utf-8")
    (folder / "gh").chmod(0o755)
    done = call(
        *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"),
        step_of("comment", "One comment, kept up to date")["run"],
        cwd=folder,
        environ={
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "REPOSITORY": "example/platform",
            "NUMBER": "7",
            "COMMIT": "c0ffee",
            "RUN": "https://github.example/runs/1",
        },
    )
    assert done.returncode == 0, done.stderr
    calls = (folder / "calls").read_text().splitlines()
    return Commented(calls, (folder / "comment.md").read_text("utf-8"))


def plan_of(name: str, size: int) -> str:
    return f"## Plan of {name}\n\n| table |\n\n{summary.MARK}\n\n{'x' * size}\n\n"


def test_a_pull_request_has_one_comment(tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    for folder in (first, again):
        folder.mkdir()
    plans = {name: plan_of(name, 100) for name in environments()}

    new = commented(first, plans)
    old = commented(again, plans, known="41\n42\n")

    assert all(text in new.body for text in plans.values())
    assert new.calls[-1] == (
        "api --silent repos/example/platform/issues/7/comments --field body=@comment.md"
    )
    assert old.calls[-1] == (
        "api --silent --method PATCH repos/example/platform/issues/comments/41"
        " --field body=@comment.md"
    )
    # What is looked for is what it begins with, in comments of nobody else.
    mark = new.body.splitlines()[0]
    assert f'startswith("{mark}")' in new.calls[0]
    assert 'login == "github-actions[bot]"' in new.calls[0]


def test_a_comment_has_every_table_and_details_as_long_as_they_fit(tmp_path: Path) -> None:
    sizes = {"dev": 30_000, "management": 50_000, "prod": 64_000, "qa": 20_000}

    body = commented(tmp_path, {name: plan_of(name, size) for name, size in sizes.items()}).body

    assert len(body) < COMMENT_LIMIT
    assert re.findall(r"^## Plan of (.*)$", body, re.MULTILINE) == [*sizes]
    assert body.count("There is no room in this comment") == 2
    assert [len(run) for run in re.findall("x{1000,}", body)] == [30_000, 20_000]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq, which GitHub's runners have")
def test_code_scanning_is_told_of_open_findings_alone(tmp_path: Path) -> None:
    folder = tmp_path / "gate"
    folder.mkdir()
    found = report(charts=())
    (folder / "policy.sarif").write_text(sarif.render(found), encoding="utf-8")

    done = call("bash", "-c", step_of("gate", "Open findings alone")["run"], cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    (run,) = json.loads((folder / "open.sarif").read_text(encoding="utf-8"))["runs"]
    assert [one["ruleId"] for one in run["results"]] == [one.check for one in found.open]
    assert found.exempted
