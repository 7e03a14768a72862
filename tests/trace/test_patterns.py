"""Path patterns and paths as CloudFront compares them."""

import pytest

from ekp.trace.patterns import behavior_matches, tidy


@pytest.mark.parametrize(
    ("pattern", "path", "falls"),
    [
        ("/static/*", "/static/app.css", True),
        ("/static/*", "/static/", True),
        ("/static/*", "/Static/app.css", False),
        ("static/*", "/static/a", True),
        ("/static/*", "/a?x=/static/b", False),
        ("/img/?.png", "/img/a.png", True),
        ("/img/?.png", "/img/ab.png", False),
        ("/static/*", "/static/../api", False),
        ("/static/*", "/%73tatic/a", True),
        ("/static/*", "//static/a", True),
        ("*.jpg", "/deep/in/a.jpg", True),
    ],
)
def test_path_patterns_are_cloudfront_s(pattern: str, path: str, *, falls: bool) -> None:
    assert behavior_matches(pattern, path) is falls


@pytest.mark.parametrize(
    ("path", "tidied"),
    [("/", "/"), ("/a/./b", "/a/b"), ("/a/..", "/"), ("/a//b", "/a/b"), ("/%2fa%7e", "/%2Fa~")],
)
def test_paths_are_tidied_up_before_they_are_compared(path: str, tidied: str) -> None:
    assert tidy(path) == tidied
