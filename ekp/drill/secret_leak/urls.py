"""What services answer to users: host, path and method, as routes and policies name them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.hosts import hosts_of
from ekp.configured.reading import label
from ekp.evaluate.request import Object

_NAME = "app.kubernetes.io/name"


@dataclass(frozen=True, slots=True, order=True)
class Url:
    """Something that a user may ask for."""

    host: str
    path: str
    method: str

    @property
    def told(self) -> str:
        """As people write it."""
        method = "" if self.method == "GET" else f"{self.method} "
        return f"{method}https://{self.host}{self.path}"


def urls(configured: Configured, region: str) -> list[Url]:
    """Return a URL for each path that a service's policies or routes tell apart."""
    hosts: dict[str, set[str]] = {}
    asked: dict[str, set[tuple[str, str]]] = {}
    for one in (*configured.bundled(region), *configured.services):
        name = label(one, _NAME)
        hosts.setdefault(name, set()).update(host for host in hosts_of(one) if "*" not in host)
        asked.setdefault(name, set()).update(_paths(one))
    return sorted(
        Url(host, path, method)
        for name, found in hosts.items()
        for host in found
        for path, method in asked[name]
    )


def _paths(one: Object) -> Iterator[tuple[str, str]]:
    """Yield each path, the whole of it where a policy says all below it, with a method."""
    if one.get("kind") == "AuthorizationPolicy":
        for rule in one["spec"].get("rules", ()):
            for to in rule.get("to", ()):
                operation: Mapping[str, Any] = to.get("operation") or {}
                method = next(iter(operation.get("methods", ())), "GET")
                for path in operation.get("paths", ()):
                    yield str(path).removesuffix("*").rstrip("/") or "/", str(method)
