"""People come through one application of Entra ID, by the object ids of their groups."""

import re
from typing import Any

from modules.core.entra import EntraApplication

import pytest
from pydantic import ValidationError

TENANT = "8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4e61"
CLIENT = "3b9f0d14-52c7-4b1a-8e66-d0a9c4f7e210"
ADMINS = "c0a80101-1111-4222-8333-444455556666"
VIEWERS = "c0a80102-1111-4222-8333-444455556666"


def application(**changes: Any) -> EntraApplication:
    settings: dict[str, Any] = {
        "tenant_id": TENANT,
        "client_id": CLIENT,
        "admins": (ADMINS,),
        "viewers": (VIEWERS,),
    }
    return EntraApplication(**settings | changes)


def test_the_issuer_is_that_of_the_tenant_s_second_version_tokens() -> None:
    assert application().issuer == f"https://login.microsoftonline.com/{TENANT}/v2.0"


@pytest.mark.parametrize("setting", ["tenant_id", "client_id"])
@pytest.mark.parametrize("value", ["platform-admins", TENANT.upper(), f"{TENANT} ", ""])
def test_what_is_no_id_is_refused_with_the_form_of_one(setting: str, value: str) -> None:
    message = re.escape(f"{value!r} is not an id of Entra ID; write the UUID in small letters")

    with pytest.raises(ValidationError, match=message):
        application(**{setting: value})


@pytest.mark.parametrize("setting", ["admins", "viewers"])
def test_a_group_is_named_by_its_object_id_and_not_by_its_name(setting: str) -> None:
    with pytest.raises(ValidationError, match="'platform' is not an id of Entra ID"):
        application(**{setting: ("platform",)})


def test_somebody_administers_the_tool() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        application(admins=())


def test_a_group_stands_once() -> None:
    with pytest.raises(ValidationError, match=f"admins names {ADMINS} twice; remove one"):
        application(admins=(ADMINS, ADMINS))
    with pytest.raises(ValidationError, match=f"viewers names {VIEWERS} twice; remove one"):
        application(viewers=(VIEWERS, VIEWERS))


def test_a_group_has_one_role() -> None:
    message = f"admins and viewers both name {ADMINS}, a group has one role; remove it from viewers"

    with pytest.raises(ValidationError, match=message):
        application(viewers=(VIEWERS, ADMINS))
