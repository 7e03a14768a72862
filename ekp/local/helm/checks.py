"""What a release is refused for, before a cluster would be asked."""

import json
import re
from collections.abc import Mapping
from typing import Any

from modules.core import helm_size

from . import documents, values
from .failure import RefusedError
from .wire import is_known

LONGEST_NAME = 53
LONGEST_NAMESPACE = 63
LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
NAME = re.compile(rf"{LABEL}(\.{LABEL})*")
NAMESPACE = re.compile(LABEL)
TYPES: Mapping[str, tuple[str | None, ...]] = {
    "set": (None, "", "auto", "string", "literal"),
    "set_sensitive": (None, "", "auto", "string", "literal"),
    "set_wo": (None, "", "auto", "string"),
}
VALUED = ("values", *TYPES, "set_list")


def check(config: Mapping[str, Any]) -> None:
    """Refuse arguments that cannot be, as far as they are known.

    Raises:
        RefusedError: the first one that cannot be.
    """
    name, namespace = config["name"], config["namespace"]
    if is_known(name):
        _check_name(name)
    if is_known(namespace):
        _check_namespace(namespace, name if is_known(name) else "?")
    for attribute, allowed in TYPES.items():
        for entry in config[attribute] if isinstance(config[attribute], list) else ():
            if isinstance(entry, dict) and is_known(entry) and entry["type"] not in allowed:
                raise RefusedError(
                    "Invalid Attribute Value Match",
                    f"Attribute {attribute}[].type of the release {name!r} must be one of: "
                    f"{', '.join(filter(None, allowed))}, got: {entry['type']!r}",
                    attribute,
                )
    revision = config["set_wo_revision"]
    if revision is not None and is_known(revision) and revision < 1:
        raise RefusedError(
            "Invalid Attribute Value",
            f"Attribute set_wo_revision value must be at least 1, got: {revision}",
            "set_wo_revision",
        )
    _check_values(config)


def check_size(name: str, size: int, revision: int = 1) -> None:
    """Refuse a release that its Secret could not hold.

    Raises:
        RefusedError: it is too big.
    """
    if size > helm_size.LIMIT:
        raise RefusedError(
            "installation failed" if revision == 1 else "Error upgrading chart",
            f'create: failed to create: Secret "sh.helm.release.v1.{name}.v{revision}" is invalid: '
            f"data: Too long: must have at most {helm_size.LIMIT} bytes; the release is estimated "
            f"at {size}. Split it into several releases.",
            "values",
        )


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise RefusedError(
            "Invalid Attribute Value Length",
            f"Attribute name string length must be between 1 and {LONGEST_NAME}, got: "
            f"{len(name)} ({name!r})",
            "name",
        )
    if not NAME.fullmatch(name):
        raise RefusedError(
            "installation failed",
            f"release name is invalid: {name!r}; it is made of a-z, 0-9, '-' and '.', and begins "
            "and ends with a letter or a digit.",
            "name",
        )


def _check_namespace(namespace: str | None, name: str) -> None:
    if not namespace:
        raise RefusedError(
            "Missing namespace",
            f'The release {name!r} sets no namespace, and Helm would take "default"; set it.',
            "namespace",
        )
    if len(namespace) > LONGEST_NAMESPACE or not NAMESPACE.fullmatch(namespace):
        raise RefusedError(
            "Invalid namespace",
            f"The namespace {namespace!r} of the release {name!r} is no name: at most "
            f"{LONGEST_NAMESPACE} of a-z, 0-9 and '-', a letter or digit at both ends.",
            "namespace",
        )


def _check_values(config: Mapping[str, Any]) -> None:
    name = config["name"]
    if all(is_known(config[attribute]) for attribute in (*VALUED, "name")):
        merged = values.of(config)
        values.write_only(config["set_wo"])
        # The chart's own share is not known here; what is above the limit without it stays so.
        check_size(name, helm_size.estimate(json.dumps(merged), manifest=""))
        return
    for index, text in enumerate(config["values"] if isinstance(config["values"], list) else ()):
        if isinstance(text, str):
            documents.mapping(text, f"values[{index}] of the release {name!r}")
