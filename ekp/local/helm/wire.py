"""Values and errors between Terraform's messages and Python."""

from collections.abc import Mapping
from typing import Any, cast

from tf.gen import tfplugin_pb2 as pb
from tf.types import Unknown
from tf.utils import Diagnostics, ExtType, read_dynamic_value, to_dynamic_value

from .failure import RefusedError

UNKNOWN: Any = Unknown
Object = dict[str, Any]


def read(value: pb.DynamicValue) -> Object | None:
    """Return the object of a message; None where it is null."""
    return cast("Object | None", read_dynamic_value(value))


def write(value: Mapping[str, Any] | None) -> pb.DynamicValue:
    """Return the message of an object."""
    return cast("pb.DynamicValue", to_dynamic_value(value))


def is_known(value: object) -> bool:
    """Tell whether a value and all that is in it are known by now."""
    match value:
        case ExtType():  # unknown, and something is known about it
            return False
        case dict():
            return all(is_known(part) for part in value.values())
        case list():
            return all(is_known(part) for part in value)
    return value is not UNKNOWN


def errors(error: RefusedError) -> list[pb.Diagnostic]:
    """Return the diagnostics of what is refused."""
    path = [error.attribute] if error.attribute else None
    return cast(
        "list[pb.Diagnostic]",
        Diagnostics().add_error(error.summary, error.detail, path).to_pb(),
    )


def path(name: str) -> pb.AttributePath:
    """Return the path of a top-level attribute."""
    return pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)])
