"""The environments: typed values, one file each; :func:`load` validates them together."""

import traceback
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from modules.core.config import deferred_validation, problems
from modules.core.kubernetes_versions import Level

from pydantic import ValidationError

from . import tenant_files
from .checks import check
from .edge_checks import check_edges
from .platform_checks import check_platforms
from .schema import Environment
from .service_checks import check_services


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
    try:
        with deferred_validation():
            from .dev import DEV  # noqa: PLC0415 - values are written down inside the block
            from .management import MANAGEMENT  # noqa: PLC0415 - as above
            from .prod import PROD  # noqa: PLC0415 - as above
            from .qa import QA  # noqa: PLC0415 - as above
    except Exception as error:  # whatever a settings file does wrong as Python
        raise SettingsError((_as_python(error),)) from error
    return validate((DEV, QA, PROD, MANAGEMENT), today, folder=tenant_files.FOLDER)


def validate(
    written: tuple[Environment, ...], today: date, *, folder: Path | None = None
) -> tuple[Mapping[str, Environment], tuple[str, ...]]:
    """Return environments written down inside ``deferred_validation`` once they are valid.

    ``folder`` holds the files of the tenants; None: the environments have theirs already.

    Raises:
        SettingsError: with every error of every environment at once.
    """
    tenants, found = tenant_files.read_tenants(folder) if folder else ((), ())
    wrong = list(found)
    if folder:
        written = tuple(
            value.model_copy(
                update={
                    "tenants": tuple(
                        one for one in tenants if getattr(value, "name", "") in one.environments
                    )
                }
            )
            for value in written
        )
    environments: list[Environment] = []
    for value in written:
        try:
            environments.append(Environment.model_validate(value))
        except ValidationError as error:
            name = getattr(value, "name", "environment")
            wrong += problems(error, Environment, str(name))
            # Checked as it is written, so that its error hides no other.
            environments.append(value)
    findings = [
        *check(environments, today),
        *check_edges(environments),
        *check_platforms(environments),
        *check_services(environments),
    ]
    wrong += [f.message for f in findings if f.level is Level.ERROR]
    if wrong:
        raise SettingsError(tuple(wrong))
    warnings = tuple(f.message for f in findings if f.level is Level.WARNING)
    return {e.name: e for e in environments}, warnings


def _as_python(error: Exception) -> str:
    """Return where a settings file stopped being Python, and why."""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{Path(error.filename).name}:{error.lineno}"
        return f"environments/{place}: {error.msg}; correct this line"
    here = Path(__file__).parent
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if Path(f.filename).parent == here]
    place = f"environments/{Path(inside[-1].filename).name}:{inside[-1].lineno}"
    return f"{place}: {type(error).__name__}: {error}; correct this line"
