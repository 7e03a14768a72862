"""What an application is told of whoever asks: claims of its token, in headers of the proxy's."""

import base64
import json
from collections.abc import Mapping

from ekp.evaluate.request import Object, Workload, of_kind
from ekp.evaluate.world import World


def told(world: World, target: Workload, seen: Mapping[str, str]) -> str:
    """Return which claims the application is told in headers, of those that proxies write."""
    own = dict.fromkeys(
        str(entry["header"]).lower()
        for source in of_kind(world.objects, "security.istio.io", "RequestAuthentication")
        if _selects(source, target)
        for rule in (source.get("spec") or {}).get("jwtRules") or ()
        for entry in rule.get("outputClaimToHeaders") or ()
    )
    if not own:
        return ""
    lower = {name.lower(): value for name, value in seen.items()}
    told = [f"{name}: {_read(lower[name])}" for name in own if name in lower]
    if not told:
        return f"the application sees no {' and no '.join(own)}"
    return f"the application sees {', '.join(told)}: the proxy wrote them, of the token"


def _read(value: str) -> str:
    """Return a claim as people read it: lists come as JSON in base64."""
    try:
        found = json.loads(base64.b64decode(value, validate=True))
    except ValueError:
        return value
    return f"{json.dumps(found)} in base64" if isinstance(found, list | dict) else value


def _selects(source: Object, target: Workload) -> bool:
    labels = ((source.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    same = source["metadata"].get("namespace") == target.namespace
    return same and labels.items() <= target.labels.items()
