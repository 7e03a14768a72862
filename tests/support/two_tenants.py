"""Production with a second tenant beside the shop, and the pods that somebody starts by hand."""

from collections.abc import Mapping
from datetime import date

from modules.core.flows import Flow
from modules.core.mesh import GATEWAY, shard_release
from modules.core.platform_flows import platform_flows
from modules.core.services import Access, Caller, Route, Service

from ekp.evaluate.request import Object, Workload
from environments import load
from environments.schema import Environment

from .tenants import tenant

TODAY = date(2026, 11, 21)
REGION = "eu-west-1"
_IMAGES = "444444444444.dkr.ecr.eu-west-1.amazonaws.com/billing"
# A second tenant beside the shop: a service that users meet, and one that they never do.
INVOICES = Service(
    name="invoices",
    namespace="billing",
    image=f"{_IMAGES}/invoices:1.0.0",
    routes=(Route(host="billing"),),
    access=Access(public=("/status",)),
    calls=("billing/ledger",),
)
LEDGER = Service(
    name="ledger",
    namespace="billing",
    image=f"{_IMAGES}/ledger:1.0.0",
    callers=(Caller(service=INVOICES.ref, paths=("/entries/*",)),),
)
BILLING = tenant("billing", services=(INVOICES, LEDGER), environments=("prod",))
# The group of the shop's people who keep its catalog.
MERCHANTS = "00000000-0000-0000-0000-0000000000c1"
# Pods that somebody starts by hand, on every kind of namespace: no policy knows their labels.
STRANGERS = (
    Workload("shop", "curl", {"run": "curl"}, "default"),
    Workload(
        "shop",
        "bare",
        {"run": "bare", "sidecar.istio.io/inject": "false"},
        "default",
        in_mesh=False,
    ),
    Workload("billing", "curl", {"run": "curl"}, "default"),
    # It claims the labels, and the service account's name, of callers in other namespaces.
    Workload(
        "billing",
        "impostor",
        {
            "app": GATEWAY,
            "app.kubernetes.io/name": "checkout",
            "app.kubernetes.io/instance": shard_release("api"),
        },
        GATEWAY,
    ),
    Workload("default", "curl", {"run": "curl"}, "default", in_mesh=False),
    Workload("observability", "curl", {"run": "curl"}, "default", in_mesh=False),
    Workload("vault", "curl", {"run": "curl"}, "default", in_mesh=False),
)
BY_HAND: tuple[Object, ...] = tuple(
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "curl", "namespace": namespace},
        "spec": {"selector": {"run": "curl"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    for namespace in ("shop", "billing")
)


def environments() -> Mapping[str, Environment]:
    """Return the environments on a day on which all that they use is supported."""
    return load(TODAY)[0]


def with_two_tenants() -> Environment:
    """Return production with the second tenant."""
    prod = environments()["prod"]
    return prod.model_copy(update={"tenants": (*prod.tenants, BILLING)})


def flows_of(environment: Environment) -> tuple[Flow, ...]:
    """Return the flows of an environment's cluster."""
    settings = environment.regions[REGION]
    return platform_flows(
        hub=settings.management is not None,
        shards=tuple(environment.edge.shards),
        karpenter=settings.platform.karpenter is not None,
        tools=tuple(settings.platform.admin_hosts),
        opensearch_ports=settings.platform.traces.opensearch_ports,
    )
