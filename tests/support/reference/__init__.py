"""The pages of docs/reference, made from the code.

`pytest tests/docs/test_reference.py --update-reference` writes them; without it they are compared.
"""

from collections.abc import Mapping
from pathlib import Path

from modules.core.tenants import Tenant

from environments.schema import Environment

from .charts import charts_page
from .commands import commands_page
from .exceptions import exceptions_page
from .kubernetes import kubernetes_page
from .settings import models, settings_page

__all__ = ["pages"]

MADE = (
    "Made from the code by `pytest tests/docs/test_reference.py --update-reference`: not edited "
    "by hand."
)


def pages(stacks: Path) -> Mapping[str, str]:
    """Return the reference: each page by its name in docs/reference.

    ``stacks`` is CDKTF's folder of that name: where charts are installed is read there.
    """
    tenant, environment = models(Tenant), models(Environment)
    of_tenants = dict.fromkeys(tenant, "tenant-file.md")
    homes = dict.fromkeys(environment, "settings.md") | of_tenants
    return {
        "settings.md": settings_page(
            "Settings of an environment",
            f"Each value of `environments/` is an `Environment`. {MADE}",
            [model for model in environment if model not in of_tenants],
            homes,
        ),
        "tenant-file.md": settings_page(
            "Settings of a tenant",
            "What a file of `environments/tenants/` takes; [the guide](../tenants.md) shows one. "
            f"{MADE}",
            tenant,
            homes,
        ),
        "commands.md": commands_page(MADE),
        "charts.md": charts_page(MADE, stacks),
        "kubernetes.md": kubernetes_page(MADE),
        "exceptions.md": exceptions_page(MADE),
    }
