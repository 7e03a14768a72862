"""What the stand-in does with a release where Helm would install, upgrade, read, remove it."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modules.core import helm_size
from modules.core.charts import Chart as Pin

from . import chart as charts
from . import checks, documents, values
from .chart import Chart
from .cluster import Cluster
from .failure import RefusedError
from .plan import DEPLOYED
from .store import Release, Store
from .tables import RELEASE
from .wire import Object


class Releases:
    """The releases of one cluster."""

    def __init__(self, folder: Path, cluster: Cluster, pins: Sequence[Pin]) -> None:
        self._store = Store(folder, cluster)
        self._pins = pins

    def install(self, planned: Object, config: Object) -> Object:
        """Make a release and return its state.

        Raises:
            RefusedError: it is there already, or Helm would not take it.
        """
        chart, merged = self._ready(planned)
        if (planned["set_wo_revision"] or 0) > 0:
            merged = values.merge(merged, values.write_only(config["set_wo"]))
        name, namespace = planned["name"], planned["namespace"]
        found = self._store.find(namespace, name)
        if found is not None and not planned["upgrade_install"]:
            raise RefusedError("installation failed", "cannot re-use a name that is still in use")
        if planned["create_namespace"]:
            self._store.make_namespace(namespace)
        if not self._store.has_namespace(namespace):
            raise RefusedError(
                "installation failed",
                f'create: failed to create: namespaces "{namespace}" not found. No bundle has made '
                f"it before the release {name!r}: let the release depend on the one that does.",
                "namespace",
            )
        return self._write(planned, chart, merged, found)

    def upgrade(self, prior: Object, planned: Object, config: Object) -> Object:
        """Write a release anew and return its state.

        Raises:
            RefusedError: it is gone, or Helm would not take it.
        """
        chart, merged = self._ready(planned)
        found = self._store.find(planned["namespace"], planned["name"])
        if found is None:
            raise RefusedError(
                "Error upgrading chart",
                f'Upgrade failed: "{planned["name"]}" has no deployed releases',
            )
        if (planned["set_wo_revision"] or 0) > (prior["set_wo_revision"] or 0):
            merged = values.merge(merged, values.write_only(config["set_wo"]))
        if planned["reuse_values"] and not planned["reset_values"]:
            merged = values.merge(found.values, merged)
        return self._write(planned, chart, merged, found)

    def read(self, state: Object) -> Object | None:
        """Return a state as the release is; None when it is gone."""
        found = self._store.find(state["namespace"], state["name"])
        return None if found is None else self._described(state, found)

    def remove(self, state: Object) -> None:
        """Remove a release; one that is gone already is no error."""
        self._store.drop(state["namespace"], state["name"])

    def adopt(self, identifier: str) -> Object:
        """Return the state of a release that was made without this one.

        Raises:
            RefusedError: there is none, or the identifier names none.
        """
        namespace, slash, name = identifier.partition("/")
        if not slash or "/" in name:
            raise RefusedError(
                "Unable to parse import identifier",
                f"Unable to parse identifier {identifier}: Unexpected ID format "
                f"({identifier!r}), expected namespace/name",
            )
        found = self._store.find(namespace, name)
        if found is None:
            raise RefusedError(
                "Error getting release",
                f"Unable to get Helm release {name}: release: not found in {namespace!r}",
            )
        state = {one: attribute.default for one, attribute in RELEASE.items()}
        state |= {"name": name, "namespace": namespace, "chart": found.chart}
        return self._described({**state, "description": found.description}, found)

    def _ready(self, planned: Object) -> tuple[Chart, values.Values]:
        checks.check(planned)
        return charts.locate(planned, self._pins), values.of(planned)

    def _write(
        self, planned: Object, chart: Chart, merged: values.Values, found: Release | None
    ) -> Object:
        now, revision = int(time.time()), found.revision + 1 if found else 1
        release = Release(
            name=planned["name"],
            namespace=planned["namespace"],
            chart=chart.name,
            repository=chart.repository,
            version=chart.version,
            app_version=chart.app_version,
            revision=revision,
            description=planned["description"] or ("Upgrade" if found else "Install") + " complete",
            first_deployed=found.first_deployed if found else now,
            last_deployed=now,
            values=merged,
            bundle=chart.bundle,
        )
        objects = self._objects(release, chart)
        manifest = "".join(documents.to_yaml(one) for one in objects)
        checks.check_size(
            release.name, helm_size.estimate(json.dumps(merged), manifest=manifest), revision
        )
        self._store.keep(release)
        if release.bundle:
            self._store.render(release, objects)
        return self._described(planned, release)

    def _objects(self, release: Release, chart: Chart) -> list[Mapping[str, Any]]:
        if not release.bundle:
            return []
        taken = self._store.elsewhere(release.namespace, release.name)
        if taken is not None:
            raise RefusedError(
                "Not in the local AWS",
                f"A bundle {release.name!r} is rendered from the namespace {taken!r} already, and "
                "bundles are kept by cluster and name; give one of them another name.",
                "name",
            )
        found = values.coalesce(release.values, chart.defaults).get(charts.OBJECTS) or []
        for index, one in enumerate(found):
            if not _is_object(one):
                raise RefusedError(
                    "installation failed",
                    f"unable to build kubernetes objects from release manifest: objects[{index}] "
                    f"of the release {release.name!r} has no apiVersion, kind or metadata.name",
                    "values",
                )
        return found

    def _described(self, state: Object, release: Release) -> Object:
        written = "{}"
        if (state["set_wo_revision"] or 0) <= 0:
            cloaked = values.cloak(release.values, state["set_sensitive"])
            written = json.dumps(cloaked, separators=(",", ":"), sort_keys=True)
        version = state["version"]
        if not isinstance(version, str) or not charts.same_version(version, release.version):
            version = release.version
        return {
            **state,
            "id": release.name,
            "manifest": None,
            "resources": None,
            "set_wo": None,
            "status": DEPLOYED,
            "version": version,
            "metadata": {
                "app_version": release.app_version,
                "chart": release.chart,
                "first_deployed": release.first_deployed,
                "last_deployed": release.last_deployed,
                "name": release.name,
                "namespace": release.namespace,
                "notes": "",
                "revision": release.revision,
                "values": written,
                "version": release.version,
            },
        }


def _is_object(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("metadata"), dict):
        return False
    return all((one.get("apiVersion"), one.get("kind"), one["metadata"].get("name")))
