"""Releases in a folder, one file each, and the bundles that they render."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ekp.runner import files

from ..layout import RELEASES, RENDERED
from . import documents
from .cluster import Cluster

# Namespaces that every cluster has.
GIVEN = frozenset(("default", "kube-node-lease", "kube-public", "kube-system"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release as Helm keeps it, without the chart's templates; times are Unix seconds."""

    name: str
    namespace: str
    chart: str
    repository: str
    version: str
    app_version: str
    revision: int
    description: str
    first_deployed: int
    last_deployed: int
    values: Mapping[str, Any]
    bundle: bool


class Store:
    """The releases of one cluster; a namespace is there once its folder is."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self._releases = folder / RELEASES / cluster.key
        self._rendered = folder / RENDERED / cluster.folder

    def find(self, namespace: str, name: str) -> Release | None:
        """Return a release, if it is there."""
        try:
            return Release(**json.loads(self._file(namespace, name).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def keep(self, release: Release) -> None:
        """Write a release."""
        files.write_json(self._file(release.namespace, release.name), asdict(release))

    def drop(self, namespace: str, name: str) -> None:
        """Remove a release and what it rendered."""
        found = self.find(namespace, name)
        self._file(namespace, name).unlink(missing_ok=True)
        if found and found.bundle:
            self._bundle(name).unlink(missing_ok=True)

    def render(self, release: Release, objects: Iterable[Mapping[str, Any]]) -> None:
        """Write the objects of a bundle; their namespaces are there from now on."""
        every = list(objects)
        text = "".join(f"---\n{documents.to_yaml(one)}" for one in every)
        files.write(self._bundle(release.name), text)
        for one in every:
            if one.get("kind") == "Namespace":
                self.make_namespace(one["metadata"]["name"])

    def elsewhere(self, namespace: str, name: str) -> str | None:
        """Return another namespace with a bundle of that name, which has the file."""
        for file in self._releases.glob(f"*/{name}.json"):
            other = file.parent.name
            found = self.find(other, name) if other != namespace else None
            if found and found.bundle:
                return other
        return None

    def make_namespace(self, name: str) -> None:
        """Make a namespace."""
        files.make_folder(self._releases / name)

    def has_namespace(self, name: str) -> bool:
        """Tell whether a namespace is there."""
        return name in GIVEN or (self._releases / name).is_dir()

    def _file(self, namespace: str, name: str) -> Path:
        return self._releases / namespace / f"{name}.json"

    def _bundle(self, name: str) -> Path:
        return self._rendered / f"{name}.yaml"


def count(folder: Path) -> tuple[int, int]:
    """Return how many releases a folder holds, and how many bundles they rendered."""
    releases = sum(1 for _ in (folder / RELEASES).glob("*/*/*.json"))
    return releases, sum(1 for _ in (folder / RENDERED).glob("*/*.yaml"))
