"""The environments: typed values, one file each; :func:`load` validates them together."""

import traceback
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path

from modules.core.config import deferred_validation, problems, step
from modules.core.kubernetes_versions import Level
from modules.core.tenants import Tenant

from pydantic import ValidationError

from . import tenant_files, tenant_register
from .checks import check
from .edge_checks import check_edges
from .identity_checks import check_identities
from .known_tenants import each_once
from .platform_checks import check_platforms
from .schema import Environment
from .service_checks import check_services
from .tenant_checks import TenantMistake, check_tenants
from .tenant_files import TenantFile
from .tenant_register import check_register, read_register


class SettingsError(Exception):
    """The settings are invalid; ``problems`` holds one line for each error."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(
    today: date, *, folder: Path | None = None, register: Path | None = None
) -> tuple[Mapping[str, Environment], tuple[str, ...]]:
    """Return the environments by name, and warnings about them.

    Another ``folder`` of tenants, or another ``register``, shows what a change would do.

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
    return validate(
        (DEV, QA, PROD, MANAGEMENT),
        today,
        folder=folder or tenant_files.FOLDER,
        register=register or tenant_register.FILE,
    )


def validate(
    written: tuple[Environment, ...],
    today: date,
    *,
    folder: Path | None = None,
    register: Path | None = None,
) -> tuple[Mapping[str, Environment], tuple[str, ...]]:
    """Return environments written down inside ``deferred_validation`` once they are valid.

    Args:
        written: the environments.
        today: the day the support calendar is read for.
        folder: holds the files of the tenants; None: the environments have theirs already.
        register: says which tenants there are; None: nobody asks.

    Raises:
        SettingsError: with every error of every environment and every tenant at once.
    """
    files = tenant_files.read_tenants(folder) if folder else ()
    tenants = [found for file in files if (found := file.written) is not None]
    wrong = [message for file in files for message in file.problems]
    known = each_once()
    if register:
        given = read_register(register)
        wrong += [*given.problems, *check_register(given, files, known)]
    right = tuple(file.tenant for file in files if file.tenant is not None)
    environments: list[Environment] = []
    for value in written:
        try:
            environments.append(Environment.model_validate(_holding(value, right, folder)))
        except ValidationError as error:
            name = getattr(value, "name", "environment")
            wrong += problems(error, Environment, str(name))
            # Checked as it is written, so that its error hides no other.
            environments.append(value)
    # With tenants that are wrong too: what is right of them is judged beside the others.
    judged = [_holding(value, tenants, folder) for value in environments]
    mistakes = check_tenants(tenants if folder else _tenants_of(judged), judged, known)
    by_name = {file.name: file for file in files}
    wrong += [_message(mistake, by_name.get(mistake.tenant)) for mistake in mistakes]
    findings = [
        *check(judged, today),
        *check_edges(judged),
        *check_identities(judged),
        *check_platforms(judged),
        *check_services(judged, known),
    ]
    wrong += [f.message for f in findings if f.level is Level.ERROR]
    if wrong:
        raise SettingsError(tuple(wrong))
    warnings = tuple(f.message for f in findings if f.level is Level.WARNING)
    return {e.name: e for e in environments}, warnings


def _holding(
    environment: Environment, tenants: Iterable[Tenant], folder: Path | None
) -> Environment:
    """Return an environment with those of the tenants that are in it."""
    if folder is None:
        return environment
    name = getattr(environment, "name", "")
    return environment.model_copy(
        update={"tenants": tuple(one for one in tenants if name in _environments_of(one))}
    )


def _environments_of(tenant: Tenant) -> Collection[object]:
    said: object = getattr(tenant, "environments", ())
    return said if isinstance(said, Mapping) else ()


def _tenants_of(environments: Iterable[Environment]) -> list[Tenant]:
    """Return the tenants that environments were written down with, each once."""
    found: list[Tenant] = []
    for environment in environments:
        said = getattr(environment, "tenants", ())
        for tenant in said if isinstance(said, tuple | list) else ():
            if isinstance(tenant, Tenant) and tenant not in found:
                found.append(tenant)
    return found


def _message(mistake: TenantMistake, file: TenantFile | None) -> str:
    if file is not None:
        return file.message(mistake.loc, mistake.text)
    return f"tenants.{mistake.tenant}{''.join(map(step, mistake.loc))}{mistake.text}"


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
