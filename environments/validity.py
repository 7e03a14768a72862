"""Settings that are judged together are valid one by one first."""

from typing import TypeVar

from modules.core.config import Config

from pydantic import ValidationError

ConfigT = TypeVar("ConfigT", bound=Config)


def valid(kind: type[ConfigT], value: object) -> ConfigT | None:
    """Return settings once they are valid by themselves."""
    try:
        return kind.model_validate(value)
    except ValidationError:
        return None
