"""A state that holds samples of a contract and nothing else."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4


def sample_outputs(contract: Mapping[str, Any]) -> dict[str, Any]:
    """A contract's samples as outputs of a state."""
    return {name: {"value": value, "type": type_of(value)} for name, value in contract.items()}


def state_with(outputs: Mapping[str, Any], version: str) -> dict[str, Any]:
    """A state (version 4) that holds outputs and no resource."""
    return {
        "version": 4,
        "terraform_version": version,
        "serial": 1,
        "lineage": str(uuid4()),
        "outputs": dict(outputs),
        "resources": [],
        "check_results": None,
    }


def type_of(value: object) -> Any:
    """Terraform's type of a value, as a state records it."""
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return ["tuple", [type_of(part) for part in value]]
        case dict():
            return ["object", {name: type_of(part) for name, part in value.items()}]
    return "dynamic"
