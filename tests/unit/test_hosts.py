"""Hosts and shards are told apart, and stay under the environment's domain."""

from typing import Any

from modules.core.hosts import AdminTool, Hosts, Shard, check_admin_hosts
from modules.core.wildcards import covers, overlap

import pytest
from pydantic import ValidationError


def hosts(**shards: Shard) -> Hosts:
    return Hosts(domain="prod.ekp.example", shards=shards)


def shard(*names: str, slot: int = 1) -> Shard:
    return Shard(hosts=tuple(f"{name}.prod.ekp.example" for name in names), slot=slot)


def test_users_may_ask_for_the_domain_and_one_label_under_it() -> None:
    assert hosts().aliases == ("prod.ekp.example", "*.prod.ekp.example")
    assert hosts().origin == "origin.prod.ekp.example"


@pytest.mark.parametrize(
    ("shards", "message"),
    [
        (
            {"api": Shard(hosts=("api.ekp.example",), slot=1)},
            (
                "shard api lists api.ekp.example, certificates and distribution cover one label "
                "under prod.ekp.example, .* use a host such as api.prod.ekp.example"
            ),
        ),
        ({"api": Shard(hosts=("a.b.prod.ekp.example",), slot=1)}, "cover one label under"),
        ({"api": shard("origin")}, "origin is taken"),
        (
            {"api": shard("api"), "web": shard("api", slot=2)},
            "shards api and web both list api.prod.ekp.example; remove it from one",
        ),
        (
            {"api": shard("api"), "web": shard("web")},
            "shards api and web both have slot 1; give the newer one a slot of its own",
        ),
        ({"gateway": shard("api")}, "one called gateway, the Istio gateway's own; rename it"),
    ],
)
def test_shards_that_could_not_be_served_are_refused(shards: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        hosts(**shards)


def test_a_wildcard_covers_one_label() -> None:
    assert covers("*.ekp.example", "app.ekp.example")
    assert not covers("*.ekp.example", "a.app.ekp.example")
    assert not covers("*.ekp.example", "ekp.example")


def test_a_domain_right_under_a_wildcard_overlaps_it() -> None:
    assert overlap("*.ekp.example", "dev.ekp.example")
    assert overlap("dev.ekp.example", "*.ekp.example")
    assert not overlap("*.prod.ekp.example", "*.dev.ekp.example")


def test_a_tool_is_met_under_a_host_of_its_own() -> None:
    check_admin_hosts(
        hosts(api=shard("api")),
        {AdminTool.GRAFANA: "grafana.prod.ekp.example", AdminTool.VAULT: "vault.prod.ekp.example"},
    )


@pytest.mark.parametrize(
    ("admin", "message"),
    [
        ({AdminTool.GRAFANA: "grafana.example.org"}, "use a host such as grafana.prod.ekp.example"),
        ({AdminTool.GRAFANA: "a.b.prod.ekp.example"}, "cover one label under prod.ekp.example"),
        ({AdminTool.VAULT: "origin.prod.ekp.example"}, "origin is taken"),
        ({AdminTool.VAULT: "api.prod.ekp.example"}, "which shard api serves; use another host"),
        (
            {
                AdminTool.VAULT: "tools.prod.ekp.example",
                AdminTool.GRAFANA: "tools.prod.ekp.example",
            },
            "admin_hosts names tools.prod.ekp.example twice; remove one",
        ),
    ],
)
def test_a_tool_that_nobody_could_meet_is_refused(
    admin: dict[AdminTool, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_admin_hosts(hosts(api=shard("api")), admin)
