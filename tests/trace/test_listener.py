"""The first rule of a listener that matches decides."""

from collections.abc import Callable
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.evaluate.hop import Verdict
from ekp.evaluate.request import Unsupported
from tests.support.configured import with_stack

from .asking import IRELAND, ask, each

Change = Callable[[dict[str, Any]], object]


def rules(prod: Configured, change: Change) -> Configured:
    return with_stack(prod, IRELAND, each("aws_lb_listener_rule", change))


def test_a_rule_for_some_paths_takes_those_alone(prod: Configured) -> None:
    paths = {"path_pattern": {"values": ["/shop/*", "/img/?.png"]}}
    narrow = rules(prod, lambda rule: rule["condition"].append(paths))

    assert ask(narrow, path="/shop/basket?id=1").entered is not None
    assert ask(narrow, path="/img/a.png").entered is not None
    assert ask(narrow, path="/Shop/basket").hops[-1].status == 403


def test_a_condition_that_is_not_understood_is_not_guessed(prod: Configured) -> None:
    query = {"query_string": {"values": [{"value": "a"}]}}

    with pytest.raises(Unsupported, match="query_string"):
        ask(rules(prod, lambda rule: rule["condition"].append(query)))


def test_a_rule_that_redirects_answers(prod: Configured) -> None:
    def change(rule: dict[str, Any]) -> None:
        rule["action"] = [{"type": "redirect", "redirect": {"status_code": "HTTP_301"}}]

    last = ask(rules(prod, change)).hops[-1]
    assert (last.verdict, last.status) == (Verdict.ANSWERS, 301)
