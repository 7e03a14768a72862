"""Statements of AWS WAF: what each matches, and what hostile requests do to it."""

from collections.abc import Mapping
from typing import Any

import pytest

from ekp.evaluate.request import Unsupported
from ekp.evaluate.waf.acl import Effect

from .web_acls import CLIENT, HEADER, NEXT, NONE, SECRET, judged, matches, path_match

GEO = {"geo_match_statement": {"country_codes": ["KP", "RU"]}}
SET = {"name": "office", "addresses": ["198.51.100.0/24", "2001:db8:1::/48"]}
ADMIN = path_match("/admin", "URL_DECODE", "NORMALIZE_PATH", "LOWERCASE")


def forwarded(fallback: str, **more: str) -> dict[str, str]:
    return {"header_name": HEADER, "fallback_behavior": fallback, **more}


def networks(fallback: str | None = None, position: str = "FIRST") -> dict[str, Any]:
    config = (
        {"ip_set_forwarded_ip_config": forwarded(fallback, position=position)} if fallback else {}
    )
    return {"ip_set_reference_statement": {"arn": "${aws_wafv2_ip_set.office.arn}", **config}}


def listed(statement: Mapping[str, Any], **given: Any) -> bool:
    found = judged(statement, lambda arn: SET if "office" in arn else None, **given)
    return found.results[0].effect is Effect.BLOCKS


def secret_is(*values: str) -> dict[str, Any]:
    return {
        "regex_match_statement": {
            "field_to_match": {"single_header": {"name": "x-origin-verify"}},
            "regex_string": f"^({'|'.join(values)})$",
            "text_transformation": NONE,
        }
    }


def has_header(name: str, operator: str = "GT", size: int = 0) -> dict[str, Any]:
    return {
        "size_constraint_statement": {
            "field_to_match": {"single_header": {"name": name}},
            "comparison_operator": operator,
            "size": size,
            "text_transformation": NONE,
        }
    }


@pytest.mark.parametrize(("country", "blocked"), [("KP", True), ("kp", True), ("IE", False)])
def test_a_country_is_matched_by_its_code(country: str, *, blocked: bool) -> None:
    assert matches(GEO, country=country) is blocked


def test_a_country_that_nobody_told_may_be_blocked() -> None:
    found = judged(GEO, country=None)

    assert found.ending is None
    assert found.results[0].effect is Effect.MAY_BLOCK
    assert "not known" in found.results[0].why


@pytest.mark.parametrize(
    ("statements", "decided"),
    [
        ([GEO, path_match("/admin")], Effect.NO_MATCH),
        ([GEO, path_match("/")], Effect.MAY_BLOCK),
    ],
)
def test_an_unknown_country_matters_only_where_nothing_else_decides(
    statements: list[Any], decided: Effect
) -> None:
    found = judged({"and_statement": {"statement": statements}}, country=None)

    assert found.results[0].effect is decided


@pytest.mark.parametrize(("fallback", "blocked"), [("MATCH", True), ("NO_MATCH", False)])
@pytest.mark.parametrize("address", ["", "nobody", "198.51.100.300", "fe80::1%eth0", "1.2.3.4:80"])
def test_an_unreadable_address_counts_as_the_fallback_says(
    fallback: str, address: str, *, blocked: bool
) -> None:
    geo = {
        "geo_match_statement": {"country_codes": ["KP"], "forwarded_ip_config": forwarded(fallback)}
    }

    assert matches(geo, headers={HEADER: address}) is blocked
    assert listed(networks(fallback), headers={HEADER: address}) is blocked


def test_without_the_header_aws_leaves_the_whole_rule_out() -> None:
    turned_round = {"not_statement": {"statement": networks("NO_MATCH")}}
    beside = {"or_statement": {"statement": [path_match("/"), networks("MATCH")]}}

    assert not listed(networks("MATCH"))
    assert not listed(turned_round)
    assert not listed(beside), "a rule is left out whatever its other statements say"


@pytest.mark.parametrize(
    ("value", "position", "inside"),
    [
        (CLIENT, "FIRST", True),
        (f"{CLIENT}, 203.0.113.9", "FIRST", True),
        (f"203.0.113.9, {CLIENT}", "FIRST", False),
        (f"203.0.113.9, {CLIENT}", "LAST", True),
        (f"203.0.113.9,{CLIENT},203.0.113.8", "ANY", True),
        ("2001:DB8:1::5", "FIRST", True),
        ("2001:db8:2::5", "FIRST", False),
    ],
)
def test_an_ip_set_looks_at_the_address_in_its_position(
    value: str, position: str, *, inside: bool
) -> None:
    found = listed(networks("NO_MATCH", position), headers={HEADER: value}, address="203.0.113.1")

    assert found is inside


def test_an_ip_set_looks_at_the_connection_where_it_names_no_header() -> None:
    assert listed(networks(), headers={HEADER: "203.0.113.9"})
    assert not listed(networks(), headers={HEADER: CLIENT}, address="203.0.113.9")


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/users?page=2",
        "/Admin",
        "/%61dmin",
        "/%41DMIN",
        "//admin",
        "/./admin",
        "/shop/../admin",
        "/shop/%2e%2e/admin",
        "/%2e%2e/%2e%2e/admin",
        "/shop%2f..%2fadmin",
        "/x/..//..///admin/",
    ],
)
def test_a_path_is_recognized_however_it_is_written(path: str) -> None:
    assert matches(ADMIN, path=path)


@pytest.mark.parametrize(
    "path", ["/", "/shop/admin", "/?/admin", "/%2561dmin", "/admi", "/shop?next=/admin"]
)
def test_a_path_encoded_twice_is_another_path(path: str) -> None:
    assert not matches(ADMIN, path=path)


