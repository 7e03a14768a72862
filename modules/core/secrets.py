"""Secrets that services want of Vault, and the databases whose credentials it makes."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .config import Config
from .context import Name
from .hosts import Domain
from .service_words import ServiceName

MOUNT = "tenants"
"""Vault's key-value engine; below it a namespace's secrets are ``<namespace>/<name>``."""
DATABASES = "databases"
"""Vault's database engine; its connections and roles are ``<namespace>-<database>``."""
FOLDER = "/secrets"
"""Folder of a container, with a folder for each of its secrets and a file for each key."""


class Secret(Config):
    """A Kubernetes Secret that Vault fills: what people put there, or a database's credentials."""

    name: ServiceName
    """Of its folder under ``/secrets``, and without ``database`` the last part of its path."""
    database: Name | None = None
    """Of the tenant's databases: credentials made for this service alone, which end with their
    lease. None: what the tenant's people put under ``tenants/<namespace>/<name>``."""
    refresh_seconds: int = Field(default=3600, ge=60, le=86_400)
    """How old a value may get; for a database how long its credentials live."""
    restart: bool = True
    """Whether pods are started anew, by the Rollout's own steps, once it changes; False: the
    service reads its files again by itself."""


class Engine(StrEnum):
    """Databases that Vault makes credentials for, by the names of its plugins."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"


class Database(Config):
    """A database in which Vault makes users; how it signs in there itself is its secret."""

    engine: Engine
    host: Domain
    port: int | None = Field(default=None, ge=1, le=65_535)
    """None: 5432 of PostgreSQL, 3306 of MySQL."""
    database: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
    """Its name on the server."""
    read_only: bool = False
    """Whether the users that Vault makes may only read."""

    @property
    def address(self) -> str:
        """Host and port."""
        return (
            f"{self.host}:{self.port or {Engine.POSTGRESQL: 5432, Engine.MYSQL: 3306}[self.engine]}"
        )
