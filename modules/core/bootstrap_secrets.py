"""BootstrapSecret: what a release reads and people, or Vault later, bring into a cluster."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapSecret:
    """A Kubernetes Secret that neither Terraform nor its chart makes: its place, never its value.

    One that ``blocks`` is of a namespace that an earlier layer makes: nobody can put it into a
    namespace that comes with the very release that waits for it.
    """

    namespace: str
    name: str
    keys: tuple[str, ...]
    purpose: str
    """What it is for and what its values are, for the people who make it."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Without them its reader does not see it."""
    blocks: bool
    """Whether the release does not come up without it."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self) | {"keys": [*self.keys], "labels": dict(self.labels)}
