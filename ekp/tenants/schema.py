"""The JSON Schema of a tenant's file, by which editors complete and underline."""

import json
from typing import Any

from modules.core.tenants import Tenant

FILE = "schema.json"
"""Beside the tenants' files, whose first lines name it."""
_KINDS = ("Canary", "HeaderCanary", "BlueGreen")


def schema_text() -> str:
    """Return the schema as it is committed."""
    found = _closed(Tenant.model_json_schema())
    definitions = found["$defs"]
    # Filled in while a file is read, where the tenant has one namespace.
    definitions["Service"]["required"].remove("namespace")
    for kind in _KINDS:
        # What tells the strategies apart has a default in each of them.
        definitions[kind]["required"] = [*definitions[kind].get("required", []), "kind"]
    plain = {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
    return json.dumps(plain, indent=1) + "\n"


def _closed(node: Any, *, named: bool = False) -> Any:
    """Return a schema that takes no name outside a pattern, without titles that repeat names.

    ``named``: the node's keys are names of settings, not words of the schema.
    """
    if isinstance(node, list):
        return [_closed(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    found = {
        key: _closed(value, named=not named and key in ("properties", "$defs"))
        for key, value in node.items()
        if named or key != "title" or not isinstance(value, str)
    }
    if not named and "patternProperties" in found:
        found["additionalProperties"] = False
    return found
