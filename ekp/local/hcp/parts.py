"""Which parts the served API has."""

from .agents import agents
from .organizations import organizations
from .server import Part
from .triggers import triggers
from .variable_sets import variable_sets
from .variables import variables
from .workspace_links import workspace_links
from .workspaces import workspaces

# What `ekp hcp` needs; Terraform's own protocol (states, runs) comes in parts of its own.
MANAGEMENT: tuple[Part, ...] = (
    organizations,
    workspaces,
    workspace_links,
    variables,
    variable_sets,
    agents,
    triggers,
)
