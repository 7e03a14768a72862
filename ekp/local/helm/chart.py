"""The chart of a release: a pin of the project, or a local folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.core.charts import Chart as Pin

from . import documents
from .failure import RefusedError

# What the template of our own bundles prints.
OBJECTS = "objects"
BUNDLE_TEMPLATE = Path("templates", "objects.yaml")


@dataclass(frozen=True, slots=True)
class Chart:
    """What is known of a chart without its templates."""

    name: str
    version: str
    app_version: str
    repository: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    bundle: bool = False
    """Whether it prints the objects in its values and nothing else."""


def locate(model: Mapping[str, Any], pins: Sequence[Pin]) -> Chart:
    """Return the chart of a release; its arguments are known.

    Raises:
        RefusedError: there is no such chart, or the version is another one.
    """
    name, repository = model["chart"].strip(), model["repository"] or ""
    folder = Path(repository, name)
    if folder.is_dir():
        return _local(folder, model["version"])
    if not repository and name.startswith("oci://"):
        repository, _, name = name.rpartition("/")
    if not repository:
        raise _missing(name, f"{name!r} is no folder in {Path.cwd()}, and no repository is set")
    return _pinned(name, repository, model["version"], pins)


def same_version(one: str | None, other: str | None) -> bool:
    """Tell whether two versions are one to Helm: a leading "v" means nothing."""
    return (one or "").removeprefix("v") == (other or "").removeprefix("v")


def _pinned(name: str, repository: str, version: str | None, pins: Sequence[Pin]) -> Chart:
    place = repository.rstrip("/")
    found = [pin for pin in pins if pin.name == name and pin.repository.rstrip("/") == place]
    if not found:
        elsewhere = ", ".join(pin.repository for pin in pins if pin.name == name)
        hint = f"it is pinned from {elsewhere}" if elsewhere else "pin the chart there"
        raise _missing(
            name, f"modules/addons/charts.py has no chart {name!r} of {repository}; {hint}"
        )
    versions = ", ".join(pin.version for pin in found)
    if version is None:
        raise RefusedError(
            "Error locating chart",
            f"No version of the chart {name!r} is set, and Helm would take the newest of the day; "
            f"modules/addons/charts.py pins {versions}.",
            "version",
        )
    for pin in found:
        if same_version(pin.version, version.strip()):
            return Chart(pin.name, pin.version, pin.app_version, pin.repository)
    raise _missing(
        name, f"version {version!r} is not in modules/addons/charts.py, which pins {versions}"
    )


def _local(folder: Path, version: str | None) -> Chart:
    facts = _read(folder / "Chart.yaml")
    if facts is None:
        raise RefusedError(
            "Error loading chart",
            f"Unable to load chart {folder}: Chart.yaml file is missing",
            "chart",
        )
    for key in ("apiVersion", "name", "version"):
        if not facts.get(key):
            raise RefusedError(
                "Error loading chart",
                f"Unable to load chart {folder}: validation: chart.metadata.{key} is required",
                "chart",
            )
    if facts.get("type", "application") != "application":
        raise RefusedError(
            "Error checking if chart is installable",
            f"Chart is not installable: {facts['type']} charts are not installable",
            "chart",
        )
    for dependency in facts.get("dependencies") or ():
        if not any((folder / "charts").glob(f"{dependency['name']}*")):
            raise RefusedError(
                "Error loading chart",
                f"{dependency['name']}: found in Chart.yaml, but missing in charts/ directory",
                "chart",
            )
    if version is not None and not same_version(version, str(facts["version"])):
        raise RefusedError(
            "Planned version is different from configured version",
            f"The version in the configuration is {version!r} but the planned version is "
            f"{facts['version']!r}. You should update the version in your configuration to "
            f"{facts['version']!r}, or remove the version attribute from your configuration.",
            "version",
        )
    return Chart(
        name=str(facts["name"]),
        version=str(facts["version"]),
        app_version=str(facts.get("appVersion") or ""),
        repository="",
        defaults=_read(folder / "values.yaml") or {},
        bundle=(folder / BUNDLE_TEMPLATE).is_file(),
    )


def _read(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    return documents.mapping(file.read_text(encoding="utf-8"), str(file))


def _missing(name: str, why: str) -> RefusedError:
    return RefusedError("Error locating chart", f"Unable to locate chart {name}: {why}.", "chart")
