"""The file that a new tenant begins with."""

import json
import re
from collections.abc import Sequence

from modules.core.tenants import TenantName

import yaml
from pydantic import TypeAdapter, ValidationError

_TEXT = """\
# yaml-language-server: $schema=schema.json
# What may stand here: docs/tenants.md.
name: {name}
owner: {owner}
cost_center: {cost_center}

# Object ids of groups in Entra ID (Azure AD), which no other tenant has.
groups:
  admin: {admin}
  developer: []
  viewer: []

# Each runs in every environment below. For example:
#   - name: hello
#     image: registry.example.org/{name}/hello:1.0.0
#     routes:
#       - {{host: hello}}
services: []

environments:
{environments}"""
_PLAIN = re.compile(r"[A-Za-z0-9][\w@./-]*", re.ASCII)


def new_text(
    name: str,
    *,
    owner: str,
    cost_center: str,
    admins: Sequence[str],
    environments: Sequence[str],
) -> str:
    """Return the file of a tenant that runs nothing yet."""
    return _TEXT.format(
        name=_scalar(name),
        owner=_scalar(owner),
        cost_center=_scalar(cost_center),
        admin=f"[{', '.join(map(_scalar, admins))}]",
        environments="".join(f"  {_scalar(one)}: {{}}\n" for one in environments),
    )


def not_a_name(name: str) -> str | None:
    """Return why a tenant cannot be called so; None: it can."""
    try:
        TypeAdapter(TenantName).validate_python(name)
    except ValidationError:
        return f"{name!r} is no name of a tenant."
    return None


def _scalar(value: str) -> str:
    """Return a text as YAML, in quotes where it might be read as something else."""
    plain = _PLAIN.fullmatch(value) and yaml.safe_load(value) == value
    return value if plain else json.dumps(value)
