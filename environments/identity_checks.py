"""Checks of who may get in: one directory for clusters and tools, and the way for emergencies.

Each part of an environment is judged once it is valid by itself; what is not has its error already.
"""

from collections.abc import Iterator, Mapping, Sequence

from modules.aws.break_glass import NAME as BREAK_GLASS
from modules.core.entra import GROUP_PREFIX, Directory, EntraApplication
from modules.core.kubernetes_versions import Finding, Level
from modules.stacks.cluster import ClusterConfig
from modules.stacks.management import ManagementConfig
from modules.stacks.platform_config import PlatformConfig

from .schema import Environment
from .validity import valid


def check_identities(environments: Sequence[Environment]) -> list[Finding]:
    """Return everything wrong, each with the path of the setting.

    That no tenant has a group of the platform is asked where tenants are compared.
    """
    return [
        Finding(Level.ERROR, message)
        for environment in environments
        for message in _clusters(environment)
    ]


def _clusters(environment: Environment) -> Iterator[str]:
    name = getattr(environment, "name", None) or "environment"
    directory = valid(Directory, getattr(environment, "directory", None))
    regions = getattr(environment, "regions", None)
    if not isinstance(regions, Mapping):
        return
    for region, settings in regions.items():
        path = f"{name}.regions[{region}]"
        cluster = valid(ClusterConfig, getattr(settings, "cluster", None))
        if cluster is not None:
            yield from _of_cluster(f"{path}.cluster.eks", cluster, directory)
            if getattr(environment, "break_glass", None) is not None:
                yield from _emergency(f"{path}.cluster.eks", cluster)
        if directory is not None:
            for where, application in _applications(settings):
                if application.tenant_id != directory.tenant_id:
                    yield (
                        f"{path}.{where}.tenant_id = '{application.tenant_id}': is not the "
                        f"directory's ({directory.tenant_id}), so its groups are nobody's here; "
                        "take the application from the directory"
                    )


def _of_cluster(path: str, cluster: ClusterConfig, directory: Directory | None) -> Iterator[str]:
    provider = cluster.eks.identity_provider
    if directory is None:
        return
    if provider is None:
        yield (
            f"{path}.identity_provider: the environment has a directory, and nobody of it can "
            "sign in here; add it"
        )
    elif provider.issuer_url != directory.issuer:
        yield (
            f"{path}.identity_provider.issuer_url = '{provider.issuer_url}': is not the "
            f"directory's; use {directory.issuer}"
        )
    elif provider.prefix != GROUP_PREFIX:
        yield (
            f"{path}.identity_provider.prefix = '{provider.prefix}': rights are given to groups "
            f"with {GROUP_PREFIX!r} before them; remove it"
        )


def _emergency(path: str, cluster: ClusterConfig) -> Iterator[str]:
    if BREAK_GLASS in cluster.eks.access_entries:
        yield (
            f"{path}.access_entries[{BREAK_GLASS}]: is made of the environment's break_glass; "
            "remove it here"
        )


def _applications(settings: object) -> Iterator[tuple[str, EntraApplication]]:
    platform = valid(PlatformConfig, getattr(settings, "platform", None))
    if platform is not None and platform.metrics.sign_in is not None:
        yield "platform.metrics.sign_in", platform.metrics.sign_in
    management = valid(ManagementConfig, getattr(settings, "management", None))
    if management is None:
        return
    yield "management.argo_cd.sign_in", management.argo_cd.sign_in
    if management.kubecost.sign_in is not None:
        yield "management.kubecost.sign_in", management.kubecost.sign_in
    if management.rancher.sign_in is not None:
        yield "management.rancher.sign_in", management.rancher.sign_in
