"""Filters that Istio has no object for, put into proxies in front of all others."""

from collections.abc import Mapping
from typing import Any

CONNECTION_MANAGER = "envoy.filters.network.http_connection_manager"


def put_first(context: str, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patch of an EnvoyFilter that puts an HTTP filter before all that are there.

    Args:
        context: the listeners it is put into: ``GATEWAY`` or ``SIDECAR_INBOUND``.
        name: of the filter, by which routes may switch it off.
        config: its ``typed_config``.
    """
    return {
        "applyTo": "HTTP_FILTER",
        "match": {
            "context": context,
            "listener": {"filterChain": {"filter": {"name": CONNECTION_MANAGER}}},
        },
        "patch": {
            "operation": "INSERT_FIRST",
            "value": {"name": name, "typed_config": dict(config)},
        },
    }
