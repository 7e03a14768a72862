"""Secrets that releases refer to by name, and those that releases make."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .release_rules import Installed

Place = tuple[str, str]
"""Namespace and name."""
# Keys of values under which a Secret's name stands, or an object or a list of objects that has it.
REFERENCE = re.compile(r"(^secret|Secret)([nN]ame|s|Ref|KeyRef)?$|^credentialName$")
# How Argo CD's settings name a Secret and its key. Source: Argo CD, operator manual, user
# management, "Sensitive Data and SSO Client Secrets".
ARGO_CD = re.compile(r"\$([a-z0-9][-a-z0-9.]*):[-._a-zA-Z0-9]+")


def referred(releases: Iterable[Installed]) -> set[Place]:
    """Return the Secrets that values and objects name."""
    found: set[Place] = set()
    for release in releases:
        if release.chart:
            found |= {_place(release.namespace, name) for name in _names(release.values)}
        if release.chart == "argo-cd":
            found |= {(release.namespace, name) for name in _in_texts(release.values)}
        for made in release.objects:
            namespace = made["metadata"].get("namespace", release.namespace)
            found |= {_place(namespace, name) for name in _names(made)}
    return found


def made(releases: Iterable[Installed]) -> set[Place]:
    """Return the Secrets that certificates of bundles lead to."""
    return {
        (body["metadata"]["namespace"], body["spec"]["secretName"])
        for release in releases
        for body in release.objects
        if body["kind"] == "Certificate"
    }


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield from _names(entry)
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            if REFERENCE.search(str(key)):
                yield from _named(entry)
            yield from _names(entry)


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _named(entry)
    elif isinstance(value, Mapping) and value.get("enabled", True):
        name = value.get("name") or value.get("secretName")
        yield from [name] if isinstance(name, str) else []


def _in_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from ARGO_CD.findall(value)
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _in_texts(entry)


def _place(namespace: str, name: str) -> Place:
    own, slash, inner = name.partition("/")
    return (own, inner) if slash else (namespace, name)
