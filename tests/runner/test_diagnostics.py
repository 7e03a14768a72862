"""Terraform's diagnostics as errors a person can act on."""

from pathlib import Path

import pytest

from ekp.runner import diagnostics
from ekp.runner import stacks as synthesized

from .synthesis import Sketch, synthesize


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("Minimum capacity 3 can't be greater than desired size 2", 3),
        ("desired capacity 5 can't be greater than max size 4", 4),
    ],
)
def test_a_node_group_with_limits_apart_from_its_size_is_resized_by_hand_first(
    tmp_path: Path, words: str, size: int
) -> None:
    outdir = synthesize(tmp_path / "cdktf.out", {"dev-cluster": Sketch()})
    stack = synthesized.load(outdir)["dev-cluster"]
    error = {
        "severity": "error",
        "summary": "updating EKS Node Group (dev-main:general) config: operation error EKS: "
        "UpdateNodegroupConfig, https response error StatusCode: 400, RequestID: 0, "
        f"InvalidParameterException: {words}",
    }

    failed = diagnostics.failure(stack, "apply", diagnostics.problems(stack, [error]), None)

    assert (
        "aws eks update-nodegroup-config --cluster-name dev-main --nodegroup-name general"
        f" --scaling-config desiredSize={size}`, then deploy again"
    ) in failed.remedy


def test_an_addon_that_cannot_leave_its_irsa_role_is_switched_by_hand_first(tmp_path: Path) -> None:
    outdir = synthesize(tmp_path / "cdktf.out", {"dev-cluster": Sketch()})
    stack = synthesized.load(outdir)["dev-cluster"]
    error = {
        "severity": "error",
        "summary": "updating EKS Add-On (dev-main:vpc-cni): operation error EKS: UpdateAddon, "
        "https response error StatusCode: 403, RequestID: 0, api error AccessDeniedException: "
        "Cross-account pass role is not allowed.",
    }

    failed = diagnostics.failure(stack, "apply", diagnostics.problems(stack, [error]), None)

    assert "aws eks update-addon --cluster-name dev-main --addon-name vpc-cni" in failed.remedy
    assert "permission" not in failed.remedy


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("Cannot assume IAM Role", "`ekp bootstrap dev` makes it"),
        ("AWS Account ID not allowed: 222222222222", "Sign in to account 111111111111"),
    ],
)
def test_credentials_that_lead_nowhere_are_told_what_they_need(
    tmp_path: Path, words: str, remedy: str
) -> None:
    provider = {"provider": {"aws": [{"allowed_account_ids": ["111111111111"]}]}}
    outdir = synthesize(tmp_path / "cdktf.out", {"dev-network": Sketch(extra=provider)})
    stack = synthesized.load(outdir)["dev-network"]

    failed = diagnostics.plain(stack, "init", f"Error: {words}")

    assert remedy in failed.remedy
