"""Where a setting's text leads, and whether a secret is written out in it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.checks import Entity, Everything, is_true, listed

# What these give is marked as sensitive by Terraform; a module's output says so elsewhere.
SECRET_SOURCES = re.compile(
    r"\b(?:random_password|aws_secretsmanager_(?:secret_version|random_password)"
    r"|aws_ssm_parameter|vault_\w+|module)\."
)
VARIABLE = re.compile(r"\bvar\.([\w-]+)")


def planned(one: Entity) -> bool:
    """Tell whether a resource was read from a plan: what is missing there is known later."""
    return "__change_actions__" in one.vertex


def targets(value: Any, everything: Everything, *kinds: str) -> list[Entity]:
    """Return the resources of some kinds that a value refers to.

    A plan of what exists has ARNs and ids where the configuration has references.
    """
    texts = list(_texts(value))
    return [one for one in everything.of(*kinds) if any(_names(text, one) for text in texts)]


def is_open(value: Any, one: Entity, everything: Everything) -> bool:
    """Tell whether the value that proves who calls may be known to others.

    A configuration must take it from where Terraform hides it. A plan shows every value in the
    clear, wherever it came from, so there an empty one alone is open.
    """
    if planned(one):
        return bool(value == "")
    text = str(value)
    if SECRET_SOURCES.search(text):
        return False
    sensitive = {
        variable.name
        for variable in everything.of("variable")
        if is_true(variable.body.get(variable.name, {}).get("sensitive"))
    }
    return not any(name in sensitive for name in VARIABLE.findall(text))


def _names(text: str, one: Entity) -> bool:
    if text in (one.body.get("arn"), one.body.get("id")):
        return True
    address = re.escape(f"{one.kind}.{one.name}")
    return re.search(rf"(?<![\w.-]){address}(?![\w-])", text) is not None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, str):
        yield value
    else:
        for entry in listed(value) if isinstance(value, list | tuple) else ():
            yield from _texts(entry)
