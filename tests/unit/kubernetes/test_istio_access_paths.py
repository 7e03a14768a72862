"""Every path belongs to the most specific pattern that names it, whatever else is named."""

from itertools import combinations

from modules.core.services import Access, AccessRule, Method
from modules.kubernetes.istio.access_paths import Grant, covers, grants, patterns_under

import pytest

PATTERNS = ("/", "/*", "/a", "/a/*", "/a/b", "/a/b/*", "/ab", "/c/*")
PATHS = ("/", "/a", "/a/b", "/a/b/c", "/a/bc", "/ab", "/ab/c", "/b", "/c/", "/c/d")


def deciding(found: list[Grant], path: str) -> list[str]:
    """Return the grants that open a path, by the group that each asks for."""
    return [
        grant.rule.groups[0] if grant.rule else "rest"
        for grant in found
        for part in grant.paths
        if covers(part.pattern, path) and not any(covers(out, path) for out in part.without)
    ]


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("prefixes", [("/",), ("/a/b",), ("/a", "/c", "/a/b")], ids=str)
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_each_path_of_a_route_is_decided_once_and_by_the_most_specific(
    prefixes: tuple[str, ...], count: int
) -> None:
    within = patterns_under(prefixes)
    for named in combinations(PATTERNS, count):
        rules = tuple(AccessRule(paths=(path,), groups=(path,)) for path in named)
        found = grants(Access(rules=rules), within)
        for path in PATHS:
            # The path itself comes before all around it, and of these the longest; "/a/*" is
            # around "/a" too.
            owners = sorted(
                (p for p in named if covers(p, path) or (path != "/" and p == f"{path}/*")),
                key=lambda p: (p == path, len(p)),
            )
            inside = any(covers(bound, path) for bound in within)
            expected = [owners[-1] if owners else "rest"] if inside else []
            assert deciding(found, path) == expected, (named, path)


def test_a_prefix_is_a_path_and_all_under_it() -> None:
    assert patterns_under(["/orders"]) == ("/orders", "/orders/*")
    assert patterns_under(["/"]) == ("/*",)


def test_a_route_inside_another_adds_nothing() -> None:
    assert patterns_under(["/orders/new", "/orders"]) == ("/orders", "/orders/*")


def test_a_rule_outside_every_route_opens_nothing() -> None:
    rule = AccessRule(paths=("/admin/*",))

    assert all(grant.rule is None for grant in grants(Access(rules=(rule,)), ("/a", "/a/*")))


ADMIN = AccessRule(paths=("/a/*",), groups=("admins",))
OTHER = AccessRule(paths=("/a",), groups=("others",))


def owners(path: str, *rules: AccessRule, public: tuple[str, ...] = ()) -> list[str]:
    """Return what opens a path; a token that is not asked for is "public"."""
    found = grants(Access(rules=rules, public=public), ("/*",))
    return [
        grant.rule.groups[0] if grant.rule else "rest" if grant.token else "public"
        for grant in found
        for part in grant.paths
        if covers(part.pattern, path) and not any(covers(out, path) for out in part.without)
    ]


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("path", ["/a", "/a/", "/a/b"])
@pytest.mark.parametrize("public", [(), ("/*",)], ids=["closed", "public"])
def test_a_rule_for_all_under_a_path_holds_for_the_path_itself(
    path: str, public: tuple[str, ...]
) -> None:
    assert owners(path, ADMIN, public=public) == ["admins"]


@pytest.mark.parametrize("path", ["/a", "/a/"])
def test_a_rule_for_a_path_holds_for_it_with_a_slash(path: str) -> None:
    assert owners(path, OTHER, public=("/*",)) == ["others"]


def test_a_path_that_is_named_itself_is_not_taken_along() -> None:
    assert owners("/a", ADMIN, OTHER) == ["others"]
    assert owners("/a", ADMIN, public=("/a",)) == ["public"]
    assert owners("/a/", ADMIN, OTHER) == ["admins"], "/a/* names it"
    slash = AccessRule(paths=("/a/",), groups=("slash",))
    for path in ("/a", "/a/"):
        assert owners(path, ADMIN, slash) == ["slash"]
    assert owners("/a", ADMIN, public=("/a/",)) == ["admins"], "public patterns are never widened"


def test_a_rule_for_one_path_takes_nothing_below_it() -> None:
    assert owners("/a/users", OTHER, public=("/*",)) == ["public"]
    assert owners("/a/users", OTHER) == ["rest"]


def test_public_patterns_take_nothing_along() -> None:
    everything = AccessRule(paths=("/*",), groups=("users",))

    assert owners("/a/b", everything, public=("/a/*",)) == ["public"]
    assert owners("/a", everything, public=("/a/*",)) == ["users"]
    assert owners("/c/", everything, public=("/c",)) == ["users"]


@pytest.mark.parametrize("methods", [(), (Method.GET,)], ids=["any", "GET"])
def test_a_rule_for_all_paths_takes_nothing_along(methods: tuple[Method, ...]) -> None:
    (found,) = grants(Access(rules=(AccessRule(paths=("/*",), methods=methods),)), ("/*",))

    assert [part.pattern for part in found.paths] == ["/*"]
