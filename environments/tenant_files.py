"""The tenants: one YAML file each, read and validated by itself."""

from pathlib import Path

from modules.core.config import problems
from modules.core.tenants import Tenant

import yaml
from pydantic import ValidationError

FOLDER = Path(__file__).parent / "tenants"


def read_tenants(folder: Path = FOLDER) -> tuple[tuple[Tenant, ...], tuple[str, ...]]:
    """Return the tenants that are valid, and one line for each error of the others."""
    found: list[Tenant] = []
    wrong: list[str] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            found.append(Tenant.model_validate(yaml.safe_load(file.read_text())))
        except ValidationError as error:
            wrong += problems(error, Tenant, f"tenants/{file.name}")
    return tuple(found), tuple(wrong)
