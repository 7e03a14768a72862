"""What was changed in HCP is seen and put right; what is others' is left."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from .conftest import Ekp, Hcp
from .synthesis import DEV, Hosted


def test_fields_that_somebody_changed_are_seen_one_by_one_and_mended(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")
    wrong = {
        "edge": ("auto-apply", True, False),
        "network": ("global-remote-state", True, False),
        "cluster": ("terraform-version", "1.5.7", "1.14.5"),
        "tenants": ("working-directory", "infra", ""),
    }
    for layer, (field, changed, _) in wrong.items():
        hcp.workspace(f"dev-{layer}").attributes[field] = changed

    steps = ekp("plan", "--json").steps()
    table = ekp("plan").out
    mended = ekp("apply-workspaces", "--yes")

    assert steps == [
        {
            "action": "change",
            "kind": "workspace",
            "name": f"ekp-dev-{layer}",
            "changes": [{"field": field, "old": old, "new": new}],
        }
        for layer, (field, old, new) in wrong.items()
    ]
    assert "terraform-version: 1.5.7 -> 1.14.5" in table
    assert "auto-apply: on -> off" in table
    assert mended.code == 0, mended.err
    for layer, (field, _, right) in wrong.items():
        assert hcp.workspace(f"dev-{layer}").attributes[field] == right
    assert ekp("plan", "--json").steps() == []


def test_a_stack_that_needs_an_agent_now_gets_one(
    ekp: Ekp, hcp: Hcp, synthesized: Callable[[Mapping[str, Hosted]], None]
) -> None:
    ekp("apply-workspaces", "--yes")
    synthesized({**DEV, "dev-edge": Hosted(agent=True)})

    (step,) = ekp("plan", "--json").steps()
    done = ekp("apply-workspaces", "--yes")

    assert step["changes"] == [
        {"field": "agent-pool", "old": "", "new": "private"},
        {"field": "execution-mode", "old": "remote", "new": "agent"},
    ]
    assert done.code == 0, done.err
    assert hcp.workspace("dev-edge").attributes["execution-mode"] == "agent"


def test_a_role_of_another_account_and_a_set_for_everybody_are_put_right(
    ekp: Ekp, hcp: Hcp
) -> None:
    ekp("apply-workspaces", "--yes")
    one = hcp.one("varsets", "ekp-dev-aws")
    role = next(each for each in one.many("vars") if each.attributes["key"].endswith("ARN"))
    one.attributes["global"] = True
    role.attributes["value"] = "arn:aws:iam::999999999999:role/theirs"

    (step,) = ekp("plan", "--json").steps()
    done = ekp("apply-workspaces", "--yes")

    assert [each["field"] for each in step["changes"]] == ["global", "TFC_AWS_RUN_ROLE_ARN"]
    assert done.code == 0, done.err
    assert one.attributes["global"] is False
    assert role.attributes["value"] == "arn:aws:iam::111122223333:role/ekp-run"


def test_links_that_somebody_made_or_took_away_are_put_right(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")
    hcp.workspace("dev-network").many("remote-state-consumers").append(hcp.workspace("dev-edge"))
    hcp.workspace("dev-cluster").many("remote-state-consumers").clear()
    hcp.one("varsets", "ekp-dev-aws").many("workspaces").remove(hcp.workspace("dev-edge"))
    trigger = next(iter(hcp.store.all("run-triggers")))
    hcp.store.remove(trigger)

    kinds = [(each["kind"], each["name"]) for each in ekp("plan", "--json").steps()]
    done = ekp("apply-workspaces", "--yes")

    assert kinds == [
        ("set applied to", "ekp-dev-aws"),
        ("state readers", "ekp-dev-network"),
        ("state readers", "ekp-dev-cluster"),
        ("run triggers", "ekp-dev-cluster"),
    ]
    assert done.code == 0, done.err
    assert hcp.readers("dev-network") == {"ekp-dev-cluster"}
    assert hcp.readers("dev-cluster") == {"ekp-dev-tenants"}
    assert hcp.sources("dev-cluster") == {"ekp-dev-network"}
    assert ekp("plan", "--json").steps() == []


def test_without_run_triggers_none_is_made_and_those_of_ours_go(
    ekp: Ekp, hcp: Hcp, synthesized: Callable[[Mapping[str, Hosted]], None]
) -> None:
    ekp("apply-workspaces", "--yes")
    assert hcp.sources("dev-tenants") == {"ekp-dev-network", "ekp-dev-cluster"}
    synthesized(
        {id_: replace(one, says={"run_triggers": False}) for id_, one in DEV.items()},
    )

    kinds = {each["kind"] for each in ekp("plan", "--json").steps()}
    done = ekp("apply-workspaces", "--yes")

    assert kinds == {"run triggers"}
    assert done.code == 0, done.err
    assert list(hcp.store.all("run-triggers")) == []
    # Who reads whom is not asked of it.
    assert hcp.readers("dev-network") == {"ekp-dev-cluster"}
    assert ekp("plan", "--json").steps() == []


def test_what_others_made_is_left_and_what_lost_its_stack_is_named(
    ekp: Ekp, hcp: Hcp, synthesized: Callable[[Mapping[str, Hosted]], None]
) -> None:
    ekp("apply-workspaces", "--yes")
    organization = hcp.one("organizations", "acme")
    foreign = hcp.store.add(
        "workspaces",
        {**hcp.workspace("dev-edge").attributes, "name": "payroll", "auto-apply": True},
        organization=organization,
    )
    hcp.store.add(
        "run-triggers",
        {"sourceable-name": "payroll", "workspace-name": "ekp-dev-edge"},
        sourceable=foreign,
        workspace=hcp.workspace("dev-edge"),
    )
    synthesized({id_: one for id_, one in DEV.items() if id_ != "dev-tenants"})
    before = repr(foreign.attributes)

    done = ekp("apply-workspaces", "--yes")
    report = json.loads(ekp("plan", "--json").out)["organizations"][0]

    assert done.code == 0, done.err
    assert repr(foreign.attributes) == before
    assert hcp.sources("dev-edge") == {"payroll"}
    assert report["without_a_stack"] == ["ekp-dev-tenants"]
    assert "ekp-dev-tenants" in hcp.names()
    assert "No stack any more" in done.err


def test_a_workspace_that_terraform_made_itself_becomes_ours(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")
    hcp.workspace("dev-edge").many("tag-bindings").clear()

    (step,) = ekp("plan", "--json").steps()
    ekp("apply-workspaces", "--yes")

    assert {each["field"] for each in step["changes"]} == {
        "tag managed-by",
        "tag environment",
        "tag region",
        "tag layer",
    }
    assert len(hcp.workspace("dev-edge").many("tag-bindings")) == 4
