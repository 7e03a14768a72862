"""Claims of a token: how they are found by their names, and how Envoy writes them into headers.

Source: Envoy's JWT authentication filter.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any


def claim_of(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim by its name, in which dots lead into nested claims."""
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def written(value: object) -> str:
    """Return a claim as Envoy writes it into a header; "" where it writes none.

    Lists and objects are JSON in base64. Envoy's own JSON may have other spaces and another order
    of keys; a reader decodes it and does not compare the text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        whole = value >= 0 and float(value).is_integer()
        return str(int(value)) if whole else f"{value:f}"
    if value is None:
        return ""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(text.encode()).decode()
