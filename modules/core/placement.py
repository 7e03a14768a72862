"""Placement: nodes that are kept for some pods."""

from typing import Annotated, Any

from pydantic import Field

from .config import Config

Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?$")]


class Placement(Config):
    """Nodes with a label, and with a taint of the same key and value that holds others off."""

    key: Label = "workload"
    """Key of the label and of the taint."""
    value: Label
    """Value of both."""

    @property
    def node_selector(self) -> dict[str, str]:
        """What a pod's ``nodeSelector`` says."""
        return {self.key: self.value}

    @property
    def tolerations(self) -> list[dict[str, Any]]:
        """What a pod's ``tolerations`` say; without the taint they change nothing."""
        return [{"key": self.key, "operator": "Equal", "value": self.value, "effect": "NoSchedule"}]
