"""Every tool's sign-in comes from the one directory, and tenants get in where settings say so."""

from typing import Any

from modules.addons.argo_cd_values import rights, sign_in
from modules.addons.grafana import grafana_values
from modules.addons.kubecost_sign_in import oidc
from modules.core.entra import Applications, Directory, rancher_principal

import pytest
import yaml
from pydantic import ValidationError

TENANT = "8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4e61"
ADMINS = "c0a80101-1111-4222-8333-444455556666"
VIEWERS = "c0a80102-1111-4222-8333-444455556666"
SHOP = "c0a80103-1111-4222-8333-444455556666"
BILLING = "c0a80104-1111-4222-8333-444455556666"


def client(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


APPLICATIONS: dict[str, Any] = {
    "kubernetes": client(1),
    "argo_cd": client(2),
    "kubecost": client(3),
    "rancher": client(4),
    "grafana": {"dev": client(5), "prod": client(6)},
    "vault": {"dev": client(7)},
}


def directory(**changes: Any) -> Directory:
    settings: dict[str, Any] = {
        "tenant_id": TENANT,
        "admins": {"platform-admins": ADMINS},
        "viewers": {"platform-viewers": VIEWERS},
        "applications": Applications(**APPLICATIONS),
    }
    return Directory(**settings | changes)


@pytest.mark.requirement("R41")
@pytest.mark.parametrize(
    ("tool", "number"),
    [
        (lambda found: found.argo_cd, 2),
        (lambda found: found.kubecost, 3),
        (lambda found: found.rancher, 4),
        (lambda found: found.grafana("prod"), 6),
        (lambda found: found.vault("dev"), 7),
    ],
)
def test_a_tool_gets_its_own_application_and_the_platform_s_groups(tool: Any, number: int) -> None:
    application = tool(directory())

    assert (application.tenant_id, application.client_id) == (TENANT, client(number))
    assert (application.admins, application.viewers) == ((ADMINS,), (VIEWERS,))
    assert application.issuer == directory().issuer


def test_an_environment_without_an_application_is_named_with_those_that_have_one() -> None:
    with pytest.raises(ValueError, match=r"applications.grafana has no qa, it has dev, prod; reg"):
        directory().grafana("qa")
    with pytest.raises(ValueError, match=r"applications.vault has no prod, it has dev; register"):
        directory().vault("prod")


def test_no_two_tools_share_an_application() -> None:
    with pytest.raises(ValidationError, match=f"applications names {client(1)} twice; remove one"):
        Applications(**APPLICATIONS | {"vault": {"dev": client(1)}})


def test_a_group_of_the_platform_has_one_role_and_a_name_of_its_own() -> None:
    with pytest.raises(ValidationError, match=f"admins and viewers names {ADMINS} twice"):
        directory(viewers={"others": ADMINS})
    with pytest.raises(ValidationError, match="admins and viewers names platform-admins twice"):
        directory(viewers={"platform-admins": VIEWERS})
    with pytest.raises(ValidationError, match="at least 1 item"):
        directory(admins={})


def test_rancher_knows_a_group_by_its_scheme() -> None:
    assert rancher_principal(ADMINS) == f"azuread_group://{ADMINS}"


def test_argo_cd_signs_in_by_the_directory_and_knows_its_groups() -> None:
    application = directory().argo_cd
    config = yaml.safe_load(sign_in(application))

    assert (config["issuer"], config["clientID"]) == (directory().issuer, client(2))
    assert rights(application).splitlines() == [
        f'g, "{ADMINS}", role:admin',
        f'g, "{VIEWERS}", role:readonly',
    ]


def grafana(*tenants: str) -> dict[str, str]:
    application = directory().grafana("dev")
    values = grafana_values(host=None, sign_in=application, volume_gib=None, tenants=tenants)
    found: dict[str, str] = values["grafana.ini"]["auth.azuread"]
    return found


def test_tenants_may_look_into_grafana_only_where_they_are_named() -> None:
    assert grafana()["allowed_groups"].split() == [ADMINS, VIEWERS]

    opened = grafana(SHOP, BILLING)

    assert opened["allowed_groups"].split() == [ADMINS, VIEWERS, SHOP, BILLING]
    assert opened["org_mapping"].split() == [
        f"{ADMINS}:1:Admin",
        *(f"{group}:1:Viewer" for group in (VIEWERS, SHOP, BILLING)),
    ]


def test_a_tenant_s_group_that_runs_the_platform_too_keeps_its_wider_role() -> None:
    assert grafana(ADMINS, SHOP, SHOP)["org_mapping"].split() == [
        f"{ADMINS}:1:Admin",
        f"{VIEWERS}:1:Viewer",
        f"{SHOP}:1:Viewer",
    ]


def test_kubecost_knows_the_platform_s_groups_alone() -> None:
    roles = oidc(directory().kubecost, "kubecost.example.org")["rbac"]["groups"]

    assert {role["name"]: role["claimValues"] for role in roles} == {
        "admin": [ADMINS],
        "readonly": [VIEWERS],
    }
