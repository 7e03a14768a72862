"""checkov's graph, read as what checks look at."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from checkov.common.graph.graph_builder import CustomAttributes
from checkov.common.util.consts import END_LINE, START_LINE

from policies.entities import Entity, Everything, listed

# checkov's own notes between the settings.
NOTES = frozenset(("start_line", "end_line", "references_"))

_READING = Lock()


def everything(graph: Any) -> Everything:
    """Return all that is in a graph."""
    # checkov runs its graph checks in threads, all of them at the same moment.
    with _READING:
        return _read(graph)


@lru_cache(maxsize=1)
def _read(graph: Any) -> Everything:
    vertices = [node[1] if isinstance(node, tuple) else node for node in graph.nodes()]
    return Everything([*(_entity(vertex) for vertex in vertices), *_stacks(vertices)])


def _stacks(vertices: Sequence[Mapping[str, Any]]) -> Iterator[Entity]:
    """Return what checkov's graph of JSON is without: providers, all of ``terraform``, ``//``."""
    for file in sorted({str(vertex[CustomAttributes.FILE_PATH]) for vertex in vertices}):
        if file.endswith(".tf.json"):
            whole = json.loads(Path(file).read_text(encoding="utf-8"))
            # What checkov asks of a vertex that it reports.
            vertex = {
                CustomAttributes.ID: "stack",
                CustomAttributes.FILE_PATH: file,
                CustomAttributes.CONFIG: {},
                START_LINE: 1,
                END_LINE: 1,
            }
            settings = {key: whole[key] for key in ("terraform", "provider", "//") if key in whole}
            yield Entity("stack", "", settings, vertex)
            for kind, written in whole.get("provider", {}).items():
                for one in listed(written):
                    yield Entity(f"provider.{kind}", str(one.get("alias", "")), one, vertex)


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
