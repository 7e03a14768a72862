"""The environments: typed values, one file each; :func:`load` validates them together."""

from collections.abc import Mapping
from datetime import date

from modules.core.config import deferred_validation, problems
from modules.core.kubernetes_versions import Level

from pydantic import ValidationError

from .checks import check
from .schema import Environment


class SettingsError(Exception):
    """The settings are invalid; ``problems`` holds one line for each error."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(today: date) -> tuple[Mapping[str, Environment], tuple[str, ...]]:
    """Return the environments by name, and warnings about them.

    Raises:
        SettingsError: with every error of every environment at once.
    """
    with deferred_validation():
        from .dev import DEV  # noqa: PLC0415 - values are written down inside the block
        from .management import MANAGEMENT  # noqa: PLC0415
        from .prod import PROD  # noqa: PLC0415
        from .qa import QA  # noqa: PLC0415

    return validate((DEV, QA, PROD, MANAGEMENT), today)


def validate(
    written: tuple[Environment, ...], today: date
) -> tuple[Mapping[str, Environment], tuple[str, ...]]:
    """Return environments written down inside ``deferred_validation`` once they are valid.

    Raises:
        SettingsError: with every error of every environment at once.
    """
    wrong: list[str] = []
    environments: list[Environment] = []
    for value in written:
        try:
            environments.append(Environment.model_validate(value))
        except ValidationError as error:
            name = getattr(value, "name", "environment")
            wrong += problems(error, Environment, str(name))
    findings = check(environments, today)
    wrong += [f.message for f in findings if f.level is Level.ERROR]
    if wrong:
        raise SettingsError(tuple(wrong))
    warnings = tuple(f.message for f in findings if f.level is Level.WARNING)
    return {e.name: e for e in environments}, warnings
