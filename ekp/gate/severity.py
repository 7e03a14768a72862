"""How bad a failed check is, from the table in ``policies/severity.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import GateError
from .findings import Severity


@dataclass(frozen=True)
class Severities:
    """The table: checks by id, and what holds for all others."""

    checks: Mapping[str, Severity]
    others: Severity

    def of(self, check: str) -> Severity:
        """Return a check's severity."""
        return self.checks.get(check, self.others)


def load(file: Path) -> Severities:
    """Read the table.

    It has ``others``, a severity, and under each severity the ids of checks.

    Raises:
        GateError: the file is not such a table.
    """
    try:
        table = yaml.safe_load(file.read_text(encoding="utf-8"))
        others = Severity(table.pop("others"))
        pairs = [(id_, Severity(name)) for name, ids in table.items() for id_ in _ids(ids)]
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise GateError(
            f"{file} is not a table of severities: {' '.join(str(error).split())}.",
            remedy=f"Give `others` one of {', '.join(Severity)}, and each of these a list of ids.",
        ) from error
    twice = sorted({id_ for id_, _ in pairs if sum(id_ == other for other, _ in pairs) > 1})
    if twice:
        raise GateError(
            f"{file} lists {', '.join(twice)} more than once.",
            remedy="Keep one of the lines.",
        )
    return Severities(dict(pairs), others)


def _ids(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{value!r} is no list of ids")
    return value
