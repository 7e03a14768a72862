"""An NGINX shard leads its hosts into the mesh, and is no way around anything there."""

from itertools import chain
from pathlib import Path
from typing import Any

from modules.core.hosts import Shard
from modules.core.identity import Identity
from modules.core.rates import Rate, Rates, Window
from modules.core.services import Protocol, Resilience, Route, Service
from modules.core.site import Site
from modules.kubernetes.manifest import Manifest
from modules.kubernetes.nginx.policies import MOST_PODS
from modules.kubernetes.nginx.virtual_server import Split, served_by_shards, shard_conflicts
from modules.kubernetes.nginx.virtual_server_route import HOST_LABEL, delegated, shared_host

import pytest

from tests.support.custom_resources import mistakes

SITE = Site(
    domain="prod.example.org",
    shards={
        "video": Shard(hosts=("video.prod.example.org", "live.prod.example.org"), slot=1),
        "files": Shard(hosts=("files.prod.example.org",), slot=2),
    },
)
IMAGE = "registry.example.org/shop/catalog:1.4.2"


def service(*routes: Route, name: str = "player", **settings: Any) -> Service:
    return Service(name=name, namespace="media", image=IMAGE, routes=routes, **settings)


PLAYER = service(
    Route(host="video", path="/watch"), Route(host="video", path="/list"), Route(host="live")
)


def spec(found: list[Manifest], kind: str, place: int = 0) -> dict[str, Any]:
    of_kind = [manifest for manifest in found if manifest.kind == kind]
    result: dict[str, Any] = of_kind[place].fields["spec"]
    return result


def headers(action: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in action["proxy"]["requestHeaders"]["set"]}


def rate_limit(found: Service, site: Site = SITE) -> dict[str, Any]:
    limit: dict[str, Any] = spec(served_by_shards(found, site), "Policy")["rateLimit"]
    return limit


@pytest.mark.requirement("R38")
def test_the_definitions_of_the_controller_accept_every_object(tmp_path: Path) -> None:
    other = service(name="player-two", protocol=Protocol.GRPC)
    found = [
        *served_by_shards(PLAYER, SITE, split=Split(service=other, percent=10)),
        shared_host("live.prod.example.org", "video", namespace="media"),
        delegated(PLAYER, SITE, "live.prod.example.org"),
    ]

    assert mistakes([manifest.as_dict() for manifest in found], tmp_path) == []


@pytest.mark.requirement("R38")
def test_each_host_of_a_shard_is_one_virtual_server_of_that_shard_alone() -> None:
    found = served_by_shards(service(Route(host="video"), Route(host="files")), SITE)

    hosts = {m.name: m.fields["spec"] for m in found if m.kind == "VirtualServer"}
    assert {name: (one["host"], one["ingressClassName"]) for name, one in hosts.items()} == {
        "player-video": ("video.prod.example.org", "nginx-video"),
        "player-files": ("files.prod.example.org", "nginx-files"),
    }
    assert {manifest.namespace for manifest in found} == {"media"}
    assert all(manifest.fields["spec"]["ingressClassName"] for manifest in found)


def test_a_host_of_the_gateway_is_no_matter_of_nginx() -> None:
    assert served_by_shards(service(Route(host="shop")), SITE) == []


def test_nginx_calls_the_cluster_ip_under_the_name_that_the_mesh_routes_by() -> None:
    found = spec(served_by_shards(PLAYER, SITE), "VirtualServer")

    (upstream,) = found["upstreams"]
    assert (upstream["service"], upstream["port"]) == ("player", 80)
    assert upstream["use-cluster-ip"] is True
    for route in found["routes"]:
        told = headers(route["action"])
        assert told["Host"] == "player.media.svc.cluster.local"
        assert told["X-Forwarded-Host"] == "video.prod.example.org"
        assert told["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize("header", ["x-auth-user", "x-forwarded-client-cert", "x-envoy-retry-on"])
def test_nobody_outside_forges_a_claim_or_orders_a_proxy_about(header: str) -> None:
    site = Site(
        domain=SITE.domain,
        shards=SITE.shards,
        identity=Identity(claim_headers={"x-auth-user": "sub"}),
    )

    for route in spec(served_by_shards(PLAYER, site), "VirtualServer")["routes"]:
        assert not headers(route["action"])[header]


def test_a_path_and_all_under_it_lead_to_the_service_but_no_longer_word() -> None:
    found = spec(served_by_shards(PLAYER, SITE), "VirtualServer")

    paths = [route["path"] for route in found["routes"]]
    assert paths == ["=/watch", "/watch/", "=/list", "/list/"]
    assert [
        r["path"] for r in spec(served_by_shards(PLAYER, SITE), "VirtualServer", 1)["routes"]
    ] == ["/"]


@pytest.mark.requirement("R38")
def test_tls_has_the_shards_certificate_and_no_redirect_that_never_ends() -> None:
    tls = spec(served_by_shards(PLAYER, SITE), "VirtualServer")["tls"]

    assert tls == {"secret": "", "redirect": {"enable": False}}


def test_nginx_sends_nothing_twice_and_waits_longer_than_the_mesh() -> None:
    found = served_by_shards(
        service(Route(host="video"), resilience=Resilience(timeout_seconds=30)), SITE
    )

    (upstream,) = spec(found, "VirtualServer")["upstreams"]
    assert upstream["next-upstream"] == "off"
    assert int(upstream["read-timeout"].removesuffix("s")) > 30


@pytest.mark.requirement("R38")
def test_a_client_that_asks_too_much_is_told_429_at_every_host() -> None:
    found = served_by_shards(PLAYER, SITE)

    (policy,) = [manifest for manifest in found if manifest.kind == "Policy"]
    limit = policy.fields["spec"]["rateLimit"]
    assert (limit["key"], limit["rejectCode"]) == ("${binary_remote_addr}", 429)
    for host in found:
        if host.kind == "VirtualServer":
            assert host.fields["spec"]["policies"] == [{"name": policy.name}]


@pytest.mark.parametrize(
    ("own", "rate"),
    [
        (None, "1200r/m"),
        (Rate(requests=300), "300r/m"),
        (Rate(requests=3000, window=Window.FIVE_MINUTES), "600r/m"),
        # More than the gateway lets a client have.
        (Rate(requests=9000), "1200r/m"),
    ],
)
def test_the_narrower_of_gateway_and_service_is_the_rate(own: Rate | None, rate: str) -> None:
    site = Site(domain=SITE.domain, shards=SITE.shards, rates=Rates(gateway=Rate(requests=1200)))

    assert rate_limit(service(Route(host="video"), client_rate=own), site)["rate"] == rate


@pytest.mark.parametrize("requests", [10, 99, 100, 6000])
@pytest.mark.parametrize("window", Window)
def test_no_rate_becomes_nothing_when_a_shards_pods_share_it(requests: int, window: Window) -> None:
    limit = rate_limit(
        service(Route(host="video"), client_rate=Rate(requests=requests, window=window))
    )

    a_minute = int(limit["rate"].removesuffix("r/m"))
    assert a_minute // (MOST_PODS if limit["scale"] else 1) >= 1
    assert limit["burst"] >= 1


@pytest.mark.requirement("R38")
def test_a_split_gives_another_service_its_share_under_its_own_name() -> None:
    other = Service(name="player", namespace="media-next", image=IMAGE)
    found = spec(
        served_by_shards(PLAYER, SITE, split=Split(service=other, percent=10)), "VirtualServer"
    )

    services = {upstream["name"]: upstream["service"] for upstream in found["upstreams"]}
    for route in found["routes"]:
        assert [part["weight"] for part in route["splits"]] == [90, 10]
        assert [
            (
                services[part["action"]["proxy"]["upstream"]],
                headers(part["action"])["Host"],
            )
            for part in route["splits"]
        ] == [
            ("player", "player.media.svc.cluster.local"),
            ("media-next/player", "player.media-next.svc.cluster.local"),
        ]


@pytest.mark.parametrize("percent", [0, 100])
def test_a_split_that_leaves_one_service_nothing_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="use 1 to 99, or move the route"):
        Split(service=PLAYER, percent=percent)


