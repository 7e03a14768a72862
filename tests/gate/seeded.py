"""Faults to seed: a stack's settings or objects with one of them changed."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

from ekp.evaluate.bundles import bundles_of

Services = Mapping[PurePosixPath, str]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass
class Seeded:
    """A copy of a stack's Terraform JSON, and of its environment's services, to be changed.

    Construct paths stand without the stack's id; objects without their construct.
    """

    configuration: dict[str, Any]
    services: dict[PurePosixPath, str]
    _opened: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: Mapping[str, Any], services: Services) -> "Seeded":
        """Return a copy."""
        return cls(copy.deepcopy(dict(configuration)), dict(services))

    def resource(self, kind: str, path: str) -> dict[str, Any]:
        """Return a resource, to be changed in its place."""
        named = self.configuration["resource"][kind]
        found: dict[str, Any] = named[self._name(kind, path)]
        return found

    def remove(self, kind: str, path: str) -> None:
        """Take a resource out."""
        del self.configuration["resource"][kind][self._name(kind, path)]

    def objects(self, place: str) -> list[dict[str, Any]]:
        """Return the objects of a release's path or a service's file, to be changed there."""
        if place not in self._opened:
            if place.endswith(".yaml"):
                found = list(yaml.load_all(self.services[PurePosixPath(place)], _LOADER))
            else:
                found = bundles_of(self.configuration)[self._name("helm_release", place)]
            self._opened[place] = found
        return self._opened[place]

    def object(self, place: str, name: str) -> dict[str, Any]:
        """Return an object by ``Kind/namespace/name``, to be changed in its place."""
        (found,) = (one for one in self.objects(place) if named(one) == name)
        return found

    def close(self) -> "Seeded":
        """Put the objects that were opened back where they came from."""
        for place, objects in self._opened.items():
            if place.endswith(".yaml"):
                text = yaml.dump_all(objects, Dumper=_DUMPER)
                self.services[PurePosixPath(place)] = text
            else:
                self.resource("helm_release", place)["values"] = [json.dumps({"objects": objects})]
        return self

    def _name(self, kind: str, path: str) -> str:
        (name,) = (
            name
            for name, body in self.configuration["resource"][kind].items()
            if body["//"]["metadata"]["path"].partition("/")[2] == path
        )
        return str(name)


Change = Callable[[Seeded], object]
Step = str | int


@dataclass(frozen=True)
class Fault:
    """One fault; ``name`` is what is wrong, ``paths`` all that its check then names.

    Paths stand without the stack's id; an empty one is the stack itself.
    """

    name: str
    stack: str
    change: Change
    check: str
    paths: tuple[str, ...]


def named(one: Mapping[str, Any]) -> str:
    """Return an object's kind, namespace and name."""
    metadata = one["metadata"]
    parts = (one["kind"], metadata.get("namespace"), metadata["name"])
    return "/".join(part for part in parts if part)


def put(kind: str, path: str, *steps: Step, to: Any) -> Change:
    """Give a setting of a resource another value."""
    return lambda seeded: _set(seeded.resource(kind, path), steps, to)


def cut(kind: str, path: str, *steps: Step) -> Change:
    """Take a setting of a resource out."""
    return lambda seeded: _cut(seeded.resource(kind, path), steps)


def gone(kind: str, path: str) -> Change:
    """Take a resource out."""
    return lambda seeded: seeded.remove(kind, path)


def said(kind: str, path: str, key: str, old: str, new: str) -> Change:
    """Say something else within the text of a setting."""

    def change(seeded: Seeded) -> None:
        body = seeded.resource(kind, path)
        assert old in body[key]
        body[key] = body[key].replace(old, new)

    return change


def put_in(place: str, name: str, *steps: Step, to: Any) -> Change:
    """Give a field of an object another value."""
    return lambda seeded: _set(seeded.object(place, name), steps, to)


def cut_in(place: str, name: str, *steps: Step) -> Change:
    """Take a field of an object out."""
    return lambda seeded: _cut(seeded.object(place, name), steps)


def gone_from(place: str, name: str) -> Change:
    """Take an object out."""
    return lambda seeded: seeded.objects(place).remove(seeded.object(place, name))


def _set(value: Any, steps: tuple[Step, ...], to: Any) -> None:
    place = _inside(value, steps[:-1])
    before = place.get(steps[-1]) if isinstance(place, dict) else place[steps[-1]]
    assert before != to, steps
    place[steps[-1]] = to


def _cut(value: Any, steps: tuple[Step, ...]) -> None:
    del _inside(value, steps[:-1])[steps[-1]]


def _inside(value: Any, steps: tuple[Step, ...]) -> Any:
    for step in steps:
        value = value[step]
    return value
