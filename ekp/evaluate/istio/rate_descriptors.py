"""Descriptors of Envoy's rate limits: what a request is counted as, and which bucket counts it.

Sources: Envoy, ``config.route.v3.RateLimit.Action`` and ``local_ratelimit_impl.cc``
(``matchDescriptorEntries``): entries are compared in their order, and one without a value stands
for each value that comes, with a bucket of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..request import Object, Request, Unsupported
from .matching import check_keys

# Stands for the address of whoever asks: nobody says here what it is.
_ADDRESS = "the client's address"
_ACTIONS: Mapping[str, set[str]] = {
    "destination_cluster": set(),
    "generic_key": {"descriptor_key", "descriptor_value"},
    "header_value_match": {"descriptor_key", "descriptor_value", "expect_match", "headers"},
    "remote_address": set(),
    "request_headers": {"descriptor_key", "header_name"},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of what a request is counted as."""

    key: str
    value: str
    client: str = ""
    """What tells clients from each other by it: ``address`` or ``header <name>``; "": nothing."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Where the route of a request leads to."""

    name: str | None
    """Envoy's name, ``outbound|<port>|<subset>|<host>``; None: the request has no route."""


def entries_of(
    source: Object, where: str, actions: object, request: Request, to: Clusters
) -> tuple[Entry, ...] | None:
    """Return what a request is counted as by some actions; None: one of them has nothing to say.

    Raises:
        Unsupported: an action is not understood.
    """
    if not isinstance(actions, list | tuple) or not actions:
        raise Unsupported(source, where, "is empty; nothing is counted")
    found = []
    for index, action in enumerate(actions):
        entry = _entry(source, f"{where}[{index}]", action, request, to)
        if entry is None:
            return None
        found.append(entry)
    return tuple(found)


def _entry(
    source: Object, where: str, action: Mapping[str, Any], request: Request, to: Clusters
) -> Entry | None:
    if len(action) != 1:
        raise Unsupported(source, where, f"{dict(action)} is not one action")
    ((kind, said),) = action.items()
    known = _ACTIONS.get(kind)
    if known is None:
        raise Unsupported(source, f"{where}.{kind}", "is not understood")
    check_keys(source, f"{where}.{kind}", said, known)
    match kind:
        case "remote_address":
            return Entry("remote_address", _ADDRESS, "address")
        case "destination_cluster":
            return Entry("destination_cluster", to.name) if to.name else None
        case "generic_key":
            key = str(said.get("descriptor_key", "generic_key"))
            return Entry(key, _value(source, where, said))
        case "request_headers":
            name = str(said["header_name"])
            value = request.header(name)
            key = str(said["descriptor_key"])
            return None if value is None else Entry(key, value, f"header {name}")
    key, value = str(said.get("descriptor_key", "header_match")), _value(source, where, said)
    found = all(_matches(source, where, one, request) for one in said.get("headers") or ())
    return Entry(key, value) if found == said.get("expect_match", True) else None


def _value(source: Object, where: str, said: Mapping[str, Any]) -> str:
    value = said.get("descriptor_value")
    if not isinstance(value, str) or not value:
        raise Unsupported(source, f"{where}.descriptor_value", f"is {value!r}, no text")
    return value


def _matches(source: Object, where: str, wanted: object, request: Request) -> bool:
    match wanted:
        case {"name": str(name), "present_match": bool(present), **rest} if not rest:
            return (request.header(name) is not None) == present
        case {"name": str(name), "string_match": {"exact": str(text)}, **rest} if not rest:
            return request.header(name) == text
    raise Unsupported(source, f"{where}.headers", f"{wanted!r} is not understood")


def taking(
    source: Object, where: str, descriptors: Sequence[Mapping[str, Any]], entries: tuple[Entry, ...]
) -> tuple[str, Mapping[str, Any]] | None:
    """Return the descriptor that counts a request, with its place; None: none does.

    One that names every value goes before those that leave one open.

    Raises:
        Unsupported: a descriptor is not understood, or two leave a value open and both would do.
    """
    found = list(_taking(source, where, descriptors, entries))
    exact = [each for each in found if all(one.get("value") for one in each[1]["entries"])]
    if not exact and len(found) > 1:
        raise Unsupported(source, found[1][0], "counts the same requests as another descriptor")
    return next(iter(exact or found), None)


def _taking(
    source: Object, where: str, descriptors: Sequence[Mapping[str, Any]], entries: tuple[Entry, ...]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, descriptor in enumerate(descriptors):
        place = f"{where}[{index}]"
        check_keys(source, place, descriptor, {"entries", "token_bucket"})
        wanted = descriptor.get("entries") or []
        for one in wanted:
            check_keys(source, f"{place}.entries", one, {"key", "value"})
        if [one["key"] for one in wanted] == [entry.key for entry in entries] and all(
            _takes(source, f"{place}.entries", one.get("value", ""), entry)
            for one, entry in zip(wanted, entries, strict=True)
        ):
            yield place, descriptor


def _takes(source: Object, where: str, wanted: str, entry: Entry) -> bool:
    if wanted and entry.client == "address":
        raise Unsupported(source, where, f"names the address {wanted}, and nobody says who asks")
    return wanted in ("", entry.value)


def told_apart(descriptor: Mapping[str, Any], entries: tuple[Entry, ...]) -> str:
    """Return by what a descriptor tells clients from each other; "": it counts all together."""
    open_ones = [
        entry.client
        for one, entry in zip(descriptor["entries"], entries, strict=True)
        if not one.get("value")
    ]
    return " and ".join(dict.fromkeys(one for one in open_ones if one))
