"""Planning a release: defaults, what is known only after the apply, what forces a replacement."""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.core.charts import Chart as Pin

from . import chart as charts
from .tables import RELEASE, REPLACES
from .wire import UNKNOWN, Object, is_known

# What a changed one of these makes Helm write anew.
UPGRADES = ("chart", "repository", "version", "values", "set", "set_sensitive", "set_list")
DEPLOYED = "deployed"


def plan(
    prior: Object | None, proposed: Object, config: Object, pins: Sequence[Pin]
) -> tuple[Object, list[str]]:
    """Return the planned state and the attributes that force a replacement.

    Raises:
        RefusedError: there is no such chart.
    """
    planned = with_defaults(proposed, config)
    if prior is None or planned != prior:
        for name, attribute in RELEASE.items():
            if attribute.computed and attribute.default is None and config[name] is None:
                planned[name] = UNKNOWN
    if planned["description"] in (UNKNOWN, None, ""):
        planned["description"] = prior["description"] if prior else None
    planned |= {"status": DEPLOYED, "manifest": None, "resources": None}
    if all(is_known(planned[name]) for name in ("chart", "repository")) and is_known(
        config["version"]
    ):
        planned["version"] = _version(config, pins)
    else:
        planned["version"] = UNKNOWN if config["version"] is None else config["version"]
    if prior is None or any(planned[name] != prior[name] for name in UPGRADES):
        planned["metadata"] = UNKNOWN
    replaces = [name for name in REPLACES if prior and planned[name] != prior[name]]
    return planned, replaces


def with_defaults(proposed: Object, config: Mapping[str, Any]) -> Object:
    """Return a proposed state with the defaults of what is not set, and nothing write-only."""
    planned = dict(proposed)
    for name, attribute in RELEASE.items():
        if attribute.default is not None and config[name] is None:
            planned[name] = attribute.default
        if attribute.write_only:
            planned[name] = None
    if isinstance(planned["set"], list):
        planned["set"] = [
            {**entry, "type": ""} if isinstance(entry, dict) and entry["type"] is None else entry
            for entry in planned["set"]
        ]
    return planned


def _version(config: Mapping[str, Any], pins: Sequence[Pin]) -> str:
    """Return the chart's version, written as it is configured."""
    found = charts.locate(dict(config), pins).version
    configured = config["version"]
    return configured if configured is not None else found
