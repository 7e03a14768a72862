"""Every path belongs to the most specific pattern that names it, whatever else is named."""

from itertools import combinations

from modules.core.services import Access, AccessRule
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
            # The path itself comes before all around it, and of these the longest.
            owners = sorted(
                (p for p in named if covers(p, path)), key=lambda p: (p == path, len(p))
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
