"""No tenant's people, commits or services reach another's things: 50 tenants, every pair."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from modules.core.iam import trust_pod_identity
from modules.kubernetes.argo_cd.project import project
from modules.kubernetes.vault_state import tenant_state

import pytest

from ekp.evaluate.request import Object

from .isolation import Tenants, by_rights, made
from .isolation_of_tools import by_iam, by_projects, by_vault

TOOLS = "tests.evaluate.isolation_of_tools"


@pytest.fixture(scope="module")
def fifty() -> Tenants:
    return made(50, seed=20261121)


@pytest.fixture
def few() -> Tenants:
    return made(6, seed=7)


@pytest.mark.requirement("R34")
def test_people_have_rights_in_all_namespaces_of_their_tenant_and_in_no_other(
    fifty: Tenants,
) -> None:
    assert by_rights(fifty) == {
        (group, space)
        for one in fifty.tenancies
        for group in one.tenant.groups.everyone
        for space in one.namespaces
    }


@pytest.mark.requirement("R37")
def test_commits_and_people_reach_the_applications_of_their_tenant_and_no_other(
    fifty: Tenants,
) -> None:
    assert by_projects(fifty) == {
        (who, space)
        for one in fifty.tenancies
        for who, reached in (
            (one.namespaces[0], one.namespaces),
            *((group, one.namespaces[:1]) for group in one.tenant.groups.everyone),
        )
        for space in reached
    }


@pytest.mark.requirement("R43")
def test_services_read_their_own_secrets_and_a_tenant_s_admins_keep_them(fifty: Tenants) -> None:
    services = [(one, service) for one in fifty.tenancies for service in one.services]

    assert by_vault(fifty) == {
        (who, service.ref)
        for one, service in services
        if service.secrets
        for who in (
            # What is under one path of a namespace belongs to all of its services that want it.
            *(
                other.ref
                for other in one.services
                if other.namespace == service.namespace and shared(other, service)
            ),
            *(one.tenant.groups.admin if any(not s.database for s in service.secrets) else ()),
        )
    }


def shared(one: Any, other: Any) -> bool:
    """Tell whether two services want a secret that people keep under the same name."""
    kept = {s.name for s in one.secrets if not s.database}
    return one is other or bool(kept & {s.name for s in other.secrets if not s.database})


@pytest.mark.requirement("R36")
def test_services_use_what_their_tenant_is_granted_in_aws_and_nothing_of_another(
    fifty: Tenants,
) -> None:
    assert by_iam(fifty) == {
        (f"{service.namespace}/{service.name}", one.namespaces[0])
        for one in fifty.tenancies
        for service in one.services
        if service.name in one.settings.grants.services()
    }


def test_a_binding_that_names_another_tenant_s_group_is_seen(few: Tenants) -> None:
    strangers = few.tenancies[1].tenant.groups.admin[0]

    def changed(one: Object) -> Object:
        if (one["kind"], one["metadata"].get("namespace")) != (
            "RoleBinding",
            few.tenancies[0].namespaces[0],
        ):
            return one
        return {**one, "subjects": [{"kind": "Group", "name": f"entra:{strangers}"}]}

    wrong = replace(few, objects=tuple(changed(one) for one in few.objects))

    assert few.foreign(by_rights(few)) == []
    assert wrong.foreign(by_rights(wrong)) == [(strangers, few.tenancies[0].namespaces[0])]


def test_a_project_that_leads_anywhere_is_seen(
    few: Tenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wide(*given: Any) -> Any:
        found = project(*given)
        spec = {**found.fields["spec"], "destinations": [{"name": "*", "namespace": "*"}]}
        return replace(found, fields={"spec": spec})

    assert few.foreign(by_projects(few)) == []
    monkeypatch.setattr(f"{TOOLS}.project", wide)
    assert few.foreign(by_projects(few)) != []


@pytest.mark.parametrize("bound", ["bound_service_account_namespaces", "policies"])
def test_a_role_or_a_policy_of_vault_that_is_too_wide_is_seen(
    few: Tenants, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    def wide(*given: Any, **settings: Any) -> Any:
        found = tenant_state(*given, **settings)
        if bound == "policies":
            everything = {"path": {"tenants/data/*": {"capabilities": ["read"]}}}
            return replace(found, policies=dict.fromkeys(found.policies, everything))
        roles = {name: {**role, bound: ["*"]} for name, role in found.service_roles.items()}
        return replace(found, service_roles=roles)

    assert few.foreign(by_vault(few)) == []
    monkeypatch.setattr(f"{TOOLS}.tenant_state", wide)
    assert few.foreign(by_vault(few)) != []


@pytest.mark.parametrize("part", ["kubernetes-namespace", "kubernetes-service-account"])
def test_a_role_whose_trust_leaves_out_whose_pods_it_is_for_is_seen(
    few: Tenants, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def wide(**given: str) -> str:
        found: dict[str, Any] = json.loads(trust_pod_identity(**given))
        asked: Mapping[str, Any] = found["Statement"][0]["Condition"]["StringEquals"]
        kept = {key: value for key, value in asked.items() if not key.endswith(part)}
        found["Statement"][0]["Condition"] = {"StringEquals": kept}
        return json.dumps(found)

    before = by_iam(few)
    monkeypatch.setattr(f"{TOOLS}.trust_pod_identity", wide)

    # Without the account the others of the same namespace may; without the namespace, tenants.
    assert by_iam(few) > before
    if part == "kubernetes-namespace":
        assert few.foreign(by_iam(few)) != []
