"""What AWS refuses to destroy: found before anything else of an environment is gone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import imports
from .errors import RunnerError
from .stacks import Stack

# Type -> the attribute that keeps a resource, and its value. A load balancer answers
# OperationNotPermitted, a bucket that holds something BucketNotEmpty.
KEEPING: Mapping[str, tuple[str, Any]] = {
    "aws_lb": ("enable_deletion_protection", True),
    "aws_s3_bucket": ("force_destroy", False),
}


class ProtectedError(RunnerError):
    """Resources are protected from being destroyed."""


def kept(stack: Stack, resources: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What AWS refuses to destroy of the resources of a stack's state, a line each."""
    for address, attributes in resources.items():
        attribute, value = KEEPING.get(imports.kind_of(address), ("", None))
        if attribute and attributes.get(attribute) is value:
            path = stack.construct_path(address) or address
            yield f"  {path}: {attribute} is {str(value).lower()}"


def refuse(found: Sequence[str]) -> None:
    """Stop where anything is protected.

    Raises:
        ProtectedError: there is something; it names each.
    """
    if found:
        raise ProtectedError(
            "Nothing was destroyed: these are protected.\n" + "\n".join(found),
            remedy="Set deletion_protection = False and force_destroy = True (what a bucket holds"
            " is lost) in the settings, deploy them, then destroy again.",
        )
