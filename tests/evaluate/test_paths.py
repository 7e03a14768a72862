"""Paths are normalized as Istio's reference "Authorization Policy Normalization" says.

The tables are those of istio/istio 1.30, ``tests/integration/security/normalization_test.go``.
https://istio.io/latest/docs/reference/config/security/normalization/
"""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ekp.evaluate.paths import Normalization, RefusedPathError, normalized
from ekp.evaluate.request import Unsupported

NONE, BASE, MERGE, DECODE = Normalization

# What each normalization makes of a path, in the order of the enumeration.
AS_ISTIO = {
    "/": ("/", "/", "/", "/"),
    "/app#foo": ("/app", "/app", "/app", "/app"),
    "/app/": ("/app/", "/app/", "/app/", "/app/"),
    "/app/../admin": ("/app/../admin", "/admin", "/admin", "/admin"),
    "/app//": ("/app//", "/app//", "/app/", "/app/"),
    "/app/%2f": ("/app/%2f", "/app/%2f", "/app/%2f", "/app/"),
    "/app%2f/": ("/app%2f/", "/app%2f/", "/app%2f/", "/app/"),
    "/xyz%30..//abc": ("/xyz%30..//abc", "/xyz0..//abc", "/xyz0../abc", "/xyz0../abc"),
    "/app/%2E./admin": ("/app/%2E./admin", "/admin", "/admin", "/admin"),
    r"/app\admin": (r"/app\admin", "/app/admin", "/app/admin", "/app/admin"),
    r"/app/\/\/\admin": (r"/app/\/\/\admin", "/app//////admin", "/app/admin", "/app/admin"),
    "/%2Fapp%5cadmin%5Cabc": (
        "/%2Fapp%5cadmin%5Cabc",
        "/%2Fapp%5cadmin%5Cabc",
        "/%2Fapp%5cadmin%5Cabc",
        "/app/admin/abc",
    ),
    r"/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\abc": (
        r"/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\abc",
        "/%5Capp%2f%5c%2F..%2fadmin%5c/abc",
        "/%5Capp%2f%5c%2F..%2fadmin%5c/abc",
        "/app/admin/abc",
    ),
    "/app//../admin": ("/app//../admin", "/app/admin", "/app/admin", "/app/admin"),
    "/app//../../admin": ("/app//../../admin", "/admin", "/admin", "/admin"),
}

LEFT_ALONE = [
    "/0x2e0x2e0x2fadmin",
    "/%25c0%25ae%25c1%259cadmin",
    "/%252e%252e%252fadmin",
    "/%c1%9cadmin",
    "/%c0%ae%c0%ae/admin",
    "/%c0%afadmin",
    "/.../admin",
    "/..../admin",
    "/..;/admin",
    "/admin;a=b/xyz",
    "/admin,a=b/xyz",
    "/Admin",
]

PLAIN = string.ascii_letters + string.digits + "-._~"
SENT = st.text(st.sampled_from([chr(code) for code in range(0x21, 0x7F)]), max_size=40)
WELL_FORMED = st.lists(
    st.sampled_from(
        ["/", "\\", ".", "..", "a", "B", "0", "%2e", "%2F", "%5C", "%41", "%25", "%20", ";", "//"]
    ),
    max_size=20,
).map("".join)


@pytest.mark.parametrize("path", AS_ISTIO)
def test_each_normalization_makes_of_a_path_what_istio_does(path: str) -> None:
    assert tuple(normalized(path, how) for how in Normalization) == AS_ISTIO[path]


@pytest.mark.parametrize("path", LEFT_ALONE)
def test_what_is_no_slash_and_no_dot_stays(path: str) -> None:
    assert normalized(path) == path


@pytest.mark.parametrize("code", range(1, 0x100))
def test_only_unreserved_characters_and_slashes_are_decoded(code: int) -> None:
    written = f"/admin%{code:02x}"
    slashed = {ord("/"): "/admin/", ord("\\"): "/admin/"}
    decoded = f"/admin{chr(code)}" if chr(code) in PLAIN else written
    assert normalized(written) == slashed.get(code, decoded)


def test_a_nul_is_refused_with_400_by_the_proxy() -> None:
    with pytest.raises(RefusedPathError, match="400"):
        normalized("/admin%00")


def test_the_query_is_cut_and_its_slashes_do_not_count() -> None:
    assert normalized("/orders?next=/../admin//x") == "/orders"


@pytest.mark.parametrize("path", ["", "orders", "*", "/caf\u00e9", "/a b", "/a\x00"])
def test_what_no_client_sends_is_not_guessed_at(path: str) -> None:
    with pytest.raises(Unsupported, match="path"):
        normalized(path)


def test_malformed_percent_signs_can_still_hide_a_slash_as_they_do_from_envoy() -> None:
    assert normalized("/a%%32fb") == "/a%2fb"


@given(SENT)
def test_no_double_slash_and_no_step_up_is_ever_left(text: str) -> None:
    try:
        found = normalized(f"/{text}")
    except RefusedPathError:
        return
    assert found.startswith("/")
    assert "//" not in found
    assert "\\" not in found
    assert not {".", ".."} & set(found.split("/"))


@given(WELL_FORMED)
def test_a_normalized_path_stays_as_it_is(text: str) -> None:
    found = normalized(f"/{text}")
    assert normalized(found) == found
