"""What the steps of one apply share."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytfe import TFEClient, models

from .found import Found
from .wanted import Wanted


@dataclass
class Session:
    """What the steps share; ids grow with what they make."""

    client: TFEClient
    wanted: Wanted
    found: Found
    environ: Mapping[str, str]
    projects: dict[str, str]
    workspaces: dict[str, str]
    sets: dict[str, str]

    def refs(self, names: tuple[str, ...]) -> list[models.Workspace]:
        """What stands for workspaces in a request."""
        # A name that no workspace has is the id of one that the token cannot see.
        return [models.Workspace(id=self.workspaces.get(name, name)) for name in names]
