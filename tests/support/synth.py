"""Synth: what a stack emits, as plain data."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, Self

Attributes = Mapping[str, Any]


class Stack(Protocol):
    """A stack of CDKTF: named here so that this file imports no bindings."""

    def to_terraform(self) -> Any:
        """Return the stack's Terraform JSON."""


class Synth:
    """A stack's Terraform JSON, by resource type and construct path.

    A path leaves out the stack's id and a trailing ``Resource``: ``vpc/private-euw1-az1``,
    ``vpc``.
    """

    def __init__(self, stack: Stack | Mapping[str, Any]) -> None:
        self.json: Mapping[str, Any] = stack if isinstance(stack, Mapping) else stack.to_terraform()

    @classmethod
    def read(cls, file: Path) -> Self:
        """Return what a ``cdk.tf.json`` holds."""
        return cls(json.loads(file.read_text(encoding="utf-8")))

    def all(self, type_: str) -> dict[str, Attributes]:
        """Return the attributes of every resource of a type, by construct path."""
        return {path: found for kind, path, _, found in self._resources() if kind == type_}

    def one(self, type_: str) -> Attributes:
        """Return the attributes of the only resource of a type."""
        (found,) = self.all(type_).values()
        return found

    def address(self, type_: str, path: str) -> str:
        """Return the Terraform address of the resource at a construct path."""
        (found,) = (a for kind, at, a, _ in self._resources() if (kind, at) == (type_, path))
        return found

    def resources(self) -> dict[str, Attributes]:
        """Return the attributes of every resource, by address."""
        return {address: found for _, _, address, found in self._resources()}

    @property
    def addresses(self) -> tuple[str, ...]:
        """The Terraform addresses of all resources, sorted."""
        return tuple(sorted(self.resources()))

    @property
    def outputs(self) -> dict[str, Any]:
        """The values of the outputs, by name."""
        return {name: found["value"] for name, found in self.json.get("output", {}).items()}

    @property
    def data(self) -> Mapping[str, Mapping[str, Attributes]]:
        """The data sources, by type and name."""
        found: Mapping[str, Mapping[str, Attributes]] = self.json.get("data", {})
        return found

    @property
    def provider(self) -> Attributes:
        """The configuration of the AWS provider that resources use unless they say otherwise."""
        (found,) = (p for p in self.json["provider"]["aws"] if "alias" not in p)
        return dict(found)

    @property
    def backend(self) -> Attributes:
        """The configuration of the S3 backend."""
        return dict(self.json["terraform"]["backend"]["s3"])

    def _resources(self) -> Iterator[tuple[str, str, str, Attributes]]:
        for kind, named in self.json.get("resource", {}).items():
            for name, found in named.items():
                path = found["//"]["metadata"]["path"].split("/", 1)[1].removesuffix("/Resource")
                attributes = {key: value for key, value in found.items() if key != "//"}
                yield kind, path, f"{kind}.{name}", attributes


def document(text: str) -> dict[str, Any]:
    """Return a policy document as Terraform will see it, with its expressions left as text.

    Double quotes inside an expression become single ones: Terraform reads them before JSON does.
    """
    plain = re.sub(r"\$\{[^}]*\}", lambda found: found[0].replace('"', "'"), text)
    found: dict[str, Any] = json.loads(plain)
    return found


def ref(address: str, attribute: str) -> str:
    """Return the expression that stands for an attribute of a resource."""
    return f"${{{address}.{attribute}}}"
