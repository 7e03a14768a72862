"""Checks of how commits reach the regions: waves that leave one out, a hub that takes no steps."""

from collections.abc import Iterator, Mapping, Sequence

from modules.core.gitops import Delivery, Sync, check_waves

from .schema import Environment, RegionSettings
from .validity import valid


def delivery_problems(environment: Environment, every: Sequence[Environment]) -> Iterator[str]:
    """Yield waves that leave regions out, and an Argo CD that is not told to take steps."""
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
        (getattr(other, "name", "environment"), region, settings.management)
        for other in every
        for region, settings in regions_of(other).items()
        if getattr(settings, "management", None) is not None
    ]
    if not hubs:
        yield f"{path}: no environment has management, so there is no Argo CD; remove it"
    for name, region, hub in hubs:
        steps = getattr(getattr(hub, "argo_cd", None), "progressive_syncs", False)
        if delivery.sync is Sync.WAVES and not steps:
            yield (
                f"{path}.sync = 'waves': {name}.regions[{region}].management.argo_cd."
                "progressive_syncs is off, and all regions would change at once; set it to True"
            )


def regions_of(environment: Environment) -> Mapping[str, RegionSettings]:
    """Return the regions of an environment as far as they are written down as a mapping."""
    written = getattr(environment, "regions", None)
    return written if isinstance(written, Mapping) else {}
