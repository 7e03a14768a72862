"""Amounts of CPU and memory as Kubernetes writes them, and what pods ask for together."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.evaluate.request import Unsupported

_CPU = re.compile(r"(\d+(?:\.\d+)?)(m?)")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?")
# In bytes.
_UNITS = {
    None: 1,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
}


@dataclass(frozen=True, slots=True)
class Room:
    """What a pod asks for, or what a node has for pods."""

    cpu: int = 0
    """Thousandths of a CPU."""
    memory: int = 0
    """MiB."""
    pods: int = 1
    """Addresses: a node has so many for pods."""

    def __add__(self, other: "Room") -> "Room":
        """Return both together."""
        return Room(self.cpu + other.cpu, self.memory + other.memory, self.pods + other.pods)

    def within(self, other: "Room") -> bool:
        """Tell whether it is no more than another."""
        return self.cpu <= other.cpu and self.memory <= other.memory and self.pods <= other.pods


NOTHING = Room(0, 0, 0)


def requests(source: Any, containers: Iterable[Mapping[str, Any]]) -> Room:
    """Return what a pod asks for by its containers' ``resources``.

    Where a container asks for nothing and has a limit, it asks for its limit.

    Args:
        source: The object, or what it is called in messages.
        containers: With ``resources`` each, or without.
    """
    cpu = memory = 0
    for container in containers:
        resources = container.get("resources") or {}
        asked = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
        cpu += millis(source, asked.get("cpu") or 0)
        memory += mebibytes(source, asked.get("memory") or 0)
    return Room(cpu, memory)


def millis(source: Any, amount: object) -> int:
    """Return an amount of CPU in thousandths.

    Raises:
        Unsupported: it is written in another way.
    """
    found = _CPU.fullmatch(str(amount))
    if found is None:
        raise Unsupported(source, "resources", f"{amount!r} is no amount of CPU")
    return math.ceil(float(found[1]) * (1 if found[2] else 1000))


def mebibytes(source: Any, amount: object) -> int:
    """Return an amount of memory in MiB, the next above.

    Raises:
        Unsupported: it is written in another way.
    """
    found = _MEMORY.fullmatch(str(amount))
    if found is None:
        raise Unsupported(source, "resources", f"{amount!r} is no amount of memory")
    return math.ceil(float(found[1]) * _UNITS[found[2]] / 2**20)
