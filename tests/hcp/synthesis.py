"""Small environments whose state is in HCP Terraform, as CDKTF writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.runner.synthesis import Sketch, synthesize

HOSTNAME = "tfe.acme.example"
ORGANIZATION = "acme"
PREFIX = "ekp-"
SECRET = "origin_header_current"
Json = dict[str, Any]


@dataclass(frozen=True)
class Hosted:
    """One stack: its layer is the last part of its id."""

    environment: str = "dev"
    after: Sequence[str] = ()
    reads: Sequence[str] = ()
    agent: bool = False
    secrets: Sequence[str] = ()
    says: Mapping[str, Any] | None = None


DEV: Mapping[str, Hosted] = {
    "dev-edge": Hosted(secrets=[SECRET]),
    "dev-network": Hosted(),
    "dev-cluster": Hosted(after=["dev-network"], reads=["dev-network"]),
    "dev-tenants": Hosted(after=["dev-network", "dev-cluster"], reads=["dev-cluster"], agent=True),
}
HUB: Mapping[str, Hosted] = {
    "hub-management": Hosted("hub", after=["dev-cluster"], reads=["dev-cluster"], agent=True),
}


def write(outdir: Path, stacks: Mapping[str, Hosted]) -> Path:
    """Write ``cdktf.out``."""
    return synthesize(outdir, {id_: _sketch(id_, one) for id_, one in stacks.items()})


def _sketch(id_: str, one: Hosted) -> Sketch:
    layer = id_.rpartition("-")[2]
    states = {name: {"backend": "remote", "config": _state(name)} for name in one.reads}
    return Sketch(
        after=one.after,
        environment=one.environment,
        extra={
            "//": {
                "ekp": {
                    "environment": one.environment,
                    "region": "eu-west-1",
                    "layer": layer,
                    "hcp": {
                        "hostname": HOSTNAME,
                        "organization": ORGANIZATION,
                        "project": "platform",
                        "workspace": PREFIX + id_,
                        "execution": "agent" if one.agent else "remote",
                        "agent_pool": "private",
                        "run_role_arn": "arn:aws:iam::111122223333:role/ekp-run",
                        "terraform_version": "1.14.5",
                        "run_triggers": True,
                        **(one.says or {}),
                    },
                }
            },
            "terraform": {"cloud": _state(id_)},
            "data": {"terraform_remote_state": states},
            "variable": {
                name: {"type": "string", "sensitive": True, "description": "What proves it."}
                for name in one.secrets
            },
        },
    )


def _state(id_: str) -> Json:
    return {
        "hostname": HOSTNAME,
        "organization": ORGANIZATION,
        "workspaces": {"name": PREFIX + id_},
    }
