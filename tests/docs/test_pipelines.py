"""The pipelines are valid, run commands that exist, and may no more than they need."""

import json
import re
import subprocess
from pathlib import Path

import check_jsonschema
import pytest
from click.testing import CliRunner, Result

from ekp.runner import terraform

from .pipelines import (
    ACTION,
    BIN,
    DOCUMENT,
    DRIFT,
    JOBS,
    PIPELINES,
    ROOT,
    WORKFLOW,
    call,
    environments,
    ours,
    parse,
    step_of,
    steps,
)

SCHEMAS = {
    WORKFLOW: "vendor.github-workflows",
    DRIFT: "vendor.github-workflows",
    ACTION: "vendor.github-actions",
}
GUIDE = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")


def validated(file: Path, schema: str) -> Result:
    return CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", schema, str(file)])


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: file.name)
def test_a_pipeline_is_valid_by_github_s_own_schema(file: Path, tmp_path: Path) -> None:
    assert validated(file, SCHEMAS[file]).exit_code == 0

    wrong = tmp_path / file.name
    wrong.write_text(file.read_text("utf-8").replace("steps:", "stepz:"), encoding="utf-8")
    assert validated(wrong, SCHEMAS[file]).exit_code == 1


def audited(*files: Path) -> subprocess.CompletedProcess[str]:
    strict = ("--offline", "--quiet", "--persona=auditor", "--min-severity=medium")
    return call(BIN / "zizmor", *strict, *files)


def test_an_audit_of_workflows_finds_nothing(tmp_path: Path) -> None:
    assert audited(*PIPELINES).returncode == 0

    wrong = tmp_path / ".github" / "workflows" / WORKFLOW.name
    wrong.parent.mkdir(parents=True)
    script = 'run: echo "${{ github.event.pull_request.title }}"'
    text = WORKFLOW.read_text("utf-8").replace("run: .venv/bin/ekp synth", script)
    wrong.write_text(text, encoding="utf-8")
    assert "template-injection" in audited(wrong).stdout


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: file.name)
def test_every_action_is_pinned_to_a_commit_with_its_version_beside(file: Path) -> None:
    used = re.findall(r"uses: (.+)$", file.read_text("utf-8"), re.MULTILINE)

    theirs = [line for line in used if line != "./.github/actions/set-up"]
    assert theirs
    for line in theirs:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_has_one_version_everywhere() -> None:
    text = "\n".join(file.read_text("utf-8") for file in PIPELINES)
    pins = set(re.findall(r"uses: ([\w/-]+)@(\S+) # (\S+)", text))

    assert len({name for name, *_ in pins}) == len(pins)


def test_each_job_may_what_it_is_for_and_no_more() -> None:
    assert DOCUMENT["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "gate": {"contents": "read", "security-events": "write", "actions": "read"},
        "plan": {"contents": "read"},
        "plan-account": {"contents": "read", "id-token": "write"},
        "comment": {"pull-requests": "write"},
    }


def test_code_of_a_fork_meets_no_secret_and_no_right_to_write() -> None:
    assert set(DOCUMENT["True"]) == {"pull_request", "push"}
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    for name in ("plan-account", "comment"):
        assert own in JOBS[name]["if"]
    # Whoever asks for credentials has passed the environment's reviewers.
    assert JOBS["plan-account"]["environment"] == "plan-${{ matrix.environment }}"
    with_secrets = [(job, step["name"]) for job, step in steps() if "secrets." in json.dumps(step)]
    assert with_secrets == [("plan-account", "Plan")]
    for _, step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_nothing_is_written_into_a_script() -> None:
    for _, step in steps():
        assert "${{" not in step.get("run", "")
        assert not re.search(r"\b(echo|printf)\b.*TF_VAR_", step.get("run", ""))


def test_every_job_has_an_end_and_old_runs_make_way() -> None:
    assert all(0 < job["timeout-minutes"] <= 60 for job in JOBS.values())
    assert "github.ref" in DOCUMENT["concurrency"]["group"]
    # A plan that is cancelled on an account leaves a lock there.
    assert "vars.EKP_PLAN_ROLE == ''" in DOCUMENT["concurrency"]["cancel-in-progress"]


def test_all_environments_are_planned_one_job_each() -> None:
    for name in ("plan", "plan-account"):
        assert JOBS[name]["strategy"]["matrix"]["environment"] == environments()
        assert JOBS[name]["strategy"]["fail-fast"] is False


def test_the_plans_are_made_locally_or_on_the_account() -> None:
    assert JOBS["plan"]["if"].startswith("${{ vars.EKP_PLAN_ROLE == '' ||")
    assert JOBS["plan-account"]["if"].startswith("${{ vars.EKP_PLAN_ROLE != '' &&")
    commands = {job: line for job, line in ours() if line[:2] == ["ekp", "plan"]}
    assert "--local" in commands["plan"]
    assert "--local" not in commands["plan-account"]


def test_reports_of_a_closed_gate_are_kept() -> None:
    for name in ("Findings to code scanning", "Reports"):
        assert "!cancelled()" in step_of("gate", name)["if"]
    (command,) = (line for job, line in ours() if job == "gate" and line[1] == "policy")
    written = [command[command.index(f"--{kind}") + 1] for kind in ("sarif", "junit", "html")]
    assert {Path(file).parent.name for file in written} == {
        step_of("gate", "Reports")["with"]["path"]
    }
    sent = step_of("gate", "Findings to code scanning")["with"]["sarif_file"]
    assert step_of("gate", "Open findings alone")["run"].endswith(f"{written[0]} > {sent}")


def test_every_command_of_ours_exists_with_its_options() -> None:
    found = [words for _, words in ours()]

    assert {words[1] for words in found} == {"synth", "policy", "plan"}
    for words in found:
        parse(words)


def test_terraform_is_one_that_the_runner_takes_and_not_wrapped() -> None:
    given = step_of("set-up", "Terraform")["with"]

    version = tuple(map(int, given["terraform_version"].split(".")))
    assert version[:2] >= terraform.OLDEST
    assert given["terraform_wrapper"] is False


def test_the_stack_that_providers_are_fetched_for_has_all_of_them() -> None:
    def providers(file: Path) -> set[str]:
        return {line.partition("_")[0] for line in file.read_text("utf-8").split()}

    lists = ROOT / "tests" / "addresses"
    every = set().union(*(providers(file) for file in lists.glob("*.txt")))
    stack = step_of("set-up", "Terraform's providers")["env"]["STACK"]

    assert providers(lists / f"{stack}.txt") == every
    folder = step_of("set-up", "Cache of Terraform's providers")["with"]["path"]
    assert DOCUMENT["env"]["EKP_PROVIDER_MIRROR"] == folder


def test_the_guide_names_each_variable_and_secret_that_the_workflow_reads() -> None:
    text = "\n".join(file.read_text("utf-8") for file in PIPELINES)

    assert set(re.findall(r"\b(?:vars|secrets)\.(\w+)", text)) == set(
        re.findall(r"`(EKP_\w+)`", GUIDE)
    )


def test_the_trust_policy_of_the_guide_lets_in_the_jobs_that_plan_and_nobody_else() -> None:
    (text,) = re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    (statement,) = json.loads(text)["Statement"]
    (operator,) = statement["Condition"].items()

    issuer = statement["Principal"]["Federated"].partition("oidc-provider/")[2]
    prefix = "repo:example/platform:environment:plan-"
    assert operator == (
        "StringEquals",
        {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": [f"{prefix}{name}" for name in environments()],
        },
    )
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
