"""What stands in the way is said in words, before anything is changed."""

import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import pytest
from flask import Response

from tests.runner.synthesis import Sketch, synthesize

from .conftest import Ekp, Hcp
from .synthesis import DEV, HOSTNAME, HUB, SECRET, Hosted

Synthesized = Callable[[Mapping[str, Hosted]], None]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "forbids this to the token from TFE_TOKEN: no way"),
        (422, "refused: no way"),
        (429, "lets no more requests through"),
        (500, "refused: no way"),
    ],
)
def test_a_refused_step_says_why_and_how_far_it_came(
    ekp: Ekp, hcp: Hcp, status: int, words: str
) -> None:
    def refuse(**_: object) -> Response:
        return Response(
            json.dumps({"errors": [{"status": str(status), "detail": "no way"}]}), status
        )

    hcp.app.view_functions["triggers.create"] = refuse

    done = ekp("apply-workspaces", "--yes")

    assert done.code == 1
    assert words in done.err
    assert "of 12 steps are taken" in done.err
    assert "Traceback" not in done.err


def test_a_rate_limit_is_waited_for(ekp: Ekp, hcp: Hcp) -> None:
    real = hcp.app.view_functions["workspaces.create"]
    refusals = [429, 429, 503]

    def busy(**arguments: str) -> Response:
        # The served API answers with responses, whatever Flask lets a view return.
        return Response("{}", refusals.pop()) if refusals else cast(Response, real(**arguments))

    hcp.app.view_functions["workspaces.create"] = busy

    assert ekp("apply-workspaces", "--yes").code == 0
    assert refusals == []


def test_a_missing_agent_pool_is_for_a_person_to_make(ekp: Ekp, hcp: Hcp) -> None:
    hcp.store.remove(hcp.one("agent-pools", "private"))

    done = ekp("apply-workspaces", "--yes")

    assert done.code == 1
    assert "acme has no agent pool private" in done.err
    assert hcp.writes() == []


def test_a_missing_secret_is_named_with_its_workspaces_and_nothing_is_changed(
    ekp: Ekp, hcp: Hcp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_VAR_" + SECRET)

    planned = ekp("plan")
    done = ekp("apply-workspaces", "--yes")

    assert planned.code == 0
    assert f"TF_VAR_{SECRET} is not set, and HCP has no value yet (for ekp-dev-edge)" in planned.err
    assert done.code == 1
    assert "Nothing was changed" in done.err
    assert "openssl rand -hex 32" in done.err
    assert hcp.writes() == []


def test_one_secret_is_not_given_to_two_environments(
    ekp: Ekp, hcp: Hcp, synthesized: Synthesized
) -> None:
    synthesized({**DEV, **HUB, "hub-edge": Hosted("hub", secrets=[SECRET])})

    done = ekp("apply-workspaces", "--yes")

    assert done.code == 1
    assert "dev and hub would get the same secrets" in done.err
    assert hcp.writes() == []


def test_more_sources_than_hcp_takes_are_counted(ekp: Ekp, synthesized: Synthesized) -> None:
    many = {f"dev-a{number}": Hosted() for number in range(21)}
    synthesized({**many, "dev-last": Hosted(after=list(many))})

    done = ekp("plan")

    assert done.code == 1
    assert "ekp-dev-last depends on 21 stacks: a workspace has 20 run triggers at most" in done.err


def test_every_mistake_of_the_settings_is_told_at_once(ekp: Ekp, synthesized: Synthesized) -> None:
    other = {"organization": "other", "run_role_arn": "arn:aws:iam::444455556666:role/x"}
    synthesized(
        {
            "dev-network": Hosted(),
            "dev-cluster": Hosted(after=["dev-network"], says=other),
            "dev-edge": Hosted(says={"workspace": "x" * 91}),
        }
    )

    done = ekp("plan")

    assert done.code == 1
    assert f"depends on ekp-dev-network in {HOSTNAME}/acme" in done.err
    assert "The runs of dev take on one role, not arn:aws:iam::111122223333" in done.err
    assert "a workspace's name has 90 characters at most, this one 91" in done.err


def test_a_workspace_that_is_bound_to_a_repository_is_refused(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")
    hcp.workspace("dev-edge").attributes["vcs-repo"] = {"identifier": "acme/infra"}
    hcp.writes()

    done = ekp("apply-workspaces", "--yes")

    assert done.code == 1
    assert "ekp-dev-edge is bound to the repository acme/infra" in done.err
    assert hcp.writes() == []


def test_an_environment_whose_state_is_in_s3_is_told_the_setting(ekp: Ekp, tmp_path: Path) -> None:
    synthesize(tmp_path / "cdktf.out", {"dev-network": Sketch()}, bucket="states")

    for done in (ekp("plan", "dev"), ekp("apply-workspaces", "dev"), ekp("plan")):
        assert done.code == 2
        assert "is in HCP Terraform" in done.err or "is not in HCP Terraform" in done.err
        assert "HcpStateConfig" in done.err


def test_an_unknown_environment_and_a_missing_synthesis_are_mistakes_in_words(
    ekp: Ekp, tmp_path: Path
) -> None:
    unknown = ekp("plan", "dex")
    (tmp_path / "cdktf.out" / "manifest.json").unlink()
    missing = ekp("plan", "dev")

    assert (unknown.code, missing.code) == (2, 1)
    assert "Did you mean dev?" in unknown.err
    assert "ekp synth" in missing.err


def test_a_stack_that_does_not_say_enough_is_synthesized_anew(ekp: Ekp, tmp_path: Path) -> None:
    file = tmp_path / "cdktf.out" / "stacks" / "dev-edge" / "cdk.tf.json"
    body = json.loads(file.read_text())
    del body["//"]["ekp"]["hcp"]["project"]
    file.write_text(json.dumps(body))

    done = ekp("plan", "dev")

    assert done.code == 1
    assert "does not say its project" in done.err
    assert "ekp synth" in done.err


def test_without_yes_and_without_an_answer_nothing_is_changed(
    ekp: Ekp, hcp: Hcp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))

    done = ekp("apply-workspaces")

    assert done.code == 1
    assert "Take these 12 steps" in done.err
    assert hcp.writes() == []


def test_without_pytfe_the_extra_is_named(ekp: Ekp, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("ekp.hcp.") or name.partition(".")[0] == "pytfe":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pytfe", None)

    done = ekp("plan")

    assert done.code == 1
    assert "enterprise-eks-platform[hcp]" in done.err
