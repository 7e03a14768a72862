"""What people write of a request is understood, or every mistake is told at once."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ekp.trace.parse import Parsed, parse
from ekp.trace.question import Entry
from ekp.trace.tokens import Issuer
from ekp.trace.words import BadQuestionError, Words

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HERE = "https://login.example.com"
ISSUERS = (Issuer(HERE, ("shop",)),)


def asked(
    url: str = "https://shop.example.com/", issuers: Sequence[Issuer] = ISSUERS, **words: Any
) -> Parsed:
    return parse(
        Words(url=url, **words),
        regions=("eu-west-1", "us-east-1"),
        issuers=lambda: issuers,
        now=NOW,
    )


def mistakes(*positional: Any, **words: Any) -> list[str]:
    with pytest.raises(BadQuestionError) as error:
        asked(*positional, **words)
    return list(error.value.problems)


def jwt(claims: object, algorithm: str = "RS256") -> str:
    parts = ({"alg": algorithm, "typ": "JWT"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode() for one in parts]
    return ".".join([*(text.rstrip("=") for text in texts), "c2lnbmF0dXJl"])


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://shop.example.com", "shop.example.com", "/"),
        ("HTTPS://Shop.Example.com:443/A", "shop.example.com", "/A"),
        ("https://h.example/a//b;c/../d%2Fe?x=1&y#part", "h.example", "/a//b;c/../d%2Fe?x=1&y"),
        ("https://h.example?x=1", "h.example", "/?x=1"),
    ],
)
def test_a_path_is_kept_as_it_is_written(url: str, host: str, path: str) -> None:
    question = asked(url).question

    assert (question.scheme, question.host, question.path) == ("https", host, path)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("shop.example.com/cart", "its scheme is none of http and https; write https://HOST/PATH"),
        ("ftp://shop.example.com", "its scheme is none of http and https"),
        ("https:///cart", "it has no host"),
        ("https:shop.example.com", "its scheme is none of"),
        ("https://alice:secret@shop.example.com/", "it has a user in it"),
        ("https://shop.example.com:8443/", "nobody listens on port 8443"),
        ("https://shop.example.com:x/", "nobody listens on port x"),
        ("https://[::1/", "it has a bracket in its host; write https://HOST/PATH"),
        ("https://-shop.example.com/", "is no host name"),
        ("https://shop.example.com/a b", "percent-encode them"),
        ("https://köln.example/", "xn-- form"),
    ],
)
def test_a_url_that_no_request_comes_of_is_refused_with_the_remedy(url: str, why: str) -> None:
    (problem,) = mistakes(url)

    assert problem.startswith("URL ")
    assert why in problem


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes(
        "ftp://x",
        place="XX",
        address="1.2",
        method="G T",
        headers=["nothing", "Host: a", "x: \x01"],
        claims="[]",
        rate="5",
        body_size=-1,
        region="eu-west-1",
        out_of_service=["eu-wset-1"],
    )

    assert [problem.partition(" ")[0] for problem in found] == [
        "URL",
        "--from",
        "--address",
        *["--header"] * 3,
        "--claims",
        "--method",
        "--rate",
        "--body-size",
        "--region",
        "--out-of-service",
    ]
    assert "did you mean eu-west-1? (it has eu-west-1, us-east-1)" in found[-1]


def test_a_country_and_a_region_say_what_is_near() -> None:
    assert asked(place="us").question.client.country == "US"
    assert asked(place="US").question.client.nearest == ("us-east-1", "eu-west-1")
    assert asked(place="eu-west-1").question.client.country is None
    assert asked(place="eu-west-1").question.client.nearest == ("eu-west-1", "us-east-1")
    assert asked().question.client.nearest == ()


@pytest.mark.parametrize(("text", "rate"), [("50/s", 50), ("3000/m", 50), ("180000/H", 50)])
def test_a_rate_is_of_seconds_minutes_or_hours(text: str, rate: float) -> None:
    assert asked(rate=text).question.rate == rate


@pytest.mark.parametrize("text", ["", "50", "/s", "50/d", "-1/s", "0/s", "1e3/s"])
def test_a_rate_that_is_none_is_told_with_examples(text: str) -> None:
    assert mistakes(rate=text)[0].endswith("50/s, 3000/m, 9000/h")


def test_a_header_that_is_written_twice_has_both_values() -> None:
    assert asked(headers=["X-A: 1", "x-a:2", "X-B:"]).question.headers == {"x-a": "1,2", "x-b": ""}


def test_a_mistake_in_a_header_does_not_repeat_its_value() -> None:
    assert "hunter2" not in str(mistakes(headers=["cookie hunter2", "x-key: hunter2\x00"]))


def test_the_entry_says_whether_a_region_can_be_chosen() -> None:
    assert asked(entry=Entry.BALANCER, region="us-east-1").question.region == "us-east-1"
    assert "Route 53 chooses the region" in mistakes(region="us-east-1")[0]
    assert "is no region of the environment" in mistakes(entry=Entry.BALANCER, region="x")[0]


def test_claims_without_issuer_and_audience_get_the_only_ones_there_are_and_it_is_said() -> None:
    found = asked(claims='{"sub": "alice", "groups": ["a"]}')

    token = found.question.token
    assert token is not None
    assert (token.issuer, token.audiences) == (HERE, ("shop",))
    assert token.claims == {"sub": "alice", "groups": ["a"]}
    assert found.notes == (
        f"its issuer is taken to be the environment's only one, {HERE}",
        "its audience is taken to be shop",
    )


def test_claims_keep_what_they_say_themselves() -> None:
    found = asked(claims='{"iss": "https://other.example", "aud": "them"}')

    assert found.question.token is not None
    assert found.question.token.issuer == "https://other.example"
    assert found.question.token.audiences == ("them",)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("issuers", "why"),
    [
        ((), "the gateway takes tokens of nobody; write iss and aud"),
        ((*ISSUERS, Issuer("https://b", ())), f"write iss: {HERE} or https://b"),
    ],
)
def test_an_issuer_that_nobody_can_guess_is_asked_for(issuers: Sequence[Issuer], why: str) -> None:
    assert why in mistakes(issuers=issuers, claims='{"sub": "alice"}')[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"alice"', '{"exp": "soon"}', '{"exp": true}', '{"aud": null}', '{"iss": 1}'],
)
def test_claims_that_are_none_are_told(text: str) -> None:
    assert mistakes(claims=text)[0].startswith("--claims ")


def test_a_jwt_is_read_from_a_file_or_its_header_and_is_kept_nowhere(tmp_path: Path) -> None:
    text = jwt({"iss": HERE, "aud": "shop", "sub": "alice"})
    (tmp_path / "token").write_text(f"{text}\n", encoding="utf-8")

    from_file = asked(jwt=tmp_path / "token")
    from_header = asked(headers=[f"Authorization: Bearer {text}", "x-a: 1"])

    assert from_file.question.token == from_header.question.token
    assert from_file.question.token is not None
    assert from_file.question.token.claims == {"sub": "alice"}
    assert from_header.question.headers == {"x-a": "1"}
    assert text not in str(from_header)


@pytest.mark.parametrize(
    ("claims", "expired", "note"),
    [
        ({"exp": NOW.timestamp() - 61}, True, "it ended on 2026-11-20 23:58:59 UTC"),
        ({"exp": NOW.timestamp() - 59}, False, ""),
        ({"exp": NOW.timestamp() + 1}, False, ""),
        ({"nbf": NOW.timestamp() + 61}, True, "it begins on 2026-11-21 00:01:01 UTC"),
        ({"nbf": NOW.timestamp() + 59}, False, ""),
        ({"exp": 1e30}, False, ""),
    ],
)
def test_a_token_is_expired_a_minute_after_it_ends(
    claims: dict[str, float],
    expired: bool,  # noqa: FBT001 - what must come of it
    note: str,
) -> None:
    found = asked(claims=json.dumps({"iss": HERE, "aud": "shop", **claims}))

    assert found.question.token is not None
    assert found.question.token.expired is expired
    assert note in " ".join(found.notes)
    assert bool(found.notes) is bool(note)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_public_keys_cannot_prove_is_not_believed(algorithm: str) -> None:
    found = asked(headers=[f"authorization: Bearer {jwt({'iss': HERE}, algorithm)}"])

    assert found.question.token is not None
    assert not found.question.token.verifiable
    assert algorithm in found.notes[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has 1 part between dots"),
        ("a.b", "it has 2 parts between dots"),
        ("a.b.c", "the part of its header is no JSON in base64url"),
        (jwt([1]), "the part of its claims is no object"),
    ],
)
def test_what_is_no_jwt_is_told_without_being_repeated(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(text, encoding="utf-8")

    (problem,) = mistakes(jwt=file)

    assert problem.startswith(f"--jwt {file} is no JWT: ")
    assert why in problem


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\xff\xfe")

    assert mistakes(jwt=tmp_path / "none")[0].endswith(
        "cannot be read: No such file or directory; name a file with a JWT in it"
    )
    assert "it is no text" in mistakes(jwt=tmp_path / "picture")[0]


def test_two_tokens_are_one_too_many() -> None:
    header = f"Authorization: Bearer {jwt({})}"

    assert mistakes(claims="{}", headers=[header]) == [
        "--claims and --header Authorization both bring a token; write one of them"
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"claims": '{"exp": null}'}, "write seconds since 1970"),
        ({"claims": '{"exp": NaN}'}, "NaN is no number of JSON"),
        ({"claims": "[" * 10_000}, "it is nested too deep"),
        ({"claims": '{"sub": 5}'}, "has a sub that is no text"),
        ({"headers": [f"authorization: bearer {jwt({})}"]}, "to Envoy 'bearer' is no token"),
        ({"address": "fe80::1%eth0"}, "is no address"),
        ({"place": "UK"}, "did you mean GB?"),
        ({"rate": f"{'9' * 40}/s"}, "is no rate"),
    ],
)
def test_what_nobody_can_send_is_told(words: dict[str, Any], why: str) -> None:
    (problem,) = mistakes(**words)

    assert why in problem


def test_a_password_in_a_url_is_not_repeated() -> None:
    (problem,) = mistakes(url="https://alice:guess@h.example/")

    assert "guess" not in problem


def test_a_token_without_a_signature_is_not_believed() -> None:
    unsigned = jwt({"iss": HERE}).rpartition(".")[0]
    found = asked(headers=[f"authorization: Bearer {unsigned}."])

    assert found.question.token is not None
    assert not found.question.token.verifiable


def test_a_password_is_a_header_and_no_token() -> None:
    found = asked(headers=["Authorization: Basic YTpi"]).question

    assert found.token is None
    assert found.headers == {"authorization": "Basic YTpi"}
