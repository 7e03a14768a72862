"""What the served HCP Terraform knows: records in memory."""

import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

# Type of a record -> what its id begins with, as HCP writes them.
PREFIXES = {
    "agent-pools": "apool",
    "applies": "apply",
    "configuration-versions": "cv",
    "plans": "plan",
    "projects": "prj",
    "run-triggers": "rt",
    "runs": "run",
    "state-version-outputs": "wsout",
    "state-versions": "sv",
    "users": "user",
    "vars": "var",
    "varsets": "varset",
    "workspaces": "ws",
}
ID_LENGTH = 16


@dataclass(eq=False)
class Record:
    """One object of the API.

    ``relationships`` leads to other records: one, none, or a list. ``hidden`` is never answered:
    the value of a sensitive variable, the bytes of a state.
    """

    type: str
    id: str
    attributes: dict[str, Any]
    relationships: dict[str, "Record | list[Record] | None"] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)

    def one(self, name: str) -> "Record | None":
        """The one record that a relationship leads to."""
        found = self.relationships.get(name)
        return found if isinstance(found, Record) else None

    def many(self, name: str) -> "list[Record]":
        """The records of a relationship to many; the list can be changed."""
        found = self.relationships.setdefault(name, [])
        if not isinstance(found, list):
            raise TypeError(f"{self.type}.{name} leads to one record")
        return found


class Store:
    """All records, by type and id, in the order in which they were made.

    ``tokens`` are the bearer tokens that are let in. ``lock`` is held while a request is answered;
    work in another thread takes it too.
    """

    def __init__(self, *, tokens: set[str]) -> None:
        self.tokens = tokens
        self.lock = RLock()
        self._records: dict[str, dict[str, Record]] = {}

    def add(self, type_: str, attributes: dict[str, Any], *, id_: str = "", **to: Any) -> Record:
        """Make a record; ``to`` are its relationships, with ``_`` in place of ``-``."""
        id_ = id_ or new_id(PREFIXES[type_])
        relationships = {name.replace("_", "-"): other for name, other in to.items()}
        record = Record(type_, id_, attributes, relationships)
        self._records.setdefault(type_, {})[id_] = record
        return record

    def get(self, type_: str, id_: str) -> Record | None:
        """One record, or None."""
        return self._records.get(type_, {}).get(id_)

    def all(self, type_: str) -> Iterator[Record]:
        """Every record of a type, oldest first."""
        yield from tuple(self._records.get(type_, {}).values())

    def remove(self, record: Record) -> None:
        """Forget a record, and every list that named it forgets it too."""
        del self._records[record.type][record.id]
        for records in self._records.values():
            for other in records.values():
                for name, found in other.relationships.items():
                    if found is record:
                        other.relationships[name] = None
                    elif isinstance(found, list) and record in found:
                        found.remove(record)


def new_id(prefix: str) -> str:
    """An id as HCP makes them: ``ws-`` and 16 letters and digits."""
    letters = string.ascii_letters + string.digits
    return f"{prefix}-" + "".join(secrets.choice(letters) for _ in range(ID_LENGTH))


def now() -> str:
    """The time of now, as the API writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
