"""What our checks are made of: a function that judges one thing and may look at all the others.

checkov's own classes for Python checks show a check one resource alone. These are its graph
checks, which see all of a stack (or all objects of a cluster), so that "a route table without a
way out" or "a namespace without a default deny" can be said.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.graph.graph_builder import CustomAttributes

STACKS = ("terraform", "terraform_plan")
CLUSTERS = ("kubernetes",)
REFERENCE = re.compile(r"\b(?:data\.)?([a-z]+_\w+)\.([\w-]+)")
# checkov's own notes between the settings.
NOTES = frozenset(("start_line", "end_line", "references_"))

_READING = Lock()

Verdict = bool | None
"""True: it passes. False: it fails. None: the check says nothing about it."""


@dataclass(frozen=True, eq=False)
class Entity:
    """A resource, a provider or the settings of Terraform; or a Kubernetes object.

    ``kind`` is ``aws_lb``, ``data.aws_lb``, ``provider.aws`` or ``terraform``; or ``Namespace``.
    ``name`` is what follows the kind in an address; a Kubernetes object's own name. ``body`` holds
    its settings as Terraform's JSON or Kubernetes has them: a block that stands once is a dict, so
    read blocks and lists with ``listed``. What is known after the apply alone is missing from a
    plan, or the text of a reference (``aws_kms_key.logs.arn``).
    """

    kind: str
    name: str
    body: Mapping[str, Any]
    vertex: Mapping[str, Any]

    @property
    def namespace(self) -> str:
        """The namespace of a Kubernetes object; empty for one of the whole cluster."""
        return str(self.metadata.get("namespace", ""))

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata of a Kubernetes object."""
        return self.body.get("metadata") or {}

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of a Kubernetes object."""
        return self.metadata.get("labels") or {}


@dataclass(frozen=True, eq=False)
class Everything:
    """All of a stack, or all objects of a cluster."""

    entities: Sequence[Entity]

    def of(self, *kinds: str) -> list[Entity]:
        """Return the entities of some kinds."""
        return [one for kind in kinds for one in self._kinds.get(kind, ())]

    def behind(self, value: Any) -> list[Entity]:
        """Return the resources that a value refers to, however deep in it."""
        return [
            one for kind, name in _references(value) for one in self.of(kind) if one.name == name
        ]

    def referring(self, target: Entity, *kinds: str) -> list[Entity]:
        """Return the entities of some kinds whose settings refer to a resource."""
        return [one for one in self.of(*kinds) if target in self.behind(one.body)]

    @cached_property
    def _kinds(self) -> Mapping[str, list[Entity]]:
        found: dict[str, list[Entity]] = {}
        for one in self.entities:
            found.setdefault(one.kind, []).append(one)
        return found


Judge = Callable[[Entity, Everything], Verdict]


class _Check(BaseGraphCheck):
    """One check as checkov runs it."""

    def __init__(self, id_: str, title: str, kinds: Sequence[str], judge: Judge) -> None:
        super().__init__()
        self.id = id_
        self.name = title
        self.resource_types = list(kinds)
        self._judge = judge

    def run(self, graph_connector: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Judge each entity of the check's kinds; what is not judged is in no list."""
        everything = _everything(graph_connector)
        passed: list[Any] = []
        failed: list[Any] = []
        for one in everything.of(*self.resource_types):
            verdict = self._judge(one, everything)
            if verdict is not None:
                (passed if verdict else failed).append(one.vertex)
        return passed, failed, []


def stack_check(id_: str, title: str, *kinds: str) -> Callable[[Judge], Judge]:
    """Make a function a check of Terraform, synthesized and planned.

    Args:
        id_: ``EKP_<AREA>_<N>``; it is never given to another check.
        title: What the check makes certain, as a sentence that begins with "Ensure".
        kinds: What it judges, such as ``aws_lb``.
    """
    return _check(STACKS, id_, title, kinds)


def cluster_check(id_: str, title: str, *kinds: str) -> Callable[[Judge], Judge]:
    """Make a function a check of Kubernetes objects; all of a cluster stand beside each other."""
    return _check(CLUSTERS, id_, title, kinds)


def _check(
    frameworks: Sequence[str], id_: str, title: str, kinds: Sequence[str]
) -> Callable[[Judge], Judge]:
    def register(judge: Judge) -> Judge:
        for framework in frameworks:
            checks = get_graph_checks_registry(framework).checks
            # checkov loads a folder of checks anew for each of its runs.
            checks[:] = [one for one in checks if one.id != id_]
            checks.append(_Check(id_, title, kinds, judge))
        return judge

    return register


def listed(value: Any) -> list[Any]:
    """Return a block, a list or nothing as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def is_true(value: Any) -> bool:
    """Tell whether a value is Terraform's true, written as text or not."""
    return value is True or value == "true"


def _everything(graph: Any) -> Everything:
    # checkov runs its graph checks in threads, all of them at the same moment.
    with _READING:
        return _read(graph)


@lru_cache(maxsize=1)
def _read(graph: Any) -> Everything:
    vertices = [node[1] if isinstance(node, tuple) else node for node in graph.nodes()]
    return Everything([_entity(vertex) for vertex in vertices])


def _entity(vertex: Mapping[str, Any]) -> Entity:
    name = str(vertex[CustomAttributes.BLOCK_NAME])
    body = vertex[CustomAttributes.CONFIG]
    if vertex["source_"] == "Kubernetes":
        return _kubernetes(body, vertex)
    block = vertex[CustomAttributes.BLOCK_TYPE]
    if block in ("resource", "data"):
        kind, _, name = name.partition(".")
        settings = _plain(body.get(kind, {}).get(name, {}))
        return Entity(kind if block == "resource" else f"data.{kind}", name, settings, vertex)
    if block == "provider":
        kind, _, name = name.partition(".")
        return Entity(f"provider.{kind}", name, _plain(body.get(kind, {})), vertex)
    return Entity(str(block), name, _plain(body), vertex)


def _plain(value: Any) -> Any:
    """Return settings without the list of one that checkov puts around each of them."""
    if isinstance(value, Mapping):
        return {
            key: _plain(entry[0] if isinstance(entry, list) and len(entry) == 1 else entry)
            for key, entry in value.items()
            if not _note(key)
        }
    return [_plain(entry) for entry in value] if isinstance(value, list) else value


def _kubernetes(body: Mapping[str, Any], vertex: Mapping[str, Any]) -> Entity:
    whole = _as_written(body)
    annotations = whole.get("metadata", {}).get("annotations")
    if isinstance(annotations, list):  # checkov's own wrapping
        whole["metadata"]["annotations"] = annotations[0] if annotations else {}
    return Entity(
        str(whole.get("kind", "")), str(whole.get("metadata", {}).get("name", "")), whole, vertex
    )


def _as_written(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_written(entry) for key, entry in value.items() if not _note(key)}
    return [_as_written(entry) for entry in value] if isinstance(value, list) else value


def _note(key: Any) -> bool:
    return str(key) in NOTES or (str(key).startswith("__") and str(key).endswith("__"))


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from ((found[1], found[2]) for found in REFERENCE.finditer(value))
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _references(entry)
