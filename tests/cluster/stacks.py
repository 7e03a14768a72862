"""Stacks that put something into a cluster, and the states that they read."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ekp.runner.contracts import Upstreams
from ekp.runner.errors import TerraformFailedError
from ekp.runner.interrupt import Interrupts
from ekp.runner.run import Run
from ekp.runner.stacks import Stack
from ekp.runner.state import State
from ekp.runner.target import Target
from ekp.runner.terraform import Binary
from tests.runner.recording import Recorder

from .conftest import ROLE
from .double import Double


def helm(reads: str = "cluster") -> dict[str, Any]:
    """The Helm provider as CDKTF writes it, for the cluster that is read by a name."""
    of = f"data.terraform_remote_state.{reads}.outputs"
    kubernetes = {
        "host": f"${{{of}.endpoint}}",
        "cluster_ca_certificate": f"${{base64decode({of}.certificate_authority)}}",
        "exec": {"command": "aws", "args": [f"${{{of}.cluster_name}}"]},
    }
    return {"helm": [{"kubernetes": kubernetes}]}


def stack(
    id_: str,
    *,
    reads: Mapping[str, str] | None = None,
    provider: Any = None,
    delivers: Sequence[str] = (),
) -> Stack:
    """A stack; ``reads`` maps the name of each remote state to the stack it is of."""
    assumed = [{"region": "eu-west-1", "assume_role": [{"role_arn": ROLE}]}]
    configuration = {
        "//": {"ekp": {"delivers": [*delivers]} if delivers else {}},
        "terraform": {"backend": {"s3": _place(id_)}},
        "provider": {"aws": assumed, **(provider or {})},
        "data": {
            "terraform_remote_state": {
                name: {"backend": "s3", "config": _place(of)} for name, of in (reads or {}).items()
            }
        },
    }
    environment, _, layer = id_.partition("-")
    return Stack(id_, Path(), environment, "eu-west-1", layer, (), {}, configuration)


def _place(id_: str) -> dict[str, str]:
    return {"bucket": "states", "key": id_}


def published(double: Double, name: str = "ekp-dev-euw1-eks", **other: Any) -> State:
    """The state of a cluster's stack."""
    outputs = {
        "cluster_name": name,
        "endpoint": double.url,
        "certificate_authority": base64.b64encode(double.authority.encode()).decode(),
        **other,
    }
    return State({"outputs": {key: {"value": value} for key, value in outputs.items()}})


@dataclass
class Known(Upstreams):
    """States that are known without asking Terraform; an error stands for one out of reach."""

    stacks: Mapping[str, Stack]
    states: Mapping[str, State | TerraformFailedError] = field(default_factory=dict)

    def state(self, stack: Stack) -> State | None:
        found = self.states.get(stack.id)
        if isinstance(found, TerraformFailedError):
            raise found
        return found

    def read_by(self, stack: Stack) -> list[Stack]:
        read = set(stack.remote_states.values())
        return [one for one in self.stacks.values() if one.state_key in read]


def run_over(*stacks: Stack) -> tuple[Run, Recorder]:
    """A run that never starts Terraform, and what it tells."""
    recorder = Recorder()
    run = Run(
        stacks={one.id: one for one in stacks},
        target=Target("aws", {}, Path()),
        binary=Binary("terraform", "1.11.4"),
        caller={},
        cli={},
        reporter=recorder,
        interrupts=Interrupts(),
    )
    return run, recorder
