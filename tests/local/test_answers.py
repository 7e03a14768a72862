"""Calls whose answer the client lost."""

from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from werkzeug.test import Client
from werkzeug.wrappers import Response

from ekp.local.answers import Answers
from ekp.local.protocol import Environ, StartResponse

from .conftest import Clients
from .edge import change, make_zone, plain
from .eks_cluster import refused

DOMAIN = "example.com"


def lose_first_answer(client: Any, operation: str) -> list[int]:
    """Do a call and close the connection on its answer, as Go does; give the answers' status."""
    lost: list[int] = []

    def send(request: Any, **_: Any) -> None:
        if not lost:
            lost.append(URLLib3Session().send(request).status_code)
            raise ConnectionClosedError(endpoint_url=request.url)

    client.meta.events.register(f"before-send.*.{operation}", send)
    return lost


def test_a_call_whose_answer_was_lost_is_not_done_twice(clients: Clients) -> None:
    route53 = clients("route53", attempts=2)
    zone = make_zone(route53, DOMAIN)
    lost = lose_first_answer(route53, "ChangeResourceRecordSets")
    create = ("CREATE", plain(f"a.{DOMAIN}", "192.0.2.1"))

    answer = change(route53, zone, create)

    assert (lost, answer["ResponseMetadata"]["RetryAttempts"]) == ([200], 1)
    assert answer["ChangeInfo"]["Status"] == "INSYNC"
    with refused("InvalidChangeBatch", 400, "it already exists"):
        change(route53, zone, create)


@pytest.mark.parametrize(
    ("method", "status", "calls", "done"),
    [
        ("POST", 200, ["a", "a", "b", "a"], 2),
        ("POST", 500, ["a", "a"], 2),
        ("GET", 200, ["a", "a"], 2),
        ("POST", 200, ["a", "b", "c", "a"], 4),
        ("POST", 200, ["", ""], 2),
    ],
    ids=["same", "failed", "read", "forgotten", "unnamed"],
)
def test_a_call_is_done_once_for_its_name_while_its_answer_is_kept(
    method: str, status: int, calls: list[str], done: int
) -> None:
    seen: list[str] = []

    def application(environ: Environ, start_response: StartResponse) -> Any:
        seen.append(environ["PATH_INFO"])
        return Response(str(len(seen)), status)(environ, start_response)

    client = Client(Answers(most=2).wrap(application))
    for call in calls:
        headers = {"amz-sdk-invocation-id": call} if call else {}
        assert client.open("/", method=method, headers=headers).status_code == status

    assert len(seen) == done
