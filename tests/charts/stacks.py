"""Stacks with releases, as cdktf.out has them."""

from pathlib import Path
from typing import Any

from ekp.runner.stacks import Stack

REPOSITORY = "https://kubernetes-sigs.github.io/metrics-server"


def stack(id_: str = "dev-eu-west-1-platform", **releases: dict[str, Any]) -> Stack:
    """Return a stack with releases by their address."""
    return Stack(
        id=id_,
        folder=Path(),
        environment=id_.partition("-")[0],
        region="eu-west-1",
        layer="platform",
        depends_on=(),
        contract={},
        configuration={"resource": {"helm_release": releases}},
    )


def release(*values: str, **changes: Any) -> dict[str, Any]:
    """Return the release of a pinned chart."""
    return {
        "name": "metrics-server",
        "namespace": "kube-system",
        "repository": REPOSITORY,
        "chart": "metrics-server",
        "version": "3.13.1",
        "values": list(values),
    } | changes
