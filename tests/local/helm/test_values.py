"""Values as Helm reads, merges and assigns them."""

import copy
from typing import Any

import pytest

from ekp.local.helm import documents, values
from ekp.local.helm.assign import assign
from ekp.local.helm.failure import RefusedError

NOTHING: dict[str, Any] = {
    "name": "one",
    "values": None,
    "set": None,
    "set_list": None,
    "set_sensitive": None,
}


def merged(*texts: str, **more: Any) -> dict[str, Any]:
    return values.of({**NOTHING, "values": list(texts), **more})


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a: 1", "b: 2"], {"a": 1, "b": 2}),
        (["a: {b: 1, c: 1}", "a: {c: 2}"], {"a": {"b": 1, "c": 2}}),
        (["a: [1, 2, 3]", "a: [4]"], {"a": [4]}),
        (["a: {b: 1}", "a: text"], {"a": "text"}),
        (["a: text", "a: {b: 1}"], {"a": {"b": 1}}),
        # A null stays in what the release says; it takes the chart's default away.
        (["a: {b: 1}", "a: null"], {"a": None}),
        (["a: null", "a: {b: 1}"], {"a": {"b": 1}}),
        (["", "# nothing", "a: 1"], {"a": 1}),
    ],
)
def test_later_documents_win(texts: list[str], expected: dict[str, Any]) -> None:
    assert merged(*texts) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"a": {"b": 1, "c": [1]}, "d": "x"}),
        ({"a": {"b": 2}}, {"a": {"b": 2, "c": [1]}, "d": "x"}),
        ({"a": {"b": None}}, {"a": {"c": [1]}, "d": "x"}),
        ({"a": None, "d": None}, {}),
        ({"a": 1}, {"a": 1, "d": "x"}),
        ({"e": None}, {"a": {"b": 1, "c": [1]}, "d": "x", "e": None}),
    ],
)
def test_null_takes_a_charts_default_away(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert values.coalesce(given, {"a": {"b": 1, "c": [1]}, "d": "x"}) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=1", {"a": 1}),
        ("a=-7", {"a": -7}),
        ("a=0", {"a": 0}),
        ("a=007", {"a": "007"}),
        ("a=1.5", {"a": "1.5"}),
        ("a=9223372036854775808", {"a": "9223372036854775808"}),
        ("a=TRUE,b=false", {"a": True, "b": False}),
        ("a=null", {"a": None}),
        ("a=", {"a": ""}),
        ("a.b.c=x", {"a": {"b": {"c": "x"}}}),
        (r"a\.b/c=x", {"a.b/c": "x"}),
        (r"a=x\,y", {"a": "x,y"}),
        ("a={x,1,true}", {"a": ["x", 1, True]}),
        ("a={x},b=1", {"a": ["x"], "b": 1}),
        ("a[0]=x", {"a": ["x"]}),
        ("a[2]=x", {"a": [None, None, "x"]}),
        ("a[0].b=x,a[0].c=y", {"a": [{"b": "x", "c": "y"}]}),
        ("a[0][1]=x", {"a": [[None, "x"]]}),
        ("a[1]=,b=1", {"a": [None, ""], "b": 1}),
        ("a[0]", {"a": []}),
        ("=x", {}),
        ("a=b=c", {"a": "b=c"}),
    ],
)
def test_a_set_is_read_as_helm_reads_it(line: str, expected: dict[str, Any]) -> None:
    found: dict[str, Any] = {}

    assign(found, line, text=False)

    assert found == expected


def test_a_set_changes_one_place_and_leaves_the_rest() -> None:
    found = {"a": {"b": 1, "c": [1, {"x": 1, "y": 2}, 3]}}

    assign(found, "a.c[1].y=9,a.c[2]=8,a.d=7", text=False)

    assert found == {"a": {"b": 1, "c": [1, {"x": 1, "y": 9}, 8], "d": 7}}


