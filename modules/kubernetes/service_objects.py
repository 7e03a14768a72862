"""Everything of a service that Git holds, from its settings alone."""

from ..core.services import Service
from ..core.site import Site
from .istio.destinations import destination
from .istio.routes import routes
from .manifest import Manifest
from .rollouts.analysis import analysis
from .rollouts.rollout import rollout
from .secrets import synced_secrets
from .workload.addresses import addresses, service_account
from .workload.monitoring import monitoring
from .workload.scaling import autoscaler, disruption_budget


def service_objects(service: Service, site: Site) -> list[Manifest]:
    """Return a service's objects in the order a reader asks for them.

    Who it is and which secrets it has, what runs and how a new version comes in, how many there
    are, how it is reached, how it is watched. None of them is of another service.
    """
    return [
        service_account(service),
        *synced_secrets(service),
        *addresses(service),
        rollout(service),
        analysis(service),
        autoscaler(service),
        disruption_budget(service),
        *routes(service, site),
        destination(service),
        *monitoring(service),
    ]
