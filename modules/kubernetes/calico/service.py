"""Network policies of one service: who reaches its pods, and whom they reach."""

from collections.abc import Mapping
from typing import Any

from ...core.mesh import GATEWAY_LABELS, GATEWAY_NAMESPACE, NGINX_NAMESPACE, shard_labels
from ...core.services import Service, labels, selector
from ...core.site import Site
from ..manifest import Manifest
from . import ends
from .ends import ALLOW_ORDER, API, Entity, internet, network, pods


def service_network_policies(service: Service, site: Site) -> list[Manifest]:
    """Return the one policy of a service, for its pods of all versions.

    Its port is open to the gateway and to the shards that its routes lead over, and to the pods of
    its callers. It may try any port of the services that it calls, whose own policies open one;
    and the ports of its external hosts in their networks, or anywhere on the internet: which hosts,
    the mesh decides.
    """
    rules: dict[str, list[dict[str, Any]]] = {
        "ingress": [
            {"action": "Allow", "protocol": "TCP", "source": caller, "destination": _on(service)}
            for caller in _callers(service, site)
        ],
        "egress": [
            {"action": "Allow", "protocol": "TCP", "destination": target}
            for target in _called(service)
        ],
    }
    return [
        Manifest(
            api_version=API,
            kind="NetworkPolicy",
            name=service.name,
            namespace=service.namespace,
            labels=labels(service),
            fields={
                "spec": {
                    "order": ALLOW_ORDER,
                    "selector": ends.selector(selector(service)),
                    "types": ["Ingress", "Egress"],
                    **{side: found for side, found in rules.items() if found},
                }
            },
        )
    ]


def _on(service: Service) -> Mapping[str, Any]:
    return {"ports": [service.port]}


def _callers(service: Service, site: Site) -> list[Entity]:
    return [
        *([pods(GATEWAY_NAMESPACE, GATEWAY_LABELS)] if site.through_gateway(service) else []),
        *(pods(NGINX_NAMESPACE, shard_labels(s)) for s in sorted(site.through_shards(service))),
        *(_service(caller.service) for caller in service.callers),
    ]


def _called(service: Service) -> list[Entity]:
    ports = sorted({to.port for to in service.external if not to.networks})
    return [
        *(_service(ref) for ref in service.calls),
        *({**network(to.networks), "ports": [to.port]} for to in service.external if to.networks),
        *([{**internet(), "ports": ports}] if ports else []),
    ]


def _service(ref: str) -> Entity:
    namespace, _, name = ref.partition("/")
    return pods(namespace, {"app.kubernetes.io/name": name})
