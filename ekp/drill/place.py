"""Where a drill runs: on what is synthesized alone, or on the local AWS as well."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a drill may use beside the synthesized configuration."""

    aws: Mapping[str, str] | None = None
    """Variables that lead clients of AWS to the local AWS; None: without ``--local``.

    They never lead to a real account: whoever fills them checks that the endpoint is on loopback.
    """
    prometheus: str | None = None
    """Path of the ``prometheus`` program; None: it is not installed."""
