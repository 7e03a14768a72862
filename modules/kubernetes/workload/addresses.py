"""Who a service is in its cluster: the account its certificate names, and where it is met."""

from ...core.delivery import BlueGreen
from ...core.services import Service, labels, selector
from .. import service_accounts
from ..manifest import Manifest

PORT = 80
"""Port of every service inside the mesh, whatever its container listens on."""


def service_account(service: Service) -> Manifest:
    """Return the account that others name the service by; it has no rights and mounts no token."""
    return service_accounts.service_account(
        service.name, namespace=service.namespace, labels=labels(service)
    )


def preview(service: Service) -> str:
    """Return the name under which a blue-green service's next version is met before it serves."""
    return f"{service.name}-preview"


def addresses(service: Service) -> list[Manifest]:
    """Return the Service, and with blue-green the one of the next version.

    With blue-green Rollouts adds the version to both selectors; canaries are told apart by subsets
    in the mesh, and their Service selects both versions.
    """
    names = [service.name]
    if isinstance(service.strategy, BlueGreen):
        names.append(preview(service))
    return [_address(service, name) for name in names]


def _address(service: Service, name: str) -> Manifest:
    protocol = service.protocol.value
    return Manifest(
        api_version="v1",
        kind="Service",
        name=name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "type": "ClusterIP",
                "selector": selector(service),
                "ports": [
                    {
                        "name": protocol,
                        "port": PORT,
                        "targetPort": service.port,
                        "protocol": "TCP",
                        # By it the mesh reads requests; without it all is bytes.
                        "appProtocol": protocol,
                    }
                ],
            }
        },
    )
