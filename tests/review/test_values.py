"""Differences of resources, with marks in the form in which Terraform writes them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ekp.review import values
from ekp.review.reasons import reasons
from ekp.review.values import ABSENT, HIDDEN, LATER, contents, differences

SECRET = "hunter2"


def change(before: Any, after: Any, **marks: Any) -> dict[str, Any]:
    return {"before": before, "after": after, "before_sensitive": {}, "after_sensitive": {}} | marks


def told(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one.name: (one.before, one.after) for one in differences(found)}


def test_attributes_that_differ_are_named_by_their_paths() -> None:
    before = {"scaling": [{"min": 1, "max": 4}], "name": "a", "tags": {"Owner": "x"}}
    after = {"scaling": [{"min": 1, "max": 9}], "name": "a", "tags": {"Owner": "y", "Team": "z"}}
    assert told(change(before, after)) == {
        "scaling[0].max": ("4", "9"),
        "tags.Owner": ("x", "y"),
        "tags.Team": (ABSENT, "z"),
    }


def test_what_is_known_after_the_apply_is_said_to_be() -> None:
    found = change(
        {"id": "a", "launch": [{"id": "b", "version": 1}]},
        {"launch": [{"id": "b"}]},
        after_unknown={"id": True, "launch": [{"version": True}]},
    )
    assert told(found) == {"id": ("a", LATER), "launch[0].version": ("1", LATER)}


@pytest.mark.parametrize("side", ["before_sensitive", "after_sensitive"])
def test_a_secret_in_the_depth_is_hidden_on_both_sides(side: str) -> None:
    found = change(
        {"users": [{"name": "a", "login": {"password": f"{SECRET}-old"}}]},
        {"users": [{"name": "b", "login": {"password": f"{SECRET}-new"}}]},
        **{side: {"users": [{"login": {"password": True}}]}},
    )
    assert told(found) == {
        "users[0].login.password": (HIDDEN, HIDDEN),
        "users[0].name": ("a", "b"),
    }


def test_a_secret_in_a_part_that_comes_or_goes_is_hidden() -> None:
    part = {"login": {"password": SECRET, "user": "a"}}
    marks = {"login": {"password": True}}
    for found in (
        change(None, part, after_sensitive=marks),
        change(part, None, before_sensitive=marks),
        change({"login": "none"}, part, after_sensitive=marks),
    ):
        text = repr(told(found))
        assert HIDDEN in text
        assert "'a'" in text or '"a"' in text
        assert SECRET not in text


def marked(value: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    """Values with marks of their shape; each leaf that is marked holds the secret."""
    del value
    leaf = st.one_of(
        st.tuples(
            st.one_of(st.none(), st.integers(0, 3), st.text("ab{\n", max_size=3)), st.just(False)
        ),
        st.just((SECRET, True)),
        st.just((f'{{"a": "{SECRET}"}}', True)),
    )

    def grown(inner: st.SearchStrategy[tuple[Any, Any]]) -> st.SearchStrategy[tuple[Any, Any]]:
        lists = st.lists(inner, max_size=3).map(
            lambda items: ([one for one, _ in items], [mark for _, mark in items])
        )
        maps = st.dictionaries(st.sampled_from("xyz"), inner, max_size=3).map(
            lambda items: (
                {key: one for key, (one, _) in items.items()},
                {key: mark for key, (_, mark) in items.items()},
            )
        )
        return st.one_of(lists, maps)

    return st.dictionaries(st.sampled_from("pqr"), st.recursive(leaf, grown, max_leaves=8)).map(
        lambda items: (
            {key: one for key, (one, _) in items.items()},
            {key: mark for key, (_, mark) in items.items()},
        )
    )


@settings(max_examples=150)
@given(marked(None), marked(None))
def test_no_marked_value_is_ever_told(before: tuple[Any, Any], after: tuple[Any, Any]) -> None:
    found = change(
        before[0], after[0], before_sensitive=before[1], after_sensitive=after[1], after_unknown={}
    )
    assert SECRET not in repr(differences(found))
    assert SECRET not in repr(contents(found, "after") + contents(found, "before"))


def test_items_of_a_set_that_stay_are_not_told() -> None:
    found = change({"cidrs": ["a", "b", "c"]}, {"cidrs": ["b", "c", "d"]})
    assert told(found) == {"cidrs": ("a", "d")}
    rules = change({"rule": [{"port": 1}, {"port": 2}]}, {"rule": [{"port": 2}, {"port": 3}]})
    assert told(rules) == {"rule[1].port": ("1", "3")}


def test_a_document_is_told_by_what_differs_in_it() -> None:
    def policy(action: str) -> str:
        return json.dumps({"Statement": [{"Effect": "Allow", "Action": [action, "s3:List"]}]})

    found = change({"policy": policy("s3:Get")}, {"policy": policy("s3:*")})
    assert told(found) == {"policy.Statement[0].Action": ("s3:Get", "s3:*")}


def test_a_text_is_told_by_its_lines() -> None:
    text = "\n".join(f"line: {number}" for number in range(500))
    found = change({"values": [text]}, {"values": [text.replace("line: 250", "line: changed")]})
    (only,) = differences(found)
    assert only.name == "values[0]"
    assert [line for line in only.lines if line[0] in "+-"] == ["-line: 250", "+line: changed"]


def test_a_long_value_is_cut_and_its_length_told() -> None:
    (only,) = differences(change({"data": "a"}, {"data": "b" * 10_000}))
    assert len(only.after) < values.LONGEST + 40
    assert only.after.endswith("(10,000 characters)")


def test_what_is_added_is_told_without_its_empty_parts() -> None:
    found = change(
        None, {"name": "a", "tags": {}, "rules": [], "note": None}, after_unknown={"id": True}
    )
    assert {one.name: one.after for one in contents(found, "after")} == {"name": "a", "id": LATER}


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            {"change": {"replace_paths": [["cidr_block"], ["rule", 0, "port"]]}},
            "must be replaced because `cidr_block` and `rule[0].port` cannot change in place",
        ),
        (
            {"change": {}, "action_reason": "replace_because_tainted"},
            "must be replaced because an earlier run left it half made, so it is made anew",
        ),
        (
            {"change": {}, "action_reason": "delete_because_no_resource_config"},
            "is destroyed because it is not in the configuration any more",
        ),
        (
            {"change": {}, "action_reason": "delete_because_of_a_later_terraform"},
            "is destroyed because delete_because_of_a_later_terraform",
        ),
    ],
)
def test_reasons_are_told_in_words(entry: dict[str, Any], sentence: str) -> None:
    assert reasons(entry) == (sentence,)


def test_a_change_without_a_reason_has_none() -> None:
    assert reasons({"change": {}, "action_reason": "read_because_config_unknown"}) == ()
