"""The gate's last look: real Terraform, and a plan that is refused or let through."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import main
from ekp.commands.workspace import workspace
from ekp.gate.before_apply import BeforeApply
from ekp.gate.gate import Gate
from ekp.gate.pool import Pool
from ekp.runner import stacks as synthesized
from ekp.runner.deploy import deploy
from ekp.runner.results import Status
from ekp.runner.stacks import Stack
from ekp.synth import project_root

from .account import DAY, Ekp, client

# Its user, whom a stock check is against, has an exception; it needs no other stack.
STACK, ACCOUNT = "prod-break-glass", "333333333333"
USER = "prod-break-glass/break-glass/user"
NO_EXCEPTIONS = "exceptions: []\n"


@pytest.fixture
def stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Stack]]:
    outdir = tmp_path / "cdktf.out"
    main.synth(str(outdir), today=date.fromisoformat(DAY))
    monkeypatch.setenv("EKP_WORKSPACE", str(tmp_path / "workspace"))
    yield {STACK: synthesized.load(outdir)[STACK]}
    Ekp(tmp_path / "workspace")("local", "stop")


@pytest.mark.requirement("R48")
def test_a_plan_with_a_finding_is_not_applied_and_with_its_exception_it_is(
    stacks: dict[str, Stack], tmp_path: Path
) -> None:
    policies = project_root() / "policies"
    strict = tmp_path / "policies"
    strict.mkdir()
    (strict / "severity.yaml").write_bytes((policies / "severity.yaml").read_bytes())
    (strict / "exceptions.yaml").write_text(NO_EXCEPTIONS, encoding="utf-8")
    target = workspace().target(stacks, local=True)
    endpoint = Ekp(tmp_path / "workspace")("local", "status")["endpoint"]
    iam = client(endpoint, "iam", region="us-east-1", account=ACCOUNT)

    with Pool(tmp_path / "kept", date.fromisoformat(DAY)) as pool:
        looks = [
            BeforeApply(Gate(stacks, {}, folder, pool, date.fromisoformat(DAY)))
            for folder in (strict, policies)
        ]
        refused = deploy(stacks, target=target, before_apply=looks[0]).of(STACK)
        users_then = iam.list_users()["Users"]
        applied = deploy(stacks, target=target, before_apply=looks[1]).of(STACK)

    assert refused.status is Status.FAILED
    assert refused.failure is not None
    assert f"CKV_AWS_273 (high) {USER}: Ensure access is controlled" in refused.failure.message
    assert "The plan was not applied." in refused.failure.remedy
    assert users_then == []
    assert looks[0].closed == [STACK]
    assert applied.status is Status.APPLIED
    assert looks[1].closed == []
    assert len(iam.list_users()["Users"]) == 1
