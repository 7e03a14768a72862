"""Which cluster a provider block leads to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from .failure import RefusedError
from .wire import is_known

NAME_OPTION = "--cluster-name"
DRIVERS = ("memory", "configmap", "secret", "sql")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster by name and host."""

    name: str
    host: str

    @property
    def folder(self) -> str:
        """Its name as the name of a folder."""
        return quote(self.name, safe="")

    @property
    def key(self) -> str:
        """The same for this one alone: a new cluster under an old name is empty."""
        return f"{self.folder}-{hashlib.sha256(self.host.encode()).hexdigest()[:8]}"


def of(configuration: Mapping[str, Any]) -> Cluster | None:
    """Return the cluster of a provider block; None while Terraform does not know it.

    Raises:
        RefusedError: the block names none.
    """
    kubernetes = configuration.get("kubernetes")
    if not is_known(kubernetes):
        return None
    block = kubernetes or {}
    host = block.get("host") or ""
    name = _option((block.get("exec") or {}).get("args") or ()) or urlsplit(host).netloc or host
    name = name or block.get("config_context") or block.get("config_path") or ""
    if not name:
        raise RefusedError(
            "Kubernetes cluster unreachable",
            "The provider's kubernetes block names no cluster: set host, and exec.args with "
            f"{NAME_OPTION}.",
            "kubernetes",
        )
    return Cluster(name, host)


def check(configuration: Mapping[str, Any]) -> None:
    """Refuse a provider block that the real provider refuses, or that needs a real cluster.

    Raises:
        RefusedError: an argument's value cannot be.
    """
    driver = configuration.get("helm_driver")
    if driver is not None and is_known(driver) and driver not in DRIVERS:
        raise RefusedError(
            "Invalid Attribute Value Match",
            f"Attribute helm_driver value must be one of: {', '.join(DRIVERS)}, got: {driver!r}",
            "helm_driver",
        )
    kubernetes = configuration.get("kubernetes")
    block = kubernetes if isinstance(kubernetes, dict) else {}
    if None not in (block.get("config_path"), block.get("config_paths")):
        raise RefusedError(
            "Invalid Attribute Combination",
            "Attribute kubernetes.config_paths cannot be specified when "
            "kubernetes.config_path is specified",
            "kubernetes",
        )
    experiments = configuration.get("experiments")
    if isinstance(experiments, dict) and experiments.get("manifest") is True:
        raise RefusedError(
            "Not in the local AWS",
            "experiments.manifest renders charts against the cluster's API while planning; the "
            "local AWS has no Kubernetes. Leave it out.",
            "experiments",
        )


def _option(arguments: Sequence[str]) -> str:
    for place, argument in enumerate(arguments):
        if argument == NAME_OPTION and place + 1 < len(arguments):
            return arguments[place + 1]
        if argument.startswith(f"{NAME_OPTION}="):
            return argument.removeprefix(f"{NAME_OPTION}=")
    return ""
