"""Selectors of Calico mean what Calico's own parser makes of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ekp.evaluate.calico.selectors import parse


@pytest.mark.parametrize(
    ("selector", "labels"),
    [
        ("", {}),
        (" \t", {"a": "b"}),
        ("all()", {}),
        (" ( all( ) ) ", {"a": "b"}),
        ("global()", {"a": "b"}),
        ('a == "b"', {"a": "b", "c": "d"}),
        ("a=='b'", {"a": "b"}),
        ("a == ''", {"a": ""}),
        ("a != 'b'", {"a": "c"}),
        ("a != 'b'", {}),
        ("a in {'b', \"c\"}", {"a": "c"}),
        ("a in {'b','c',}", {"a": "c"}),
        ("a not in {'b'}", {}),
        ("a notin {'b'}", {"a": "c"}),
        ("a not in {}", {"a": "c"}),
        ("!a in {'a'}", {}),
        ("has(a)", {"a": ""}),
        ("has( kubernetes.io/metadata.name )", {"kubernetes.io/metadata.name": "shop"}),
        ("!has(a)", {"b": "a"}),
        ("!!has(a)", {"a": "b"}),
        ("a contains 'b'", {"a": "abc"}),
        ("a starts with 'ab'", {"a": "abc"}),
        ("a startswith 'ab'", {"a": "abc"}),
        ("a ends with 'bc'", {"a": "abc"}),
        ('a == "\'"', {"a": "'"}),
        ("in == 'b'", {"in": "b"}),
        ("all == 'b' && has == 'c'", {"all": "b", "has": "c"}),
        # && binds more tightly than ||, and ! than both.
        ("has(a) || has(b) && has(c)", {"a": ""}),
        ("!has(a) || has(a)", {"a": ""}),
        ("!(has(b) || !has(a))", {"a": ""}),
    ],
)
def test_a_selector_fits_labels(selector: str, labels: dict[str, str]) -> None:
    assert parse(selector).matches(labels)


@pytest.mark.parametrize(
    ("selector", "labels"),
    [
        ("!all()", {}),
        ("a == 'b'", {}),
        ("a == 'b'", {"a": "B"}),
        ("a != 'b'", {"a": "b"}),
        ("a in {'b'}", {}),
        ("a in {}", {"a": "b"}),
        ("a not in {'b', 'c'}", {"a": "c"}),
        ("has(a)", {"b": "a"}),
        ("!!! has(a)", {"a": "b"}),
        ("a contains 'b'", {"b": "abc"}),
        ("a starts with 'b'", {"a": "ab"}),
        ("a ends with 'a'", {"a": "ab"}),
        ("(has(a) || has(b)) && has(c)", {"a": ""}),
        ("!has(a) && has(b)", {"a": "", "b": ""}),
    ],
)
def test_a_selector_leaves_other_labels_out(selector: str, labels: dict[str, str]) -> None:
    assert not parse(selector).matches(labels)


@pytest.mark.parametrize(
    ("selector", "character", "why"),
    [
        ("b == b", 6, "a string in quotes is expected"),
        ("b contains b", 3, "an operator is expected after a label"),
        ("'b' == a", 1, "a label, has(), all() or ( is expected"),
        ("b", 2, "an operator is expected after a label"),
        ("a b", 3, "an operator is expected after a label"),
        ("a == 'b' c == 'd'", 10, "an operator or the end is expected"),
        ("!", 2, "a label, has(), all() or ( is expected"),
        ("a == 'b' &", 10, "'&' is unexpected"),
        ("a = 'b'", 3, "an operator is expected after a label"),
        ("a == 'b' ||", 12, "a label, has(), all() or ( is expected"),
        ("a in ''", 6, "{ is expected"),
        ("a in {'b' 'c'}", 11, "} is expected"),
        ("a == 'b\"", 6, "the string has no closing quote"),
        ("(a == 'b'", 10, ") is expected"),
        (")", 1, "a label, has(), all() or ( is expected"),
        ("%", 1, "'%' is unexpected"),
        ("a == 'b' &&\na == 'c'", 12, "'\\n' is unexpected"),
        ("has()", 1, "has(label), all() or global() is expected"),
        ("all(a)", 1, "has(label), all() or global() is expected"),
        ("has (a)", 5, "an operator is expected after a label"),
        (f"has({'a' * 513})", 1, "the label has over 512 characters"),
    ],
)
def test_what_calico_refuses_is_refused_with_its_place(
    selector: str, character: int, why: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(f"character {character}: {why}")):
        parse(selector)


def test_a_prefix_stands_before_every_label_of_the_expression() -> None:
    selector = parse("team == 'a' && !(has(old) || zone in {'x'})")

    assert selector.matches({"pcns.team": "a", "old": ""}, "pcns.")
    assert not selector.matches({"pcns.team": "a", "pcns.old": ""}, "pcns.")
    assert not selector.matches({"team": "a"}, "pcns.")


_VALUES = st.sampled_from(["", "x", "xy", "y"])
_LABELS = st.dictionaries(st.sampled_from("abc"), _VALUES)
_SIMPLE = st.one_of(
    st.just("all()"),
    st.builds("has({})".format, st.sampled_from("abc")),
    st.builds(
        "{} {} '{}'".format,
        st.sampled_from("abc"),
        st.sampled_from(["==", "!=", "contains", "starts with", "ends with"]),
        _VALUES,
    ),
    st.builds(
        "{} {} {{'{}', '{}'}}".format,
        st.sampled_from("abc"),
        st.sampled_from(["in", "not in"]),
        _VALUES,
        _VALUES,
    ),
)
_SELECTORS = st.recursive(
    _SIMPLE,
    lambda inner: st.one_of(
        st.builds("!({})".format, inner),
        st.builds("({}) && ({})".format, inner, inner),
        st.builds("({}) || ({})".format, inner, inner),
    ),
    max_leaves=6,
)


@given(_SELECTORS, _SELECTORS, _LABELS)
def test_de_morgan_holds(one: str, other: str, labels: dict[str, str]) -> None:
    neither = parse(f"!(({one}) || ({other}))").matches(labels)

    assert neither == parse(f"!({one}) && !({other})").matches(labels)
    assert neither == (not parse(one).matches(labels) and not parse(other).matches(labels))


@given(st.lists(_SIMPLE, min_size=1, max_size=4), st.lists(_SIMPLE, min_size=1), _LABELS)
def test_without_parentheses_and_comes_before_or(
    one: list[str], other: list[str], labels: dict[str, str]
) -> None:
    both = [all(parse(term).matches(labels) for term in terms) for terms in (one, other)]

    assert parse(f"{' && '.join(one)} || {' && '.join(other)}").matches(labels) == any(both)


@given(st.text(alphabet="ab=!&|(){},'\" \n" + "hasinot", max_size=25))
def test_any_text_is_read_or_refused_as_a_selector(text: str) -> None:
    try:
        assert parse(text).matches({"a": "b"}) in (True, False)
    except ValueError as error:
        assert str(error).startswith("selector ")  # noqa: PT017 - either outcome is right
