"""Checks of how commits reach the regions: waves, a hub that takes steps, and its way there."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from modules.core.gitops import Delivery, Sync, check_waves

from .schema import Environment, RegionSettings
from .validity import valid


def delivery_problems(environment: Environment, every: Sequence[Environment]) -> Iterator[str]:
    """Yield waves that leave regions out, and an Argo CD without steps or without a way there."""
    written = getattr(environment, "delivery", None)
    delivery = None if written is None else valid(Delivery, written)
    regions = regions_of(environment)
    if delivery is None or not regions:
        return
    own = str(getattr(environment, "name", "environment"))
    path = f"{own}.delivery"
    try:
        check_waves(delivery, tuple(regions))
    except ValueError as error:
        yield f"{own}.{error}"
    hubs = [
        (getattr(other, "name", "environment"), region, settings)
        for other in every
        for region, settings in regions_of(other).items()
        if getattr(settings, "management", None) is not None
    ]
    if not hubs:
        yield f"{path}: no environment has management, so there is no Argo CD; remove it"
    for name, region, hub in hubs:
        argo_cd = getattr(hub.management, "argo_cd", None)
        steps = getattr(argo_cd, "progressive_syncs", False)
        if delivery.sync is Sync.WAVES and not steps:
            yield (
                f"{path}.sync = 'waves': {name}.regions[{region}].management.argo_cd."
                "progressive_syncs is off, and all regions would change at once; set it to True"
            )
        network = getattr(getattr(getattr(hub, "network", None), "vpc", None), "cidr", None)
        if isinstance(network, IPv4Network):
            yield from _shut_out(own, regions, network, f"{name}.regions[{region}]")


def _shut_out(
    own: str, regions: Mapping[str, RegionSettings], network: IPv4Network, hub: str
) -> Iterator[str]:
    """Yield clusters whose API the hub does not reach, so that no commit would."""
    for region, settings in regions.items():
        eks = getattr(getattr(settings, "cluster", None), "eks", None)
        # By which address the hub meets a public endpoint is its NAT's affair.
        itself = getattr(settings, "management", None) is not None
        if eks is None or itself or getattr(eks, "public_access_cidrs", None):
            continue
        written = getattr(eks, "api_access", {})
        opened = written.values() if isinstance(written, Mapping) else ()
        admitted = [one for one in opened if isinstance(one, IPv4Network)]
        if not any(network.subnet_of(one) for one in admitted):
            yield (
                f"{own}.regions[{region}].cluster.eks.api_access lets {network} in nowhere, from "
                f"which Argo CD of {hub} brings services; add 'management-vpc': {network}, and a "
                "route that leads there"
            )


def regions_of(environment: Environment) -> Mapping[str, RegionSettings]:
    """Return the regions of an environment as far as they are written down as a mapping."""
    written = getattr(environment, "regions", None)
    return written if isinstance(written, Mapping) else {}
