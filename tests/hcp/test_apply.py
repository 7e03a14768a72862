"""`ekp hcp` makes what HCP must have, once, and goes on where it was cut short."""

from collections.abc import Callable, Mapping

import pytest
from pytfe.resources.run_trigger import RunTriggers

from .conftest import Ekp, Hcp
from .synthesis import DEV, HUB, Hosted


@pytest.mark.requirement("R50")
def test_everything_is_made_and_a_second_run_has_nothing_to_do(ekp: Ekp, hcp: Hcp) -> None:
    done = ekp("apply-workspaces", "dev", "--yes")
    written = hcp.writes()
    again = ekp("apply-workspaces", "dev", "--yes")

    assert (done.code, again.code) == (0, 0), done.err + again.err
    assert hcp.names() == {f"ekp-{id_}" for id_ in DEV}
    assert "nothing to do" in again.out
    assert len(written) > len(DEV)
    assert hcp.writes() == []
    assert ekp("plan", "dev", "--json").steps() == []


def test_a_plan_shows_everything_and_changes_nothing(ekp: Ekp, hcp: Hcp) -> None:
    done = ekp("plan", "dev")

    assert done.code == 0, done.err
    assert hcp.writes() == []
    for name in ("project", "platform", "ekp-dev-aws", *(f"ekp-{id_}" for id_ in DEV)):
        assert name in done.out
    assert "TFC_AWS_RUN_ROLE_ARN: arn:aws:iam::111122223333:role/ekp-run" in done.out


@pytest.mark.requirement("R50")
def test_workspaces_run_where_their_layer_can_and_wait_for_a_person(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")
    tenants, network = hcp.workspace("dev-tenants"), hcp.workspace("dev-network")
    pool = tenants.one("agent-pool")

    assert tenants.attributes["execution-mode"] == "agent"
    assert pool is not None
    assert pool.attributes["name"] == "private"
    assert network.attributes["execution-mode"] == "remote"
    assert network.one("agent-pool") is None
    for one in (tenants, network):
        assert one.attributes["auto-apply"] is False
        assert one.attributes["auto-apply-run-trigger"] is False
        assert one.attributes["global-remote-state"] is False
        assert one.attributes["queue-all-runs"] is False
        assert one.attributes["terraform-version"] == "1.14.5"
        assert one.attributes["working-directory"] == ""
        project = one.one("project")
        assert project is not None
        assert project.attributes["name"] == "platform"
    assert {
        each.attributes["key"]: each.attributes["value"] for each in network.many("tag-bindings")
    } == {
        "managed-by": "ekp",
        "environment": "dev",
        "region": "eu-west-1",
        "layer": "network",
    }


@pytest.mark.requirement("R50")
def test_state_is_read_by_those_who_read_it_and_runs_follow_the_stacks(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")

    assert hcp.readers("dev-network") == {"ekp-dev-cluster"}
    assert hcp.readers("dev-cluster") == {"ekp-dev-tenants"}
    assert hcp.readers("dev-tenants") == set()
    assert hcp.sources("dev-network") == set()
    assert hcp.sources("dev-tenants") == {"ekp-dev-network", "ekp-dev-cluster"}


@pytest.mark.requirement("R50")
def test_runs_come_to_aws_by_a_role_and_without_keys(ekp: Ekp, hcp: Hcp) -> None:
    ekp("apply-workspaces", "--yes")
    one = hcp.one("varsets", "ekp-dev-aws")

    assert {each.attributes["key"]: each.attributes["value"] for each in one.many("vars")} == {
        "TFC_AWS_PROVIDER_AUTH": "true",
        "TFC_AWS_RUN_ROLE_ARN": "arn:aws:iam::111122223333:role/ekp-run",
    }
    assert all(each.attributes["category"] == "env" for each in one.many("vars"))
    assert one.attributes["global"] is False
    assert {each.attributes["name"] for each in one.many("workspaces")} == {
        f"ekp-{id_}" for id_ in DEV
    }


def test_an_apply_that_was_cut_short_is_finished_by_the_next(
    ekp: Ekp, hcp: Hcp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(RunTriggers, "create", interrupted)
        first = ekp("apply-workspaces", "--yes")
    second = ekp("apply-workspaces", "--yes")

    assert first.code == 1
    assert "goes on with what is left" in first.err
    assert second.code == 0, second.err
    assert "2 to create, 0 to change" in second.out
    assert hcp.sources("dev-tenants") == {"ekp-dev-network", "ekp-dev-cluster"}


def test_another_environment_that_is_not_there_yet_is_waited_for(
    ekp: Ekp, hcp: Hcp, synthesized: Callable[[Mapping[str, Hosted]], None]
) -> None:
    synthesized({**DEV, **HUB})
    alone = ekp("apply-workspaces", "dev", "--yes")
    ekp("apply-workspaces", "hub", "--yes")
    then = ekp("apply-workspaces", "dev", "--yes")

    assert "ekp-dev-cluster will be readable by ekp-hub-management once" in alone.err
    assert hcp.sources("hub-management") == {"ekp-dev-cluster"}
    assert then.code == 0, then.err
    assert hcp.readers("dev-cluster") == {"ekp-dev-tenants", "ekp-hub-management"}


def test_all_pages_of_a_large_organization_are_read(ekp: Ekp, hcp: Hcp) -> None:
    organization = hcp.one("organizations", "acme")
    ekp("apply-workspaces", "--yes")
    for number in range(230):
        hcp.store.add(
            "workspaces",
            {**hcp.workspace("dev-edge").attributes, "name": f"a{number:03}", "tag-names": []},
            organization=organization,
        )

    # The names of others come first: ours are on the last of three pages.
    assert ekp("plan", "--json").steps() == []
