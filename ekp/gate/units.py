"""What is scanned in one go, and which construct each hit is about."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ekp.evaluate.bundles import bundles_of
from ekp.runner.stacks import Stack

from . import census
from .errors import GateError
from .findings import Seen, Subject
from .scan import Framework, Hit

PLAN_AGAIN = "This is an error, not a pass: nothing was changed. Plan again and judge that plan."
# An index of a resource that stands more than once; its key may be any text.
INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


@dataclass(frozen=True)
class Unit:
    """Files that checkov reads together.

    ``source`` is what the files are made from; the same source has the same findings. ``locate``
    finds the subject of a hit.
    """

    name: str
    framework: Framework
    seen: Seen
    source: bytes
    build: Callable[[], Mapping[str, bytes]]
    locate: Callable[[Hit], Subject]

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The files by name."""
        return self.build()

    def key(self, version: str) -> str:
        """Return what its result is kept under; ``version`` stands for all that judges it."""
        parts = (version.encode(), self.framework.encode(), self.name.encode(), self.source)
        return hashlib.sha256(b"\0".join(parts)).hexdigest()


def synthesized(stack: Stack) -> Unit:
    """Return the unit of a stack's Terraform JSON."""
    source = stack.file.read_bytes()
    return Unit(
        stack.id,
        Framework.TERRAFORM_JSON,
        Seen.SYNTHESIZED,
        source,
        lambda: {"cdk.tf.json": source},
        lambda hit: _resource(stack, hit),
    )


def planned(stack: Stack, plan: Path) -> Unit:
    """Return the unit of a stack's plan, as ``terraform show -json`` writes it.

    Raises:
        GateError: the plan cannot be read; as its files are built, it is not the stack's.
    """
    try:
        text = plan.read_bytes()
    except OSError as error:
        raise GateError(
            f"The plan of {stack.id} cannot be read: {plan}: {error.strerror}.", remedy=PLAN_AGAIN
        ) from error
    return Unit(
        stack.id,
        Framework.TERRAFORM_PLAN,
        Seen.PLAN,
        # The plan is checked against what was synthesized.
        text + b"\0" + stack.file.read_bytes(),
        lambda: {"plan.json": _plan_of(stack, text)},
        lambda hit: _resource(stack, hit),
    )


def _plan_of(stack: Stack, plan: bytes) -> bytes:
    """Return a plan that has every resource of a stack."""
    try:
        there = {address.partition("[")[0] for address in census.plan_addresses(plan)}
    except ValueError as error:
        raise GateError(
            f"The plan of {stack.id} cannot be judged: {error}.", remedy=PLAN_AGAIN
        ) from error
    if missing := sorted(set(stack.construct_paths) - there):
        raise GateError(
            f"The plan of {stack.id} is another's or an old one: it lacks {missing[0]}"
            f"{f' and {len(missing) - 1} more' if missing[1:] else ''}.",
            remedy=PLAN_AGAIN,
        )
    return plan


@dataclass(frozen=True)
class Placed:
    """Objects that are applied together, and where they come from.

    ``where`` has the path that the objects' own paths begin with.
    """

    where: Subject
    objects: tuple[Mapping[str, Any], ...]


def bundles(stack: Stack) -> tuple[Placed, ...]:
    """Return the objects of our own that a stack applies, by release.

    Raises:
        GateError: the values of a release are no YAML with objects.
    """
    try:
        found = bundles_of(stack.configuration)
    except (ValueError, yaml.YAMLError) as error:
        raise GateError(
            f"The objects of {stack.id} cannot be read: {' '.join(str(error).split())}.",
            remedy="Run `ekp synth` and try again; nothing was judged.",
        ) from error
    return tuple(
        Placed(
            Subject(
                path=stack.construct_path(f"helm_release.{name}"),
                environment=stack.environment,
                region=stack.region,
                layer=stack.layer,
                stack=stack.id,
                resource="",
            ),
            tuple(objects),
        )
        for name, objects in found.items()
    )


def cluster(name: str, source: bytes, placed: Callable[[], Iterable[Placed]], seen: Seen) -> Unit:
    """Return the unit of all objects that meet in one cluster."""
    found = _Objects(placed)
    return Unit(name, Framework.KUBERNETES, seen, source, lambda: found.files, found.locate)


class _Objects:
    """Objects as files, one each, and back."""

    def __init__(self, placed: Callable[[], Iterable[Placed]]) -> None:
        self._placed = placed

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        written: dict[str, bytes] = {}
        for number, (_, one) in enumerate(self._all):
            written[f"{number}.json"] = _as_json(one)
            for place, twin in enumerate(_shown_as(one)):
                written[f"{number}-{place}.json"] = _as_json(twin)
        return written

    def locate(self, hit: Hit) -> Subject:
        number = hit.file.partition(".")[0].partition("-")[0]
        where, one = self._all[int(number)]
        metadata = one.get("metadata", {})
        parts = (one.get("kind"), metadata.get("namespace"), metadata.get("name"))
        resource = "/".join(str(part) for part in parts if part)
        return replace(where, path=f"{where.path}:{resource}", resource=resource)

    @cached_property
    def _all(self) -> list[tuple[Subject, Mapping[str, Any]]]:
        return [(place.where, one) for place in self._placed() for one in place.objects]


def _shown_as(one: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return an object's pods as those of kinds that checkov knows: it does not know Argo's."""
    if one.get("kind") == "Rollout":
        yield {**one, "apiVersion": "apps/v1", "kind": "Deployment"}
    if one.get("kind") in ("AnalysisTemplate", "ClusterAnalysisTemplate"):
        for metric in one.get("spec", {}).get("metrics", ()):
            job = metric.get("provider", {}).get("job")
            if job is not None:
                yield {**job, "apiVersion": "batch/v1", "kind": "Job", "metadata": one["metadata"]}


def _as_json(one: Mapping[str, Any]) -> bytes:
    # checkov puts a comma into each of these pairs, those of texts too: outside of texts are none.
    return json.dumps(one).replace("}{", "}\\u007b").encode()


def _resource(stack: Stack, hit: Hit) -> Subject:
    address = INDEX.sub("", hit.resource)
    # Some checks write `resource.NAME` for JSON where they write `TYPE.NAME` elsewhere.
    if address.startswith("resource."):
        address = stack.addresses.get(address.partition(".")[2], "")
    return Subject(
        path=stack.construct_path(address) or stack.id,
        environment=stack.environment,
        region=stack.region,
        layer=stack.layer,
        stack=stack.id,
        resource=address or hit.resource,
    )
