"""Secrets that stand in a value as they are, instead of a reference to them."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

# WAF's lock_token is the version of an object.
SECRET_KEY = re.compile(
    r"(pass(word|phrase|wd)|client_?secret|secret_?(key|access_?key)|access_?key(_?id)?|api_?key"
    r"|private_?key|(?<!lock_)token|bootstrapPassword|license|credentials)$",
    re.IGNORECASE,
)
SECRET_TEXT = re.compile(r"BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bxox[abp]-|\bhvs\.\w{20}")


def secrets(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of what looks like a secret: a literal under such a key, or such a text.

    A reference is none: an expression of Terraform, a ``$`` or ``{{`` of the tool that reads it.
    Texts that are YAML themselves are looked into.
    """
    if isinstance(value, dict):
        for key, entry in value.items():
            here = f"{path}.{key}"
            if SECRET_KEY.search(str(key)) and _literal(entry):
                yield here
            yield from secrets(entry, here)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from secrets(entry, f"{path}[{index}]")
    elif isinstance(value, str):
        if SECRET_TEXT.search(value):
            yield path
        elif "\n" in value or value.startswith("{"):
            yield from secrets(_inside(value), f"{path}>")


def _literal(value: Any) -> bool:
    return isinstance(value, str) and value != "" and not value.startswith(("$", "{{", "%"))


def _inside(text: str) -> Any:
    try:
        found = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    return found if isinstance(found, dict | list) else None
