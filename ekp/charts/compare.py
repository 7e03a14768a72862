"""Values against the keys and the schema of the chart they are for."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ekp.local.helm import documents, values

# Places that a chart leaves open although its values.yaml names keys below them: what stands there
# is copied into another API's object, or read by templates alone.
OPEN: Mapping[str, tuple[str, ...]] = {
    "argo-cd": ("configs.cm", "configs.rbac", "configs.params", "configs.secret.extra"),
    "aws-cloudwatch-metrics": ("serviceAccount",),
    "istiod": ("meshConfig", "global.proxy", "env"),
    "jaeger": ("userconfig",),
    "loki": ("loki",),
    "rancher": ("hostname", "bootstrapPassword"),
    "tigera-operator": ("installation", "apiServer", "goldmane", "whisker"),
}
# Maps of the user's own keys, whatever the chart.
FREE = ("annotations", "labels", "nodeselector", "resources", "affinity", "context", "selector")
# Istio's charts nest their real defaults under it.
NESTED = "_internal_defaults_do_not_set"


@dataclass(frozen=True)
class ChartFiles:
    """The folder of a chart, as ``helm pull --untar`` leaves it."""

    folder: Path
    open_places: tuple[str, ...] = field(default=())

    @classmethod
    def at(cls, charts: Path, name: str) -> "ChartFiles | None":
        """Return a chart's files below a folder of charts, or None where they are not."""
        folder = charts / name
        found = (folder / "values.yaml").is_file() and (folder / "Chart.yaml").is_file()
        return cls(folder, OPEN.get(name, ())) if found else None

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What ``Chart.yaml`` says."""
        return _read(self.folder / "Chart.yaml")

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """What ``values.yaml`` says."""
        found = _read(self.folder / "values.yaml")
        nested: Mapping[str, Any] = found.get(NESTED, found)
        return nested

    @cached_property
    def commented(self) -> frozenset[str]:
        """Keys that ``values.yaml`` names in comments alone; their place cannot be told."""
        lines = (line.strip() for line in _text(self.folder / "values.yaml").splitlines())
        keys = (line.lstrip("# -").split(":", 1)[0] for line in lines if line.startswith("#"))
        return frozenset(key for key in keys if key and " " not in key)

    @cached_property
    def schema(self) -> Any:
        """The schema, without what would have to be fetched from elsewhere; None: there is none."""
        file = self.folder / "values.schema.json"
        return _at_hand(json.loads(_text(file))) if file.is_file() else None

    @property
    def open(self) -> frozenset[str]:
        """Places below which any key may stand: other charts' and those the chart leaves open."""
        others = {d.get("alias") or d["name"] for d in self.facts.get("dependencies") or ()}
        return frozenset({*others, *self.open_places, *(("global",) if others else ())})


def complaints(chart: ChartFiles, found: Mapping[str, Any]) -> list[str]:
    """Return what a chart says against values: keys it does not have, types it does not take."""
    unknown = [f"{path}: no value of this chart" for path in _unknown(found, chart)]
    return [*unknown, *_refused(chart, found)]


def _unknown(found: Mapping[str, Any], chart: ChartFiles) -> Iterator[str]:
    waiting: list[tuple[str, Any, Any]] = [("", found, chart.defaults)]
    while waiting:
        path, value, default = waiting.pop(0)
        if not isinstance(value, dict) or not isinstance(default, dict) or not default:
            continue  # below a default that is empty or no map the chart leaves the place open
        for key, below in value.items():
            here = f"{path}.{key}" if path else key
            if here in chart.open or path.lower().endswith(FREE):
                continue
            if key in default:
                waiting.append((here, below, default[key]))
            elif key not in chart.commented:
                yield here


def _refused(chart: ChartFiles, found: Mapping[str, Any]) -> Iterator[str]:
    if chart.schema is None:
        return
    try:
        import jsonschema  # noqa: PLC0415 - comes with the extra `policy`
    except ImportError:
        return
    whole = values.coalesce(found, chart.defaults)
    for error in jsonschema.Draft7Validator(chart.schema).iter_errors(whole):
        where = ".".join(map(str, error.absolute_path)) or "(all)"
        yield f"{where}: {error.message[:160]}"


def _at_hand(schema: Any) -> Any:
    match schema:
        case dict():
            return {
                key: _at_hand(value)
                for key, value in schema.items()
                if key != "$schema" and not (key == "$ref" and "://" in str(value))
            }
        case list():
            return [_at_hand(value) for value in schema]
    return schema


def _read(file: Path) -> Mapping[str, Any]:
    return documents.mapping(_text(file), str(file))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
