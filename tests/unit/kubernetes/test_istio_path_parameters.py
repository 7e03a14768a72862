"""Paths with ``;`` are refused by every proxy, since Java takes it off before it reads on."""

import re
from pathlib import Path
from typing import Any

from modules.core.site import Site
from modules.kubernetes.istio.mesh import mesh_defaults
from modules.kubernetes.istio.path_parameters import FILTER, refuse_path_parameters
from modules.kubernetes.istio.rate_limits import per_client

import pytest

from ...support.custom_resources import mistakes


def patches() -> list[dict[str, Any]]:
    (found,) = refuse_path_parameters()
    patches = found.fields["spec"]["configPatches"]
    assert isinstance(patches, list)
    return patches


def rules() -> list[dict[str, Any]]:
    return [each["patch"]["value"]["typed_config"]["rules"] for each in patches()]


def test_it_holds_for_the_whole_mesh() -> None:
    (found,) = refuse_path_parameters()

    assert found.namespace == "istio-system"
    assert "workloadSelector" not in found.fields["spec"]
    assert found in mesh_defaults()


def test_requests_are_looked_at_where_they_come_in_and_not_where_they_go_out() -> None:
    assert [each["match"]["context"] for each in patches()] == ["GATEWAY", "SIDECAR_INBOUND"]


def test_it_comes_before_tokens_and_policies_and_after_the_limit_of_clients() -> None:
    (refusal,), (limit,) = refuse_path_parameters(), per_client(Site(domain="example.org"))

    assert {each["patch"]["operation"] for each in patches()} == {"INSERT_FIRST"}
    # Of two that are put first, the one of higher priority is put in later, so it is the first.
    assert refusal.fields["spec"].get("priority", 0) < limit.fields["spec"]["priority"]


def test_it_is_a_filter_of_its_own_and_none_of_istios() -> None:
    assert {each["patch"]["value"]["name"] for each in patches()} == {FILTER}
    assert not FILTER.startswith(("envoy.", "istio."))


def test_whoever_asks_is_denied_by_the_path_without_the_query() -> None:
    for each in rules():
        ((_, policy),) = each["policies"].items()
        assert each["action"] == "DENY"
        assert policy["principals"] == [{"any": True}]
        # "header" with ":path" would see the query too.
        assert [*policy["permissions"][0]] == ["url_path"]
        assert len(policy["permissions"]) == 1


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/catalog/products/..;/admin", True),
        ("/catalog/products/..%3b/admin", True),
        ("/catalog/products/..%3B/admin", True),
        ("/catalog/admin;x", True),
        (";", True),
        ("/catalog;jsessionid=1/admin", True),
        ("/catalog/admin", False),
        ("/catalog/%3A/3b", False),
        ("/catalog:admin,x=1", False),
    ],
)
def test_a_semicolon_anywhere_in_the_path_is_refused(
    path: str,
    refused: bool,  # noqa: FBT001 - a row of a table
) -> None:
    for each in rules():
        (policy,) = each["policies"].values()
        expression = policy["permissions"][0]["url_path"]["path"]["safe_regex"]["regex"]
        # Envoy asks whether the whole path is so.
        assert (re.fullmatch(expression, path) is not None) is refused


def test_istio_knows_every_field(tmp_path: Path) -> None:
    assert mistakes([one.as_dict() for one in refuse_path_parameters()], tmp_path) == []
