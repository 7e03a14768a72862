"""Follows what a commit brought into a cluster to the users who reach it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ekp.configured.environment import Configured
from ekp.runner.stacks import Stack
from ekp.trace.front import front
from ekp.trace.question import Client, Question

from .synth import Synth

Object = Mapping[str, Any]


class MissingHopError(AssertionError):
    """A commit, or a request for what it brought, would end here."""


@dataclass(frozen=True)
class Commit:
    """A file that a commit changes."""

    repository: str
    path: PurePosixPath
    objects: Sequence[Object]

    @classmethod
    def of(cls, repository: str, path: PurePosixPath, text: str) -> "Commit":
        """Return the commit of a file's text."""
        return cls(repository, path, [*filter(None, yaml.load_all(text, yaml.CSafeLoader))])

    def one(self, kind: str, hop: str) -> Object:
        found = [one for one in self.objects if one["kind"] == kind]
        need(found, hop)
        return found[0]


@dataclass
class Journey:
    """What a commit meets on its way into one cluster, in order."""

    application: str
    hops: list[str] = field(default_factory=list)
    host: str = ""
    target_group: str = ""


def arrive(
    stacks: Mapping[str, Synth],
    there: Sequence[Object],
    commit: Commit,
    journey: Journey,
    *,
    environment: str,
    region: str,
) -> None:
    """Follow a file's objects from their pods to the target group that users reach.

    Raises:
        MissingHopError: with the name of the hop that is missing.
    """
    rollout = commit.one("Rollout", "Rollout in the file")
    labels = rollout["spec"]["template"]["metadata"]["labels"]
    services = {
        one["metadata"]["name"]
        for one in commit.objects
        if one["kind"] == "Service" and one["spec"]["selector"].items() <= labels.items()
    }
    need(services, f"Service of the pods of {rollout['metadata']['name']}")
    routes = [
        one
        for one in commit.objects
        if one["kind"] == "VirtualService" and one["spec"].get("gateways", ["mesh"]) != ["mesh"]
    ]
    need(routes, "VirtualService at a gateway in the file")
    route = routes[0]
    sent = {host.partition(".")[0] for host in _destinations(commit, route)}
    need(sent and sent <= services, f"Service that {route['metadata']['name']} sends to")
    host = str(route["spec"]["hosts"][0])
    named = [one.rpartition("/")[2] for one in route["spec"]["gateways"] if one != "mesh"]
    gateways = [one for one in of_kind(there, "Gateway") if one["metadata"]["name"] in named]
    own = rollout["metadata"]["namespace"]
    need([one for one in gateways if f"{own}/{host}" in _hosts(one)], f"Gateway for {host}")
    pods = gateways[0]["spec"]["selector"]["app"]
    bound = [
        one
        for one in of_kind(there, "TargetGroupBinding")
        if one["spec"]["serviceRef"]["name"] == pods
    ]
    need(bound, f"TargetGroupBinding of {pods}")
    reached = _reached(stacks, environment, region, host)
    ingress = stacks[f"{environment}-{region}-ingress"]
    need(_target_group(ingress, bound[0]) == reached, f"way from target group {reached} to {pods}")
    journey.hops += [f"route {host}", f"gateway {pods}", f"target group {reached}"]
    journey.host, journey.target_group = host, reached


def _reached(stacks: Mapping[str, Synth], environment: str, region: str, host: str) -> str:
    """Return the target group of a region that users of a host reach."""
    found = {
        id_: Stack(
            id=id_,
            folder=Path(),
            environment=environment,
            region=id_.removeprefix(f"{environment}-").rpartition("-")[0] or "global",
            layer=id_.rpartition("-")[2],
            depends_on=(),
            contract={},
            configuration=synth.json,
        )
        for id_, synth in stacks.items()
        if id_.startswith(f"{environment}-") and "break-glass" not in id_
    }
    near = Client(nearest=(region,))
    way = front(
        Configured.of(found, environment, ()),
        Question(scheme="https", host=host, path="/", client=near),
    )
    if way.entered is None or way.entered.region != region:
        raise MissingHopError(f"there is no {way.hops[-1].name} for {host}: {way.hops[-1].why}")
    return str(way.entered.target_group.body["name"])


def _destinations(commit: Commit, route: Object) -> Iterator[str]:
    """Yield where a route sends to, by itself or through the one that it hands over to."""
    for one in route["spec"]["http"]:
        for to in one.get("route", []):
            yield to["destination"]["host"]
        if "delegate" in one:
            named = [
                r for r in of_kind(commit.objects, "VirtualService") if _is(r, one["delegate"])
            ]
            need(named, f"VirtualService {one['delegate']['name']} in the file")
            yield from _destinations(commit, named[0])


def _is(route: Object, delegate: Mapping[str, str]) -> bool:
    return all(route["metadata"][key] == value for key, value in delegate.items())


def _hosts(gateway: Object) -> list[str]:
    return [host for server in gateway["spec"]["servers"] for host in server["hosts"]]


def _target_group(ingress: Synth, binding: Object) -> str:
    """Return the name of the target group that a binding gets from the contract of ingress."""
    arn = binding["spec"]["targetGroupARN"]
    output = re.fullmatch(r"\$\{data\.terraform_remote_state\.ingress\.outputs\.(\w+)\}", arn)
    need(output, "contract of ingress behind the TargetGroupBinding")
    value = ingress.json["output"][output[1] if output else ""]["value"]
    address = value.removeprefix("${").removesuffix(".arn}")
    return str(ingress.resources()[address]["name"])


def of_kind(objects: Sequence[Object], kind: str) -> list[Object]:
    """Return the objects of a kind, whatever its group."""
    return [one for one in objects if one["kind"] == kind]


def need(found: object, hop: str) -> None:
    """Refuse a hop that is not there.

    Raises:
        MissingHopError: with the name of the hop.
    """
    if not found:
        raise MissingHopError(f"there is no {hop}")
