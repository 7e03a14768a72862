"""The sample services: a shop that shows what a service may say of itself."""

from modules.core.delivery import CanaryStep, HeaderCanary
from modules.core.rates import Key, Rate
from modules.core.services import (
    Access,
    AccessRule,
    Caller,
    External,
    Method,
    Probes,
    Resilience,
    Resources,
    Route,
    Scaling,
    Service,
    Slo,
)

REGISTRY = "444444444444.dkr.ecr.eu-west-1.amazonaws.com/shop"
# Object id of the group whose people keep the catalog.
MERCHANTS = "00000000-0000-0000-0000-0000000000c1"

# Read by everybody, changed by few, called by the checkout: shares of all requests decide.
CATALOG = Service(
    name="catalog",
    namespace="shop",
    image=f"{REGISTRY}/catalog:1.4.2",
    routes=(Route(host="api", path="/catalog"),),
    access=Access(
        public=("/catalog/products", "/catalog/products/*"),
        rules=(
            AccessRule(paths=("/catalog/admin", "/catalog/admin/*"), groups=(MERCHANTS,), mfa=True),
        ),
    ),
    callers=(
        Caller(service="shop/checkout", paths=("/catalog/products/*",), methods=(Method.GET,)),
    ),
    capacity=Rate(requests=6000, key=Key.POD),
)

# Takes money: testers meet a new version first, and what pays is never sent twice.
CHECKOUT = Service(
    name="checkout",
    namespace="shop",
    image=f"{REGISTRY}/checkout:2.0.1",
    variables={"PAYMENTS_URL": "https://payments.example.com"},
    routes=(Route(host="shop"),),
    access=Access(
        issuers=("entra",),
        rules=(
            AccessRule(
                paths=("/refunds", "/refunds/*"), methods=(Method.POST,), groups=(MERCHANTS,)
            ),
        ),
    ),
    calls=("shop/catalog",),
    external=(External(host="payments.example.com"),),
    capacity=Rate(requests=3000, key=Key.POD),
    client_rate=Rate(requests=300),
    strategy=HeaderCanary(steps=(CanaryStep(weight=10), CanaryStep(weight=50, pause_seconds=600))),
    slo=Slo(availability_percent=99.95, p99_milliseconds=800),
    scaling=Scaling(min_replicas=3, max_replicas=20),
    resources=Resources(cpu="250m", memory="512Mi"),
    probes=Probes(startup_seconds=120),
    resilience=Resilience(timeout_seconds=20),
)

SERVICES = (CATALOG, CHECKOUT)