def test_without_transformations_a_path_is_compared_as_it_came() -> None:
    assert matches(path_match("/admin"), path="/admin/x")
    assert not matches(path_match("/admin"), path="/%61dmin")
    assert not matches(path_match("/admin"), path="/Admin")


def test_transformations_run_in_the_order_of_their_priorities() -> None:
    late = path_match("/a/../admin", "NORMALIZE_PATH", "URL_DECODE")

    assert matches(late, path="/a/%2e%2e/admin"), "decoded after it was shortened"


def test_a_plus_that_would_decide_is_not_guessed() -> None:
    with pytest.raises(Unsupported, match="plus"):
        matches(path_match("/a b", "URL_DECODE"), path="/a+b")

    assert matches(path_match("/a", "URL_DECODE"), path="/a+b")


@pytest.mark.parametrize(
    ("position", "text", "found"),
    [
        ("EXACTLY", "/a/b", True),
        ("EXACTLY", "/a", False),
        ("STARTS_WITH", "/a", True),
        ("ENDS_WITH", "/b", True),
        ("ENDS_WITH", "/a", False),
        ("CONTAINS", "a/b", True),
        ("CONTAINS_WORD", "b", True),
        ("CONTAINS_WORD", "c", False),
    ],
)
def test_a_text_is_looked_for_in_its_position(position: str, text: str, *, found: bool) -> None:
    assert matches(path_match(text, position=position), path="/a/b") is found


def test_a_word_has_no_letters_beside_it() -> None:
    assert not matches(path_match("min", position="CONTAINS_WORD"), path="/admin")


@pytest.mark.parametrize("kind", ["query_string", "method"])
def test_other_parts_of_a_request_are_compared_too(kind: str) -> None:
    statement = {
        "byte_match_statement": {
            "field_to_match": {kind: {}},
            "positional_constraint": "EXACTLY",
            "search_string": {"query_string": "a=b", "method": "POST"}[kind],
            "text_transformation": NONE,
        }
    }

    assert matches(statement, path="/?a=b", method="POST")
    assert not matches(statement, path="/", method="GET")


def test_a_header_is_found_whatever_its_case_and_its_absence_never_matches() -> None:
    assert matches(has_header(HEADER), headers={"True-Client-IP": CLIENT})
    assert not matches(has_header(HEADER), headers={HEADER: ""})
    assert not matches(has_header(HEADER))
    assert not matches(has_header(HEADER, "LT", 5)), "what is not there has no size"


@pytest.mark.parametrize(
    ("operator", "fits"),
    [("EQ", True), ("NE", False), ("GE", True), ("GT", False), ("LE", True), ("LT", False)],
)
def test_a_size_is_compared_in_bytes(operator: str, *, fits: bool) -> None:
    assert matches(has_header("x", operator, 3), headers={"x": "aé"}) is fits


def test_the_size_of_a_body_is_known_as_far_as_aws_looks() -> None:
    body = {
        "size_constraint_statement": {
            "field_to_match": {"body": {}},
            "comparison_operator": "GT",
            "size": 1000,
            "text_transformation": NONE,
        }
    }

    assert matches(body, body_bytes=1001)
    assert not matches(body, body_bytes=1000)
    with pytest.raises(Unsupported, match="8192"):
        matches(body, body_bytes=10_000)


@pytest.mark.parametrize("value", [SECRET, NEXT])
def test_a_secret_is_its_own_expression(value: str) -> None:
    assert matches(secret_is(SECRET, NEXT), headers={"X-Origin-Verify": value})


@pytest.mark.parametrize(
    "value",
    [
        "",
        "guess",
        "var.origin_header_current",
        "${var.other}",
        f"{SECRET}x",
        f"{SECRET},{NEXT}",
        ".*",
    ],
)
def test_nothing_else_equals_a_secret(value: str) -> None:
    assert not matches(secret_is(SECRET, NEXT), headers={"x-origin-verify": value})
    assert not matches(secret_is(SECRET, NEXT))


def test_a_pattern_that_asks_for_a_part_of_a_secret_is_not_guessed() -> None:
    with pytest.raises(Unsupported, match="whole secrets"):
        matches(secret_is("[a-z]+"), headers={"x-origin-verify": SECRET})


def test_a_secret_has_some_length_which_is_not_guessed() -> None:
    assert matches(has_header("x"), headers={"x": SECRET})
    with pytest.raises(Unsupported, match="length"):
        matches(has_header("x", "GT", 40), headers={"x": SECRET})


def test_a_plain_pattern_is_searched_for() -> None:
    assert matches(secret_is("[a-z]{3}|\\d+"), headers={"x-origin-verify": "abc"})
    assert not matches(secret_is("[a-z]{3}|\\d+"), headers={"x-origin-verify": "ab"})


@pytest.mark.parametrize("pattern", [r"\Kx", "(?P<a>x)", "a++", "[[:alpha:]]", r"\h"])
def test_a_pattern_that_python_reads_otherwise_is_not_guessed(pattern: str) -> None:
    with pytest.raises(Unsupported, match="PCRE"):
        matches(secret_is(pattern), headers={"x-origin-verify": "x"})


@pytest.mark.parametrize(
    "statement",
    [
        {"sqli_match_statement": {}},
        {"label_match_statement": {}},
        {"geo_match_statement": {}, "byte_match_statement": {}},
        {},
        path_match("/", "CMD_LINE"),
        {"rate_based_statement": {"limit": 10, "aggregate_key_type": "CUSTOM_KEYS"}},
        networks(),
    ],
)
def test_what_is_not_understood_is_not_guessed(statement: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="web ACL acl, rule it"):
        judged(statement)
