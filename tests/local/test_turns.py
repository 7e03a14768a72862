"""Calls that come at the same moment."""

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Any

from werkzeug.test import Client

from ekp.local.protocol import Environ, StartResponse
from ekp.local.turns import in_turns

from .conftest import Clients

CALLS = 8
PATIENCE = 10.0
SHORT = 0.2


def test_one_call_is_answered_whole_before_the_next_one_starts() -> None:
    calls: list[str] = []
    another = Event()

    def application(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        if calls:
            another.set()
        calls.append("in")
        # Time enough for another call to come in, and none needed when it does.
        another.wait(SHORT)
        yield b""
        calls.append("out")

    client = Client(in_turns(application))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: client.post("/").status_code, range(2)))

    assert answers == [200, 200]
    assert calls == ["in", "out", "in", "out"]


def test_a_client_that_sends_slowly_holds_nobody_up() -> None:
    sent, answered = Event(), Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert sent.wait(PATIENCE)
            return super().read(size)

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    client = Client(in_turns(application))

    def send_slowly() -> None:
        body = client.post("/", input_stream=Slow(b"late"), content_length=4).data
        assert body == b"late"
        answered.set()

    slow = Thread(target=send_slowly)
    slow.start()

    assert client.post("/", data=b"early").data == b"early"
    sent.set()
    slow.join(PATIENCE)
    assert answered.is_set()


def test_roles_that_are_made_at_the_same_moment_are_all_made(clients: Clients) -> None:
    iam: Any = clients("iam")
    names = [f"role-{number}" for number in range(60)]

    with ThreadPoolExecutor(CALLS) as pool:
        list(
            pool.map(
                lambda name: iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}"), names
            )
        )

    made = {role["RoleName"] for role in iam.list_roles(MaxItems=1000)["Roles"]}
    assert made >= set(names)
