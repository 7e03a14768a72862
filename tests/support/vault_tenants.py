"""Two tenants with secrets and databases, whose names would be one another's without a dot."""

from modules.core.entra import EntraApplication
from modules.core.secrets import Database, Engine, Secret
from modules.core.services import Service
from modules.core.tenants import Groups, Tenancy, TenantEnvironment
from modules.kubernetes.vault_state import VaultState, platform_state, tenant_state

from .tenants import group, tenancy, tenant

HOST = "vault.prod.example.org"
ENTRA = EntraApplication(
    tenant_id=group(1), client_id=group(2), admins=(group(3),), viewers=(group(4),)
)


def service(namespace: str, name: str, *secrets: Secret) -> Service:
    return Service(
        name=name,
        namespace=namespace,
        image=f"registry.example.org/{namespace}/{name}:1.0.0",
        secrets=secrets,
    )


def database(engine: Engine = Engine.POSTGRESQL, *, read_only: bool = False) -> Database:
    return Database(
        engine=engine, host="orders.db.example.org", database="the_orders", read_only=read_only
    )


def shop() -> Tenancy:
    """Return a tenant of two namespaces with three services, one without secrets."""
    return tenancy(
        tenant(
            "shop",
            services=(
                service(
                    "shop",
                    "orders",
                    Secret(name="stripe"),
                    Secret(name="db", database="eu-orders", refresh_seconds=86_400),
                ),
                service("shop", "catalog"),
                service("shop-data", "reports", Secret(name="mail", restart=False)),
            ),
            environments={"prod": TenantEnvironment(databases={"eu-orders": database()})},
        )
    )


def shop_eu() -> Tenancy:
    return tenancy(
        tenant(
            "shop-eu",
            services=(
                service(
                    "shop-eu",
                    "orders",
                    Secret(name="stripe"),
                    Secret(name="db", database="orders", refresh_seconds=7200),
                ),
            ),
            environments={"prod": TenantEnvironment(databases={"orders": database(Engine.MYSQL)})},
            groups=Groups(admin=(group(5),), developer=(group(6),), viewer=(group(7),)),
        )
    )


def states(*tenancies: Tenancy, entra: EntraApplication | None = ENTRA) -> dict[str, VaultState]:
    """Return what Vault is to be, by whose it is."""
    return {
        "platform": platform_state(host=HOST, entra=entra),
        **{f"tenant-{one.name}": tenant_state(one, host=HOST, entra=entra) for one in tenancies},
    }
