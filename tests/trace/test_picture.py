"""A trace is shown and drawn as it is: every hop, who refuses, and no secret."""

import io
import shutil
from typing import Any

import pytest
from rich.console import Console

from ekp.configured.environment import Configured
from ekp.diagram import dot
from ekp.diagram.picture import Flow, Kind
from ekp.trace.picture import draw
from ekp.trace.shown import lines, table
from ekp.trace.traced import Trace
from tests.diagram.svg import said

from .rows_paths import ROWS as PATHS
from .rows_people import ROWS as PEOPLE
from .rows_ways import ROWS as WAYS
from .table import SHOP
from .test_inside import traced
from .test_table import traced as of_row

WIDTH = 100


def shown(trace: Trace, width: int = WIDTH) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(table(trace))
    for line, style in lines(trace):
        console.print(line, style=style, highlight=False, markup=False)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_table_fits_a_hundred_columns_and_ends_with_the_verdict(prod: Configured) -> None:
    text = shown(traced(prod))

    assert max(map(len, text.splitlines())) <= WIDTH
    assert "The request reaches Rollout shop/checkout in eu-west-1, if AWS's managed" in text
    assert "Of the token: its signature cannot be judged here and is taken as good." in text
    assert "no request was sent" in text


def test_a_refusal_and_a_remedy_are_told_in_words(prod: Configured) -> None:
    refused = shown(traced(prod, method="GET"))
    missing = shown(traced(prod, "https://blog.prod.ekp.example/"))

    assert "refuses" in refused
    assert "403" in refused
    assert "→ A service takes a host in its tenant's file" in missing


def test_brackets_of_a_url_are_no_markup(prod: Configured) -> None:
    assert "/a[bold]b" in shown(traced(prod, f"{SHOP}/a[bold]b"))


def test_a_picture_has_every_hop_in_the_box_where_it_is_met(prod: Configured) -> None:
    trace = traced(prod, place="DE", claims='{"sub": "alice"}')
    picture = draw(trace)

    words = " ".join(node.words for node in picture.every_node())
    assert [hop for hop in trace.hops if hop.name not in words] == []
    assert [box.title for box in picture.every_box()] == ["AWS", "eu-west-1", "cluster"]
    assert [node.title for node in picture.every_node()][2:] == [
        *("Route 53", "CloudFront", "load balancer", "gateway istio-ingressgateway"),
        *("route to the service", "pods of the service"),
    ]
    # One way, from who asks to what comes of it.
    assert {edge.flow for edge in picture.edges} == {Flow.REQUEST}
    assert [edge.tail for edge in picture.edges][1:] == [edge.head for edge in picture.edges][:-1]


def test_who_refuses_stands_out_in_words_and_colour(prod: Configured) -> None:
    picture = draw(traced(prod, method="GET"))

    rows = [row for node in picture.every_node() for row in node.rows if row.kind is Kind.REFUSAL]
    assert [row.title for row in rows] == ["✗ authorization: refuses 403"]
    (answer,) = [node for node in picture.nodes if node.name == "answer"]
    assert (answer.kind, answer.title) == (Kind.REFUSAL, "REFUSES 403")
    assert "is refused with 403 by AuthorizationPolicy" in answer.words


@pytest.mark.parametrize(
    "row", [WAYS[0], WAYS[8], WAYS[9], WAYS[18], PEOPLE[16], PATHS[22]], ids=lambda row: row.id
)
@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot: `apt-get install graphviz`")
def test_dot_draws_whatever_came_of_a_request(row: Any, prod: Configured) -> None:
    picture = draw(of_row(prod, row))

    assert said(dot.svg(picture)) == dot.said(picture)


def test_neither_secrets_nor_proofs_of_a_caller_are_shown(prod: Configured) -> None:
    proofs = ["Authorization: Basic aHVudGVyMg==", "Cookie: session=hunter2", "x-key: hunter3"]
    trace = traced(prod, headers=proofs)

    told = [shown(trace, 400), str(trace.to_json()), dot.source(draw(trace))]
    for text in told:
        assert "hunter" not in text
        assert "aHVudGVyMg" not in text
        assert "${var." not in text
    assert trace.to_json()["request"]["headers"] == ["authorization", "cookie", "x-key"]
