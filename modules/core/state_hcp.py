"""HcpStateConfig: state and runs of an environment in HCP Terraform or Terraform Enterprise."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .config import Config

# Every layer that talks to a cluster's API, which answers in the VPC alone.
AGENT_LAYERS = frozenset({"platform", "management", "tenants"})


class Execution(StrEnum):
    """Where HCP runs Terraform, as its API calls it."""

    REMOTE = "remote"
    """On HCP's own machines, which reach AWS."""
    AGENT = "agent"
    """On an agent inside the VPC, which reaches the private API of a cluster too."""


class HcpStateConfig(Config):
    """HCP Terraform (or Terraform Enterprise) keeps the state: one workspace for each stack."""

    organization: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{3,40}$")]
    """Name of the organization in HCP Terraform."""
    project: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9 _-]{1,38}[A-Za-z0-9_-]$")]
    """The project that the workspaces are in."""
    hostname: Annotated[
        str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")
    ] = "app.terraform.io"
    """Of Terraform Enterprise: where it is installed."""
    workspace_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = ""
    """Stands before a stack's id in the name of its workspace, such as ``ekp-``."""
    agent_pool: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,90}$")]
    """The agents that run what talks to clusters; they stand where the clusters' APIs answer."""
    run_role: Annotated[str, Field(pattern=r"^[\w+=,.@/-]{1,64}$")]
    """Name of the role in each environment's account that runs take on by their OIDC token; it may
    take on the deploy role."""
    terraform_version: Annotated[str, Field(pattern=r"^1\.\d+\.\d+$")]
    """What remote runs use, such as ``1.11.4``; the same as people's own."""

    run_triggers: bool = True
    """Whether an apply in HCP starts runs in the workspaces that depend on it. False: for teams
    that deploy with `ekp deploy`, which follows the order itself; such runs wait for a person, and
    hold their workspaces meanwhile."""

    def workspace(self, stack_id: str) -> str:
        """Return the name of a stack's workspace, such as ``ekp-prod-eu-west-1-network``."""
        return f"{self.workspace_prefix}{stack_id}"

    def execution(self, layer: str) -> Execution:
        """Return where the runs of a layer happen."""
        return Execution.AGENT if layer in AGENT_LAYERS else Execution.REMOTE