def test_two_services_on_one_host_of_a_shard_are_refused() -> None:
    lists = service(Route(host="video", path="/lists"), name="lists")

    (found,) = shard_conflicts([PLAYER, lists], SITE)

    assert found.startswith("media/player and media/lists both have video.prod.example.org, which ")
    assert "; give one of them another host" in found


def test_two_services_that_would_write_one_object_are_refused() -> None:
    shards = {"video": Shard(hosts=("b-c.prod.example.org", "c.prod.example.org"), slot=1)}
    site = Site(domain="prod.example.org", shards=shards)

    both = [service(Route(host="b-c"), name="a"), service(Route(host="c"), name="a-b")]

    assert list(shard_conflicts(both, site)) == [
        "VirtualServer a-b-c would be made by media/a and by media/a-b; rename one of the services"
    ]


def test_services_meet_on_a_host_of_the_gateway() -> None:
    both = [service(Route(host="shop")), service(Route(host="shop"), name="cart")]

    assert list(shard_conflicts(both, SITE)) == []
    assert SITE.through_shards(service(Route(host="shop"))) == {}


def test_a_host_added_later_changes_no_object_of_the_others() -> None:
    before = served_by_shards(service(Route(host="video")), SITE)
    after = served_by_shards(service(Route(host="video"), Route(host="files")), SITE)

    assert [manifest for manifest in after if manifest in before] == before


def test_a_shared_host_takes_in_what_is_delegated_to_it_and_names_none() -> None:
    host = shared_host("video.prod.example.org", "video", namespace="media").fields["spec"]
    part = delegated(PLAYER, SITE, "video.prod.example.org")

    (route,) = host["routes"]
    wanted = route["routeSelector"]["matchLabels"]
    assert wanted.items() <= dict(part.labels).items()
    assert HOST_LABEL in wanted
    assert part.fields["spec"]["host"] == host["host"]
    assert part.fields["spec"]["ingressClassName"] == host["ingressClassName"]


def test_what_is_delegated_has_the_same_limits_as_a_host_of_its_own() -> None:
    part = delegated(PLAYER, SITE, "video.prod.example.org").fields["spec"]
    own = spec(served_by_shards(PLAYER, SITE), "VirtualServer")

    assert [route["path"] for route in part["subroutes"]] == ["/watch", "/list"]
    assert part["upstreams"] == own["upstreams"]
    for route in part["subroutes"]:
        assert route["policies"] == own["policies"]
        assert route["action"] == own["routes"][0]["action"]


@pytest.mark.parametrize("host", ["shop.prod.example.org", "files.prod.example.org"])
def test_a_host_that_the_service_has_not_at_a_shard_cannot_be_delegated(host: str) -> None:
    shop = service(Route(host="shop"))

    with pytest.raises(ValueError, match="media/player has no route on"):
        delegated(shop, SITE, host)


def test_upstreams_have_names_that_nginx_tells_apart() -> None:
    other = service(name="player-two")
    found = spec(
        served_by_shards(PLAYER, SITE, split=Split(service=other, percent=50)), "VirtualServer"
    )

    names = [upstream["name"] for upstream in found["upstreams"]]
    used = chain.from_iterable(route["splits"] for route in found["routes"])
    assert len(set(names)) == 2
    assert {part["action"]["proxy"]["upstream"] for part in used} == set(names)
