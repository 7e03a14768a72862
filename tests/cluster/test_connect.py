"""Calls to the API: trusted, bounded, and in words when they fail."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ekp.cluster.connect import Api
from ekp.cluster.contract import Cluster
from ekp.cluster.errors import (
    ClusterError,
    ForbiddenError,
    RefusedError,
    UnauthorizedError,
    UnreachableError,
    UntrustedError,
)
from ekp.cluster.kinds import NODE_POOL, POD, SERVICE

from .conftest import QUICK, ROLE, connect
from .double import TOKEN, Double, certificate


@pytest.fixture
def mute() -> Iterator[str]:
    """A place that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


def test_every_page_of_a_list_is_read(double: Double, api: Api) -> None:
    for number in range(5):
        double.add(POD, f"pod-{number}", namespace="web")
    double.page = 2

    assert [one["metadata"]["name"] for one in api.all(POD)] == double.names(POD)
    assert double.requests.count("GET /api/v1/pods") == 3


def test_a_kind_that_is_not_installed_has_no_objects(api: Api) -> None:
    assert api.all(NODE_POOL) == []
    assert api.find(NODE_POOL, "", "default") is None


def test_an_object_made_since_is_not_deleted_in_the_place_of_the_first(
    double: Double, api: Api
) -> None:
    first = double.add(SERVICE, "web", namespace="shop")
    later = double.add(SERVICE, "web", namespace="shop")

    api.delete(SERVICE, first)

    assert double.of(SERVICE) == [later]


def test_an_answer_that_is_late_once_is_asked_for_again(double: Double, api: Api) -> None:
    double.failures = 1

    assert api.all(POD) == []


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, UnauthorizedError, ("does not know", ROLE, "cluster.eks.access_entries")),
        (403, ForbiddenError, ("does not let", ROLE, "GET /api/v1/pods", "ClusterAdminPolicy")),
        (422, RefusedError, ("GET /api/v1/pods with 422: no",)),
        (503, RefusedError, ("with 503",)),
    ],
)
def test_a_refusal_says_who_needs_what(
    status: int, kind: type[ClusterError], words: tuple[str, ...], double: Double, api: Api
) -> None:
    double.status = status

    with pytest.raises(kind) as caught:
        api.all(POD)

    assert all(word in str(caught.value) for word in words)
    assert TOKEN not in str(caught.value)


def test_an_answer_that_is_not_kubernetes_own_is_shown(double: Double, api: Api) -> None:
    double.installed.add(POD)
    double.raw = b"<html>Please sign in</html>"

    with pytest.raises(RefusedError, match="with 200: <html>Please sign in"):
        api.all(POD)

    double.status = 302
    with pytest.raises(RefusedError, match="with 302: <html>Please sign in"):
        api.all(POD)
    assert double.requests == ["GET /api/v1/pods"] * 2


def test_a_conflict_is_no_success_of_a_change(double: Double, api: Api) -> None:
    body = double.add(SERVICE, "web", namespace="shop")
    double.status = 409

    with pytest.raises(RefusedError, match=r"PATCH .* with 409"):
        api.patch(SERVICE, body, {"spec": {}})


def test_a_silent_endpoint_ends_the_call_in_time_and_says_what_to_open(
    cluster: Cluster, mute: str
) -> None:
    began = time.monotonic()

    with pytest.raises(UnreachableError) as caught:
        connect(replace(cluster, endpoint=mute)).all(POD)

    assert time.monotonic() - began < 5 * (QUICK.connect_seconds + QUICK.read_seconds)
    assert mute in caught.value.message
    assert "timed out" in caught.value.message
    assert "cluster.eks.api_access" in caught.value.remedy
    assert "VPN" in caught.value.remedy


def test_a_closed_port_and_an_unknown_name_are_unreachable(cluster: Cluster) -> None:
    for endpoint in ("https://127.0.0.1:1", "https://no-such-cluster.invalid"):
        with pytest.raises(UnreachableError, match=endpoint):
            connect(replace(cluster, endpoint=endpoint)).all(POD)


def test_somebody_elses_certificate_is_not_trusted(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = replace(cluster, authority=certificate(tmp_path / "other"))

    with pytest.raises(UntrustedError, match="not the API of ekp-dev-euw1-eks") as caught:
        connect(other).all(POD)

    assert "NO_PROXY" in caught.value.remedy


def test_an_authority_that_is_no_certificate_is_not_trusted(cluster: Cluster) -> None:
    with pytest.raises(UntrustedError):
        connect(replace(cluster, authority="certificate")).all(POD)


def test_a_token_that_is_not_taken_is_an_unknown_role(cluster: Cluster) -> None:
    with pytest.raises(UnauthorizedError):
        Api(cluster, token=lambda: "old", timeouts=QUICK).all(POD)
