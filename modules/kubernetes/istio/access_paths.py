"""Which paths each part of a service's access decides about: the most specific one to name them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...core.services import Access, AccessRule

_ANY = "/*"


@dataclass(frozen=True, slots=True)
class Paths:
    """A pattern without the more specific ones inside it."""

    pattern: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """Paths, and what reaching them takes."""

    paths: tuple[Paths, ...]
    rule: AccessRule | None = None
    token: bool = True
    """Whether a valid token is asked for, without a rule any."""


def covers(wide: str, narrow: str) -> bool:
    """Tell whether a pattern holds for every path that another holds for."""
    return wide == narrow or (wide.endswith("*") and narrow.startswith(wide[:-1]))


def patterns_under(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return the patterns of all paths under some of a route's, each path in one alone."""
    found = dict.fromkeys(
        pattern
        for prefix in prefixes
        for pattern in ((_ANY,) if prefix == "/" else (prefix, f"{prefix}/*"))
    )
    return _widest(found)


def grants(access: Access, within: Sequence[str]) -> list[Grant]:
    """Return what may be reached inside some patterns, and how; no path is in two of them.

    The exception are rules that name the same path for different methods.
    """
    guarded = [_guarded(rule, access) for rule in access.rules]
    named = dict.fromkeys([*access.public, *(path for paths in guarded for path in paths)])
    found = [Grant(_owned(access.public, named, within), token=False)]
    for rule, paths in zip(access.rules, guarded, strict=True):
        found.append(Grant(_owned(paths, named, within), rule))
    if _ANY not in named:
        found.append(Grant(_owned([_ANY], named, within)))
    return [grant for grant in found if grant.paths]


def _guarded(rule: AccessRule, access: Access) -> list[str]:
    """Return a rule's patterns, and the paths that frameworks take for the same as one of them.

    ``/admin/*`` takes ``/admin`` along, and ``/admin`` takes ``/admin/``, both ways: else one
    would be a way around the rule for the other. What the settings name in another way keeps that:
    ``/admin`` of its own, public or in a rule, is not taken along by ``/admin/*``. A rule for
    ``/admin`` alone takes nothing below it: ``/admin/users`` is then decided by whatever wider
    pattern names it, and open to everyone if a public ``/*`` does. Public patterns take nothing
    along, so that they open what they say and no more.
    """
    ruled = {path for other in access.rules for path in other.paths}
    listed = {*access.public, *ruled}
    same = (path.removesuffix("/") if path.endswith("/") else f"{path}/" for path in _single(rule))
    # A rule for "/admin/" has "/admin" already, and no path may have two rules.
    above = (path.removesuffix(_ANY) for path in rule.paths if path.endswith(_ANY))
    return [
        *rule.paths,
        *(path for path in same if not {path, f"{path}*"} & listed and path not in ("", _ANY)),
        *(path for path in above if path and path not in listed and f"{path}/" not in ruled),
    ]


def _single(rule: AccessRule) -> list[str]:
    return [path for path in rule.paths if not path.endswith("*")]


def _owned(
    patterns: Iterable[str], named: Iterable[str], within: Sequence[str]
) -> tuple[Paths, ...]:
    """Return what of some patterns lies inside others, without what more specific ones name."""
    found: dict[Paths, None] = {}
    for pattern in patterns:
        inner = [path for path in named if path != pattern and covers(pattern, path)]
        for bound in within:
            if covers(pattern, bound):
                part = bound
            elif covers(bound, pattern):
                part = pattern
            else:
                continue
            if not any(covers(path, part) for path in inner):
                without = (path for path in inner if covers(part, path))
                found[Paths(part, tuple(sorted(_widest(without))))] = None
    return tuple(found)


def _widest(patterns: Iterable[str]) -> tuple[str, ...]:
    all_of_them = tuple(patterns)
    return tuple(
        path
        for path in all_of_them
        if not any(other != path and covers(other, path) for other in all_of_them)
    )
