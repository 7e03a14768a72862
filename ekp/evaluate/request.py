"""Requests, who sends them, and what an evaluator says of them; shared by all evaluators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .stage import Stage

Object = Mapping[str, Any]
"""A Kubernetes object as a plain mapping: what ``Manifest.as_dict()`` or a YAML file gives."""


class Unsupported(ValueError):  # noqa: N818 - it says what the object is, not that a run failed
    """A part of an object that an evaluator does not understand and will not guess."""

    def __init__(self, source: Object | str, where: str, why: str) -> None:
        """Name the object, the field in it and what is wrong with it."""
        self.source = source if isinstance(source, str) else named(source)
        self.where = where
        super().__init__(f"{self.source}: {where}: {why}")


@dataclass(frozen=True, slots=True)
class Workload:
    """What runs: the pods of one kind with the identity that their proxy proves."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    service_account: str
    in_mesh: bool = True
    """Whether it has a sidecar; without one it has no certificate and no policy of Istio holds."""


@dataclass(frozen=True, slots=True)
class Token:
    """A JSON Web Token as it arrives, not yet believed."""

    issuer: str
    audiences: tuple[str, ...]
    claims: Mapping[str, Any]
    """What else it claims; ``iss`` and ``aud`` are the two fields above."""
    expired: bool = False
    verifiable: bool = True
    """False: signed by nobody whose keys the issuer publishes."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for HTTP as its sender wrote it."""

    host: str
    path: str
    """With the query, if there is one."""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    token: Token | None = None
    """What its ``Authorization`` header carries."""
    port: int = 80

    def header(self, name: str) -> str | None:
        """Return a header whatever case its name is written in, or None."""
        wanted = name.lower()
        found = [value for key, value in self.headers.items() if key.lower() == wanted]
        return ",".join(found) if found else None


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a verified token names."""

    principal: str
    """``<iss>/<sub>``."""
    audiences: tuple[str, ...]
    claims: Mapping[str, Any]
    """All of them, ``iss`` and ``aud`` included."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that the proxy sets from claims, names in small letters."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by which object, and why."""

    allowed: bool
    by: str
    """``<Kind> <namespace>/<name>``, with the rule where one decided: `` rules[1]``."""
    why: str
    status: int | None = None
    """The HTTP status that the sender gets where the proxy itself answers."""
    stage: Stage = Stage.WORKLOAD
    """Where on the request's way; told by who asks for the decision."""

    def at(self, stage: Stage) -> "Decision":
        """Return the decision with its stage."""
        return replace(self, stage=stage)


def named(source: Object) -> str:
    """Return what an object is called in messages: ``<Kind> <namespace>/<name>``."""
    metadata = source.get("metadata", {})
    namespace, name = metadata.get("namespace"), metadata.get("name", "?")
    return f"{source.get('kind', '?')} {f'{namespace}/' if namespace else ''}{name}"


def of_kind(objects: Iterable[Object], group: str, kind: str) -> list[Object]:
    """Return the objects of a kind, in an order that does not depend on the input's.

    Args:
        objects: Objects of any kind; lists of the kind ``List`` are not opened.
        group: The API group, such as ``security.istio.io``; every version of it is taken.
        kind: Such as ``AuthorizationPolicy``.
    """
    found = [
        each
        for each in objects
        if each.get("kind") == kind and str(each.get("apiVersion", "")).rpartition("/")[0] == group
    ]
    return sorted(found, key=named)
