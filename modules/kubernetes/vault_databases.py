"""Databases as Vault knows them: how they are met, and how their users come and go."""

from typing import Any

from ..core.secrets import Database, Engine

_PLUGINS = {
    Engine.POSTGRESQL: "postgresql-database-plugin",
    Engine.MYSQL: "mysql-database-plugin",
}
_READ = ("SELECT",)
_WRITE = ("SELECT", "INSERT", "UPDATE", "DELETE")


def connection_body(database: Database, roles: list[str]) -> dict[str, Any]:
    """Return a connection without the user's name and password, which people put beside it.

    Vault keeps every parameter that a write does not name, so that writing this again changes
    neither. The connection is not tried: at first nobody has put them. The server proves itself by
    its name; its authority is the parameter ``tls_ca``, else one that systems know.
    Source: hashicorp/vault, ``builtin/logical/database/path_config_connection.go``; Vault API,
    "PostgreSQL database plugin", "MySQL/MariaDB database plugin".
    """
    urls = {
        Engine.POSTGRESQL: (
            f"postgresql://{{{{username}}}}:{{{{password}}}}@{database.address}"
            f"/{database.database}?sslmode=verify-full"
        ),
        Engine.MYSQL: (
            f"{{{{username}}}}:{{{{password}}}}@tcp({database.address})/{database.database}?tls=true"
        ),
    }
    return {
        "plugin_name": _PLUGINS[database.engine],
        "connection_url": urls[database.engine],
        "allowed_roles": roles,
        "verify_connection": False,
    }


def role_body(database: Database, connection: str, seconds: int) -> dict[str, Any]:
    """Return a role that makes users of a database; each lives that long and is not prolonged."""
    return {
        "db_name": connection,
        "creation_statements": _creation(database),
        "revocation_statements": _revocation(database),
        "default_ttl": seconds,
        "max_ttl": seconds,
    }


def _creation(database: Database) -> list[str]:
    may = ", ".join(_READ if database.read_only else _WRITE)
    if database.engine is Engine.MYSQL:
        # In a grant the sign stands for any letter.
        name = database.database.replace("_", r"\_")
        return [
            "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}' REQUIRE SSL;",
            f"GRANT {may} ON `{name}`.* TO '{{{{name}}}}'@'%';",
        ]
    user = '"{{name}}"'
    return [
        "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';",
        f'GRANT CONNECT ON DATABASE "{database.database}" TO {user};',
        f"GRANT USAGE ON SCHEMA public TO {user};",
        f"GRANT {may} ON ALL TABLES IN SCHEMA public TO {user};",
        *(
            []
            if database.read_only
            else [f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {user};"]
        ),
        # Without it nobody but a superuser may take away what it owns.
        f"GRANT {user} TO CURRENT_USER;",
    ]


def _revocation(database: Database) -> list[str]:
    if database.engine is Engine.MYSQL:
        # The plugin's own: all rights, then the user.
        return []
    user = '"{{name}}"'
    # The plugin's own leaves rights to sequences, and a role with rights cannot be dropped.
    return [
        f"REASSIGN OWNED BY {user} TO CURRENT_USER;",
        f"DROP OWNED BY {user};",
        f"DROP ROLE IF EXISTS {user};",
    ]
