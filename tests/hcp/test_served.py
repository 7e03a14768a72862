"""The served API refuses wrong requests as HCP Terraform does."""

import httpx
import pytest
from pytfe import TFEClient, models
from pytfe.errors import NotFound, TFEError

from .conftest import TOKEN, Hcp
from .synthesis import ORGANIZATION

JSON_API = "application/vnd.api+json"


@pytest.fixture
def made(client: TFEClient) -> models.Workspace:
    return client.workspaces.create(ORGANIZATION, models.WorkspaceCreateOptions(name="one"))


def refused(error: pytest.ExceptionInfo[TFEError]) -> tuple[int | None, str]:
    (first,) = error.value.errors
    assert isinstance(first, dict)
    assert first["status"] == str(error.value.status)
    return error.value.status, str(first.get("source", {}).get("pointer", ""))


def test_without_a_token_nothing_is_answered_but_a_ping(hcp: Hcp) -> None:
    organization = httpx.get(f"{hcp.served.address}/api/v2/organizations/{ORGANIZATION}")
    ping = httpx.get(f"{hcp.served.address}/api/v2/ping")

    assert organization.status_code == 401
    assert organization.json() == {"errors": [{"status": "401", "title": "unauthorized"}]}
    assert organization.headers["content-type"] == JSON_API
    assert ping.status_code == 204
    assert ping.headers["TFP-API-Version"]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", "{}", 415),
        (JSON_API, "not json", 400),
        (JSON_API, "{}", 400),
        (JSON_API, '{"data": {"type": "runs"}}', 409),
        (JSON_API, '{"data": {"type": "workspaces"}}', 422),
    ],
)
def test_a_body_that_is_no_workspace_is_refused(
    hcp: Hcp, content_type: str, body: str, status: int
) -> None:
    answer = httpx.post(
        f"{hcp.served.address}/api/v2/organizations/{ORGANIZATION}/workspaces",
        content=body,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": content_type},
    )

    assert answer.status_code == status
    assert answer.json()["errors"][0]["status"] == str(status)


def test_a_name_is_taken_once(client: TFEClient, made: models.Workspace) -> None:
    with pytest.raises(TFEError, match="Name has already been taken") as error:
        client.workspaces.create(ORGANIZATION, models.WorkspaceCreateOptions(name=str(made.name)))

    assert refused(error) == (422, "/data/attributes/name")


def test_an_agent_pool_goes_with_agents_and_must_be_there(
    hcp: Hcp, client: TFEClient, made: models.Workspace
) -> None:
    pool = hcp.one("agent-pools", "private").id
    unknown = models.WorkspaceUpdateOptions.model_validate(
        {"execution-mode": "agent", "agent-pool-id": "apool-unknown"}
    )
    lone = models.WorkspaceUpdateOptions.model_validate({"agent-pool-id": pool})

    for options in (unknown, lone):
        with pytest.raises(TFEError) as error:
            client.workspaces.update_by_id(made.id, options)
        assert refused(error) == (422, "/data/attributes/agent-pool-id")


def test_a_lock_is_held_once(client: TFEClient, made: models.Workspace) -> None:
    assert client.workspaces.lock(made.id, models.WorkspaceLockOptions(reason="look")).locked

    with pytest.raises(TFEError) as twice:
        client.workspaces.lock(made.id, models.WorkspaceLockOptions())
    assert twice.value.status == 409
    assert client.workspaces.unlock(made.id).locked is False
    with pytest.raises(TFEError) as free:
        client.workspaces.unlock(made.id)
    assert free.value.status == 409


def test_pages_are_of_twenty_unless_asked_and_of_a_hundred_at_most(hcp: Hcp) -> None:
    organization = hcp.one("organizations", ORGANIZATION)
    for number in range(101):
        hcp.store.add("projects", {"name": f"p{number}"}, organization=organization)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    address = f"{hcp.served.address}/api/v2/organizations/{ORGANIZATION}/projects"

    plain = httpx.get(address, headers=headers).json()
    large = httpx.get(address, headers=headers, params={"page[size]": 500}).json()

    assert len(plain["data"]) == 20
    assert plain["meta"]["pagination"]["total-count"] == 102
    assert len(large["data"]) == 100
    assert large["meta"]["pagination"]["next-page"] == 2
    assert httpx.get(large["links"]["next"], headers=headers).json()["meta"]["pagination"] == {
        **large["meta"]["pagination"],
        "current-page": 2,
        "prev-page": 1,
        "next-page": None,
    }


def test_a_sensitive_value_never_comes_back_and_stays_sensitive(
    client: TFEClient, made: models.Workspace
) -> None:
    variable = client.variables.create(
        made.id,
        models.VariableCreateOptions(
            key="k", value="hidden", category=models.CategoryType.TERRAFORM, sensitive=True
        ),
    )

    assert variable.value is None
    assert [each.value for each in client.variables.list(made.id)] == [None]
    with pytest.raises(TFEError) as error:
        client.variables.update(
            made.id, str(variable.id), models.VariableUpdateOptions(sensitive=False)
        )
    assert refused(error) == (422, "/data/attributes/sensitive")


def test_a_workspace_has_twenty_sources_and_not_itself(
    client: TFEClient, made: models.Workspace
) -> None:
    def trigger(source: models.Workspace) -> None:
        client.run_triggers.create(made.id, models.RunTriggerCreateOptions(sourceable=source))

    with pytest.raises(TFEError):
        trigger(made)
    for number in range(21):
        source = client.workspaces.create(
            ORGANIZATION, models.WorkspaceCreateOptions(name=f"source-{number}")
        )
        if number < 20:
            trigger(source)
    with pytest.raises(TFEError, match="20") as error:
        trigger(source)

    assert error.value.status == 422
    inbound = models.RunTriggerListOptions(
        run_trigger_type=models.RunTriggerFilterOp.RUN_TRIGGER_INBOUND
    )
    assert len(list(client.run_triggers.list(made.id, inbound))) == 20


def test_readers_are_named_only_where_not_everybody_reads(
    client: TFEClient, made: models.Workspace
) -> None:
    client.workspaces.update_by_id(
        made.id, models.WorkspaceUpdateOptions.model_validate({"global-remote-state": True})
    )

    with pytest.raises(TFEError) as error:
        client.workspaces.add_remote_state_consumers(
            made.id, models.WorkspaceAddRemoteStateConsumersOptions(workspaces=[made])
        )
    assert error.value.status == 422


def test_what_is_not_there_is_not_found(client: TFEClient) -> None:
    with pytest.raises(NotFound):
        client.workspaces.read_by_id("ws-nobody")
    with pytest.raises(NotFound):
        client.workspaces.read("nobody", organization=ORGANIZATION)
    with pytest.raises(NotFound):
        list(client.workspaces.list("nobody"))
    with pytest.raises(NotFound):
        client.agent_pools.delete("apool-x")
