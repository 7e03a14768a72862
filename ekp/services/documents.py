"""Services' objects as YAML text, one file a service."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

import yaml

if TYPE_CHECKING:
    from modules.core.services import Service
    from modules.core.site import Site
    from modules.kubernetes.manifest import Manifest

# One line a value: folded text differs where only its length does.
_WIDTH = 2**31
_SEPARATOR = "---"
_MARK = re.compile(r"# Rendered by `ekp services render ([a-z0-9]+)`")
# Python's YAML takes 1e3 and y for words, Go's for a number and a yes: what might be is quoted.
_AMBIGUOUS = re.compile(r"[-+.]?[0-9]|[yYnN]$")


class DescribedEnvironment(Protocol):
    """What of an environment its services' objects are made from."""

    @property
    def name(self) -> str:
        """Its name, such as ``prod``."""

    @property
    def services(self) -> "Sequence[Service]":
        """Its services."""

    def site(self) -> "Site":
        """Return what its services have in common."""


def render(
    environment: DescribedEnvironment,
    objects_of: Callable[["Service", "Site"], Sequence["Manifest"]],
) -> dict[PurePosixPath, str]:
    """Return the text of each service by its path, ``<namespace>/<service>.yaml``.

    Raises:
        ValueError: two services would share a file.
    """
    site = environment.site()
    found: dict[PurePosixPath, str] = {}
    for service in sorted(environment.services, key=lambda one: (one.namespace, one.name)):
        path = PurePosixPath(service.namespace, f"{service.name}.yaml")
        if path in found:
            raise ValueError(f"{service.ref} stands twice; remove one")
        found[path] = text(environment.name, objects_of(service, site))
    return found


def mark(environment: str) -> str:
    """Return the first line of a rendered file; whoever owns the file is known by it."""
    return f"# Rendered by `ekp services render {environment}`: change the settings, not this file."


def environment_of(line: str) -> str | None:
    """Return the environment that a file's first line names; None: it is not rendered."""
    found = _MARK.match(line)
    return found[1] if found else None


def text(environment: str, objects: Sequence["Manifest"]) -> str:
    """Return objects as one file, in their order."""
    documents = [
        yaml.dump(_plain(one.as_dict()), Dumper=_Dumper, sort_keys=False, width=_WIDTH)
        for one in objects
    ]
    return "".join((f"{mark(environment)}\n", *(f"{_SEPARATOR}\n{one}" for one in documents)))


def count(written: str) -> int:
    """Return the number of objects in a rendered file."""
    return written.splitlines().count(_SEPARATOR)


class _Dumper(yaml.SafeDumper):
    """Writes text in blocks, as people read it, and every object out in full."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write an object that stands twice out twice: nobody reads anchors in a review."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else '"' if _AMBIGUOUS.match(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _plain(value: Any) -> Any:
    """Return a value as dicts and lists; enums of strings become strings."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, str) else value
