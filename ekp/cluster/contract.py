"""Which cluster a stack's Helm provider talks to, and what the cluster's state says of it."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from ekp.runner.contracts import Upstreams
from ekp.runner.stacks import Stack

from .errors import NoClusterError

FIELDS = ("cluster_name", "endpoint", "certificate_authority")
# The provider's endpoint is an output of the cluster's state, under the name the stack reads it by.
_SOURCE = re.compile(r"data\.terraform_remote_state\.([\w-]+)\.outputs\.endpoint\b")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as its contract describes it, and the role that deploys to it.

    ``authority`` is the certificate, in PEM, that signs the API's own. ``state_key`` tells the
    state that the contract was read from, ``environment`` whose it is.
    """

    name: str
    region: str
    endpoint: str
    authority: str
    role_arn: str
    state_key: tuple[str, ...]
    environment: str

    @property
    def caller(self) -> str:
        """Who signs in, in words."""
        return self.role_arn or "the caller"


def has_helm(stack: Stack) -> bool:
    """Whether a stack puts anything into Kubernetes."""
    return bool(_helm(stack))


def cluster_of(stack: Stack, upstreams: Upstreams) -> Cluster | None:
    """The cluster of a stack's Helm provider; None for a stack that has no such provider.

    Raises:
        NoClusterError: the cluster's state is not there, or holds no contract.
        TerraformFailedError: the state cannot be read.
    """
    helm = _helm(stack)
    if not helm:
        return None
    named = _SOURCE.search(json.dumps(helm))
    key = stack.remote_states.get(named[1]) if named else None
    source = next((one for one in upstreams.read_by(stack) if one.state_key == key), None)
    state = upstreams.state(source) if source else None
    outputs = {name: output.value for name, output in state.outputs.items()} if state else {}
    missing = [name for name in FIELDS if not outputs.get(name)]
    if source is None or missing:
        raise NoClusterError(
            f"{stack.id} is deployed to a cluster, and the state of"
            f" {source.id if source else 'no stack it reads'} has no {', '.join(missing)}.",
            remedy="Deploy the cluster first. If it was deleted by hand, its releases went with it:"
            f" take them out of the state of {stack.id} with `terraform state rm`.",
        )
    return Cluster(
        name=outputs["cluster_name"],
        region=stack.region,
        endpoint=str(outputs["endpoint"]).rstrip("/"),
        authority=_certificate(source, outputs["certificate_authority"]),
        role_arn=next(iter(stack.deploy_roles), ""),
        state_key=source.state_key,
        environment=stack.environment,
    )


def _helm(stack: Stack) -> Any:
    return stack.configuration.get("provider", {}).get("helm")


def _certificate(source: Stack, encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("ascii")
    except ValueError as error:
        raise NoClusterError(
            f"The state of {source.id} has a certificate_authority that is not base64.",
            remedy=f"Deploy {source.id} again: it writes what AWS says.",
        ) from error
