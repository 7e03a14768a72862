"""`ekp trace`: exit codes, JSON, mistakes, what is expected, and the picture."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from ekp.cli import app
from ekp.commands import trace
from ekp.commands.workspace import Workspace
from ekp.runner.errors import UnknownEnvironmentError
from ekp.synth import project_root
from ekp.trace.follow import MalformedObjectError, NotFollowedError
from tests.diagram.svg import said

USAGE = 2
CART, REFUNDS = "https://shop.prod.ekp.example/cart", "https://shop.prod.ekp.example/refunds"
ALICE = ("--claims", '{"sub": "alice"}')
KEYS = {
    *("environment", "request", "outcome", "allowed", "verdict", "status", "region", "target"),
    "hops",
}


@pytest.fixture(autouse=True)
def _project(synthesized_outdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "workspace", lambda: Workspace(synthesized_outdir.parent))


def ekp(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["trace", *map(str, arguments)])


def told(*arguments: str | Path) -> Any:
    return json.loads(ekp(*arguments, "--json").stdout)


def test_a_request_that_is_let_in_and_one_that_is_not_are_both_traces() -> None:
    for arguments in ((CART, "prod", *ALICE), (CART, "prod")):
        done = ekp(*arguments)
        assert done.exit_code == 0
        assert "The request " in done.stdout


def test_json_has_the_same_keys_whatever_came_of_the_request() -> None:
    allowed, refused = told(CART, "prod", *ALICE), told(CART, "prod", "--from", "US")

    assert set(allowed) == set(refused) == KEYS
    assert (allowed["outcome"], allowed["target"]) == ("may refuse", "Rollout shop/checkout")
    assert (refused["outcome"], refused["status"], refused["target"]) == ("refuses", 403, None)
    assert refused["region"] == "us-east-1"
    assert refused["request"]["country"] == "US"
    assert {frozenset(hop) for hop in (*allowed["hops"], *refused["hops"])} == {
        frozenset({"stage", "region", "name", "verdict", "by", "why", "status", "remedy"})
    }


@pytest.mark.parametrize(
    ("arguments", "expected", "code"),
    [
        ((CART, "prod", *ALICE), "allowed", 0),
        ((CART, "prod", *ALICE), "refused", 1),
        ((CART, "prod"), "refused", 0),
        ((CART, "prod"), "allowed", 1),
        (("http://shop.prod.ekp.example/", "prod"), "allowed", 0),
        (("https://blog.prod.ekp.example/", "prod"), "allowed", 1),
    ],
)
def test_what_is_expected_decides_the_exit_code(
    arguments: tuple[str, ...], expected: str, code: int
) -> None:
    done = ekp(*arguments, "--expect", expected)

    assert done.exit_code == code
    assert (f"was expected to be {expected}" in " ".join(done.stderr.split())) == bool(code)
    assert "The request " in done.stdout


def test_every_mistake_is_told_and_nothing_is_traced() -> None:
    done = ekp(
        *("ftp://x", "prod", "--rate", "5", "--header", "x", "--from", "Mars"),
        *("--out-of-service", "eu-wset-1", "--address", "here"),
    )

    assert done.exit_code == USAGE
    assert done.stdout == ""
    assert done.stderr.count("error: ") == 6
    assert "did you mean eu-west-1?" in done.stderr


def test_an_environment_that_is_none_is_answered_with_those_that_are() -> None:
    done = ekp(CART, "prdo")

    assert isinstance(done.exception, UnknownEnvironmentError)
    assert "Did you mean prod?" in done.exception.remedy


def test_a_token_of_a_file_is_read_and_never_shown(tmp_path: Path) -> None:
    parts = (
        {"alg": "RS256"},
        {
            "iss": "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0",
            "aud": "00000000-0000-0000-0000-00000000c1d0",
            "sub": "alice",
        },
    )
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    token = ".".join([*(text.rstrip("=") for text in texts), "c2lnbmF0dXJl"])
    (tmp_path / "token").write_text(token, encoding="utf-8")

    by_file = ekp(CART, "prod", "--jwt", tmp_path / "token", "--expect", "allowed")
    by_header = ekp(CART, "prod", "--header", f"Authorization: Bearer {token}", "--json")

    assert by_file.exit_code == by_header.exit_code == 0
    assert json.loads(by_header.stdout)["allowed"]
    assert "its signature cannot be judged here and is taken as good" in by_file.stdout
    for part in token.split("."):
        assert part not in by_file.output + by_header.output


@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot: `apt-get install graphviz`")
def test_the_way_is_drawn_where_it_is_asked_for(tmp_path: Path) -> None:
    done = ekp(REFUNDS, "prod", "--method", "POST", *ALICE, "--svg", tmp_path / "way.svg")

    text = (tmp_path / "way.svg").read_text(encoding="utf-8")
    assert done.exit_code == 0
    assert "✗ authorization: refuses 403" in text
    assert "${var." not in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot: `apt-get install graphviz`")
def test_the_committed_picture_is_true(tmp_path: Path) -> None:
    committed = project_root() / "docs" / "images" / "trace.svg"
    ekp(CART, "prod", "--from", "DE", *ALICE, "--svg", tmp_path / "way.svg")

    drawn, shown = (file.read_text(encoding="utf-8") for file in (tmp_path / "way.svg", committed))
    assert said(drawn) == said(shown), "draw it anew, by the first command of docs/trace.md"


def test_services_of_another_folder_are_followed(tmp_path: Path, synthesized_outdir: Path) -> None:
    shop = synthesized_outdir / "services" / "prod" / "shop"
    shutil.copy(shop / "catalog.yaml", tmp_path / "catalog.yaml")

    found = told(CART, "prod", *ALICE, "--services", tmp_path)

    assert (found["outcome"], found["status"]) == ("missing", 404)
    assert "ekp services render prod" in found["hops"][-1]["remedy"]


def test_what_is_not_understood_is_an_error_below_the_trace_so_far(
    tmp_path: Path, synthesized_outdir: Path
) -> None:
    shop = synthesized_outdir / "services" / "prod" / "shop"
    objects = [*yaml.safe_load_all((shop / "checkout.yaml").read_text(encoding="utf-8"))]
    for one in objects:
        if (one["kind"], one["metadata"]["name"]) == ("VirtualService", "checkout"):
            one["spec"]["http"][0]["fault"] = {"abort": {"httpStatus": 500}}
    text = yaml.safe_dump_all(objects)
    (tmp_path / "checkout.yaml").write_text(text, encoding="utf-8")

    done = ekp(CART, "prod", *ALICE, "--services", tmp_path)

    assert isinstance(done.exception, NotFollowedError)
    assert "VirtualService shop/checkout" in done.exception.message
    assert "target group" in done.stdout


def test_an_object_that_is_malformed_is_an_error_with_its_folder(
    tmp_path: Path, synthesized_outdir: Path
) -> None:
    file = synthesized_outdir / "services" / "prod" / "shop" / "checkout.yaml"
    text = file.read_text(encoding="utf-8").replace("scaleTargetRef", "scales")
    (tmp_path / "checkout.yaml").write_text(text, encoding="utf-8")

    done = ekp(CART, "prod", *ALICE, "--services", tmp_path)

    assert isinstance(done.exception, MalformedObjectError)
    assert str(tmp_path) in done.exception.message
    assert "scaleTargetRef" in done.exception.message


@pytest.mark.parametrize(
    ("arguments", "lacks"),
    [
        ((REFUNDS, *ALICE), ("method POST and claim groups = ",)),
        ((CART,), ("a token of https://login.microsoftonline.com/",)),
    ],
)
def test_a_refusal_says_what_the_rules_for_the_path_would_take(
    arguments: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    url, *more = arguments

    last = told(url, "prod", *more)["hops"][-1]

    assert last["stage"] == "authorization"
    assert all(f"would take it with {one}" in last["why"] for one in lacks)


def test_a_region_that_is_out_with_no_other_to_answer_is_told() -> None:
    url = CART.replace("prod", "dev")

    found = told(url, "dev", *ALICE, "--out-of-service", "EU-WEST-1")

    assert "although its alarm fires" in found["verdict"]


def test_a_region_that_is_out_is_left() -> None:
    found = told(CART, "prod", *ALICE, "--from", "US", "--out-of-service", "us-east-1")

    assert found["region"] == "eu-west-1"
    assert found["request"]["out_of_service"] == ["us-east-1"]


@pytest.mark.parametrize("entry", ["balancer", "foreign-cdn"])
def test_a_load_balancer_is_met_past_the_name(entry: str) -> None:
    found = told(CART, "prod", *ALICE, "--entry", entry, "--region", "us-east-1")

    assert found["region"] == "us-east-1"
    assert found["outcome"] == "refuses"
    assert found["hops"][0]["stage"] == "load balancer"
