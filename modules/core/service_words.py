"""What settings of a service are made of: names, hosts, paths, images, amounts."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

# Names made from it (<name>-preview, pods of a ReplicaSet) fit in a label's 63 characters.
ServiceName = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")]
NamespaceName = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")]
ServiceRef = Annotated[
    str, Field(pattern=r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?/[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")
]
"""``<namespace>/<name>`` of a service; its service account carries the same name."""
HostLabel = Annotated[str, Field(pattern=r"^(@|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$")]
"""One label under the environment's domain, or ``@`` for the domain itself."""
Cpu = Annotated[str, Field(pattern=r"^[1-9]\d*m?$")]
"""As Kubernetes writes it: ``250m`` is a quarter of a CPU."""
Memory = Annotated[str, Field(pattern=r"^[1-9]\d*(Mi|Gi)$")]
"""As Kubernetes writes it: ``256Mi``."""


def millis(cpu: Cpu) -> int:
    """Return an amount of CPU in thousandths."""
    return int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000


def mebibytes(memory: Memory) -> int:
    """Return an amount of memory in MiB."""
    return int(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)


_PATH = re.compile(r"/|(/[A-Za-z0-9._~-]+)+")
_PATTERN = re.compile(r"(/[A-Za-z0-9._~-]+)*(/\*|/)?")
_IMAGE = re.compile(
    r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:(?P<tag>[\w.-]{1,128}))?(@sha256:(?P<digest>[0-9a-f]{64}))?"
)
_DOTS = (".", "..")


def _path(value: str) -> str:
    if not _PATH.fullmatch(value) or any(part in _DOTS for part in value.split("/")):
        raise ValueError(
            f"{value!r} is not a plain path; write / or one without a slash at its end, such as "
            "/orders"
        )
    return value


def _pattern(value: str) -> str:
    if not value or not _PATTERN.fullmatch(value) or any(p in _DOTS for p in value.split("/")):
        raise ValueError(
            f"{value!r} is no path to guard; write one path such as /orders, or all under it "
            "as /orders/*"
        )
    return value


def _image(value: str) -> str:
    found = _IMAGE.fullmatch(value)
    if not found or not (found["digest"] or (found["tag"] and found["tag"] != "latest")):
        raise ValueError(
            f"{value!r} names no image for good; write the registry, the repository and a tag "
            "other than latest, or better a digest: registry.example.org/shop/catalog@sha256:..."
        )
    return value


PathPrefix = Annotated[str, AfterValidator(_path)]
"""A path and all under it: ``/orders`` is ``/orders`` and ``/orders/7``, not ``/ordersheet``."""
PathPattern = Annotated[str, AfterValidator(_pattern)]
"""One path (``/orders``), or all under it (``/orders/*``, which ``/orders`` itself is not)."""
Image = Annotated[str, AfterValidator(_image)]
