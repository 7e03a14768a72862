"""Values of sensitive variables get to HCP, and nowhere else."""

import pytest

from .conftest import VALUE, Ekp, Hcp
from .synthesis import SECRET


def test_a_secret_is_written_and_never_shown(ekp: Ekp, hcp: Hcp) -> None:
    shown = [ekp("plan"), ekp("plan", "--json"), ekp("apply-workspaces", "--yes")]
    (variable,) = hcp.workspace("dev-edge").hidden["vars"]

    assert variable.attributes["key"] == SECRET
    assert variable.attributes["sensitive"] is True
    assert variable.attributes["category"] == "terraform"
    assert variable.hidden["value"] == VALUE
    assert all(VALUE not in done.everything for done in shown)
    assert all("made-up.atlasv1.token" not in done.everything for done in shown)


def test_a_secret_that_is_there_is_written_again_only_when_asked(
    ekp: Ekp, hcp: Hcp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ekp("apply-workspaces", "--yes")
    monkeypatch.setenv("TF_VAR_" + SECRET, VALUE[::-1])
    (variable,) = hcp.workspace("dev-edge").hidden["vars"]

    ekp("apply-workspaces", "--yes")
    assert variable.hidden["value"] == VALUE

    done = ekp("apply-workspaces", "--yes", "--update-secrets")
    assert variable.hidden["value"] == VALUE[::-1]
    assert VALUE[::-1] not in done.everything


def test_a_secret_that_anybody_could_read_is_sealed_and_not_shown(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")
    (variable,) = hcp.workspace("dev-edge").hidden["vars"]
    variable.attributes.update(sensitive=False, value="what-anybody-could-read")

    planned = ekp("plan")
    ekp("apply-workspaces", "--yes")

    assert f"{SECRET}: (readable) -> (sensitive)" in planned.out
    assert "what-anybody-could-read" not in planned.everything
    assert variable.attributes["sensitive"] is True
    assert variable.hidden["value"] == VALUE
