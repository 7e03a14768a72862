"""Secrets that services want of Vault, and the databases whose credentials it makes."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from .config import Config
from .context import Name
from .hosts import OutsideDomain
from .service_words import ServiceName

MOUNT = "tenants"
"""Vault's key-value engine; below it a namespace's secrets are ``<namespace>/<name>``."""
DATABASES = "databases"
"""Vault's database engine; its connections are ``<tenant>.<database>``, its roles
``<namespace>.<service>.<secret>``."""
FOLDER = "/secrets"
"""Folder of a container, with a folder for each of its secrets and a file for each key."""
SHORTEST_CREDENTIALS = 1800
"""Seconds: new ones come after two thirds, and the last third is left to start pods anew."""


class Secret(Config):
    """A Kubernetes Secret that Vault fills: what people put there, or a database's credentials."""

    name: ServiceName
    """Of its folder under ``/secrets``, and without ``database`` the last part of its path."""
    database: Name | None = None
    """Of the tenant's databases: credentials made for this service alone, which end with their
    lease. None: what the tenant's people put under ``tenants/<namespace>/<name>``."""
    refresh_seconds: int = Field(default=3600, ge=60, le=86_400)
    """How old a value may get; for a database how long its credentials live. New ones come after
    two thirds of it, so write a day (86400) where pods are started anew for them."""
    restart: bool = True
    """Whether pods are started anew, a few at a time, once it changes; False: the service reads its
    files again by itself."""

    @model_validator(mode="after")
    def credentials_outlive_a_restart(self) -> Self:
        """Refuse credentials that end before the pods with newer ones have started."""
        if self.database and self.refresh_seconds < SHORTEST_CREDENTIALS:
            raise ValueError(
                f"refresh_seconds = {self.refresh_seconds} of secret {self.name}: credentials of a "
                f"database live {SHORTEST_CREDENTIALS} or more, so that services take up new ones "
                f"before the old ones end; write {SHORTEST_CREDENTIALS} to 86400"
            )
        return self


class Engine(StrEnum):
    """Databases that Vault makes credentials for, by the names of its plugins."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"


class Database(Config):
    """A database in which Vault makes users; how it signs in there itself is its secret."""

    engine: Engine
    """What kind of server it is."""
    host: OutsideDomain
    """Name of the server in DNS."""
    port: int | None = Field(default=None, ge=1, le=65_535)
    """None: 5432 of PostgreSQL, 3306 of MySQL."""
    database: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
    """Its name on the server."""
    read_only: bool = False
    """Whether the users that Vault makes may only read."""

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.on_port}"

    @property
    def on_port(self) -> int:
        """Its port, the engine's own unless said."""
        return self.port or {Engine.POSTGRESQL: 5432, Engine.MYSQL: 3306}[self.engine]


def connection(tenant: str, database: str) -> str:
    """Return what Vault calls a tenant's connection to a database.

    A dot parts names here and below, since none of them has one: ``a-b`` with ``c`` and ``a`` with
    ``b-c`` would be the same otherwise, of two tenants.
    """
    return f"{tenant}.{database}"


def identity(namespace: str, service: str) -> str:
    """Return what Vault calls a service: its policy and its role."""
    return f"service-{namespace}.{service}"


def credentials(namespace: str, service: str, secret: str) -> str:
    """Return Vault's role that makes a service's credentials of a database."""
    return f"{namespace}.{service}.{secret}"


def kubernetes_secret(service: str, secret: str) -> str:
    """Return the Kubernetes Secret that holds a service's secret; no other has a dot."""
    return f"{service}.{secret}"