def test_a_set_of_text_makes_no_number() -> None:
    found: dict[str, Any] = {}

    assign(found, "a=1,b={true,0}", text=True)

    assert found == {"a": "1", "b": ["true", "0"]}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a", "key 'a' has no value"),
        ("a,b=1", "key 'a' has no value (cannot end with ,)"),
        ("a.=1", "key map 'a' has no value"),
        ("a={1", "list must terminate with '}'"),
        ("a[x]=1", "'x' is no number in [ ]"),
        ("a[0=1", "'0=1' is no number in [ ]"),
        ("a[-1]=1", "index -1 is not between 0 and 65536"),
        ("a[70000]=1", "index 70000 is not between"),
        ("a[0]x=1", "unexpected data at end of array index: 'x'"),
        ("text.b=1", "'text' is no mapping"),
        ("text[0]=1", "'text' is no list"),
        (".".join("a" * 40) + "=1", "names nest deeper than 30"),
    ],
)
def test_a_set_that_cannot_be_read_is_refused(line: str, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        assign({"text": "x"}, line, text=False)

    assert words in refused.value.detail


def test_what_is_set_comes_over_the_documents_in_the_order_of_the_real_provider() -> None:
    found = merged(
        "a: {one: 0, two: 0, three: 0, four: 0}",
        set=[
            {"name": "a.one", "value": "1", "type": ""},
            {"name": "a.two", "value": "2", "type": "string"},
            {"name": "a.four", "value": None, "type": None},
            {"name": "lit", "value": "{x: [1, y]}", "type": "literal"},
        ],
        set_list=[{"name": "a.three", "value": ["x", None, "3"]}],
        set_sensitive=[{"name": "a.one", "value": "9", "type": None}],
    )

    assert found == {
        "a": {"one": 9, "two": "2", "three": ["x", 3], "four": ""},
        "lit": {"x": [1, True]},
    }


def test_a_document_is_read_once_and_never_changed() -> None:
    text = "a: {b: [1]}"
    before = copy.deepcopy(documents.mapping(text, "it"))

    merged(text, set=[{"name": "a.b[0]", "value": "2", "type": ""}])

    assert documents.mapping(text, "it") == before


def test_write_only_values_are_read_alike() -> None:
    assert values.write_only([{"name": "a.b", "value": "1", "type": "string"}]) == {"a": {"b": "1"}}
    assert values.write_only(None) == {}


def test_only_what_is_sensitive_is_cloaked() -> None:
    given = {"a": {"b": "secret", "c": 1}, "d": "x"}
    sensitive = [{"name": "a.b"}, {"name": "d.nowhere.e"}, {"name": "no.where"}]

    assert values.cloak(given, sensitive) == {"a": {"b": values.SENSITIVE, "c": 1}, "d": "x"}
    assert given["a"] == {"b": "secret", "c": 1}


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("y", True),
        ("off", False),
        ("yEs", "yEs"),
        ("~", None),
        ("", None),
        ("0755", 493),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0b11", -3),
        ("1_000", 1000),
        ("08", 8),
        ("1e3", 1000),
        ("-1.5", -1.5),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("12:30", "12:30"),
        ("22:22", "22:22"),
        ("2026-01-31", "2026-01-31"),
        ("1.2.3", "1.2.3"),
        ("'y'", "y"),
    ],
)
def test_a_word_means_to_helm_what_it_means_to_go(word: str, meaning: Any) -> None:
    found = documents.mapping(f"a: {word}\n", "it")["a"]

    assert found == meaning
    assert type(found) is type(meaning)


def test_keys_are_text_as_in_json() -> None:
    text = "8080: a\ntrue: b\n~: c\nl: [{1.5: d}]\nbase: &b {x: 1}\nmore: {<<: *b}\n"

    assert documents.mapping(text, "it") == {
        "8080": "a",
        "true": "b",
        "null": "c",
        "l": [{"1.5": "d"}],
        "base": {"x": 1},
        "more": {"x": 1},
    }


@pytest.mark.parametrize(
    "text", ["y", "1e3", "0755", "12:30", "2026-01-31", "null", "", "<<", "a: b"]
)
def test_text_that_looks_like_more_is_written_in_quotes(text: str) -> None:
    written = documents.to_yaml({"a": text})

    assert documents.mapping(written, "it") == {"a": text}
    assert written.startswith(("a: '", "a: ''"))


def test_long_and_repeated_text_is_written_as_people_read_it() -> None:
    shared = {"x": "word " * 100}

    assert documents.to_yaml({"b": shared, "a": shared}).splitlines() == [
        *("a:", f"  x: '{'word ' * 100}'", "b:", f"  x: '{'word ' * 100}'"),
    ]
    assert documents.to_yaml({"a": "one\ntwo\n"}) == "a: |\n  one\n  two\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\n b: 2\n", "it is not valid YAML: line 2, column 3: mapping values are not allowed"),
        ("a: !!python/object:x {}", "line 1, column 4"),
        ("---\n# why\ntext", "it is no mapping: line 3 begins a text, number or truth value"),
        ("a: 1\n---\nb: 2", "it is not valid YAML: line 2"),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        documents.mapping(text, "it")

    assert words in refused.value.detail
