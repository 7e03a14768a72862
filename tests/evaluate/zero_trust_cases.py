"""One case of the tables of zero trust: who sends what by which way, and what becomes of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from modules.core.mesh import GATEWAY as GATEWAY_WORKLOAD
from modules.core.mesh import GATEWAY_NAMESPACE, NGINX_NAMESPACE, shard_release

from ekp.evaluate.calico.endpoints import Endpoint, address
from ekp.evaluate.calls import GATEWAY, may_call
from ekp.evaluate.delivery import Call
from ekp.evaluate.request import Request, Token, Workload
from ekp.evaluate.world import World
from environments.organisation import IDENTITY
from tests.support.mesh_world import Cluster
from tests.support.two_tenants import MERCHANTS

from .variants import PARTNERS, Variant, changed

ENTRA = IDENTITY.issuers["entra"]
GROUPS = {"ann": ["00000000-0000-0000-0000-0000000000ff"], "mia": [MERCHANTS]}


def token(subject: str, **claims: object) -> Token:
    """Return a valid token of the environment's issuer."""
    groups = GROUPS.get(subject, [])
    return Token(ENTRA.issuer, ENTRA.audiences, {"sub": subject, "groups": groups, **claims})


ANN = token("ann")
ANN_TWICE_PROVEN = token("ann", acrs=["c1"])
MERCHANT = token("mia")
MERCHANT_TWICE_PROVEN = token("mia", acrs=["c1"])
MERCHANT_OTHERWISE_PROVEN = token("mia", acrs=["c2"])
EXPIRED = Token(ENTRA.issuer, ENTRA.audiences, {"sub": "mia"}, expired=True)
FORGED = Token(ENTRA.issuer, ENTRA.audiences, {"sub": "mia"}, verifiable=False)
FOREIGN = Token("https://login.example.net/", ENTRA.audiences, {"sub": "mia"})
OTHER_AUDIENCE = Token(ENTRA.issuer, ("another-api",), {"sub": "mia"})
OVERAGE = Token(ENTRA.issuer, ENTRA.audiences, {"sub": "ann", "_claim_names": {"groups": "src1"}})
PARTNER = Token(PARTNERS.issuer, PARTNERS.audiences, {"sub": "pat"})

OK = "allowed"
NO_ANSWER = None
"""The connection is dropped: nobody answers."""
CLAIMS = ("x-auth-subject", "x-auth-groups")
SPOOFED = {"X-Auth-Subject": "root", "x-auth-groups": "admins", "Accept": "text/html"}
NAMES = {
    "gateway": f"{GATEWAY_NAMESPACE}/{GATEWAY_WORKLOAD}",
    "shard": f"{NGINX_NAMESPACE}/{shard_release('api')}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A row of a table."""

    what: str
    """What it shows, read after the rows before it."""
    sender: str
    """``user``, who comes by the load balancer; an IPv4 address; or a workload."""
    way: str
    """``gateway``, ``shard``, ``mesh``, or the workload whose pod is called by its address."""
    asked: str
    """Method, host with or without a port, path: ``GET shop.prod.ekp.example/cart``."""
    token: Token | None = None
    expected: int | str | None
    """``OK``, the status that the sender is answered, or ``NO_ANSWER``."""
    by: str
    """What decides, as kind, namespace and name."""
    headers: Mapping[str, str] = field(default_factory=dict)
    sees: Mapping[str, str] | None = None
    """The claim headers that the application gets; None: not asked."""
    port: int | None = None
    at: str | None = None
    """The address that a host outside the cluster resolves to."""
    variant: Variant = Variant.NOTHING

    def ask(self, cluster: Cluster, without: Collection[str] = ()) -> Call:
        """Return what becomes of the request in a cluster without some objects."""
        world = changed(cluster, self.variant, without)
        entrance = {"gateway": GATEWAY, "shard": "api"}.get(self.way)
        straight = entrance is None and self.way != "mesh"
        return may_call(
            world,
            self._sender(cluster, world),
            self._request(8080 if straight else 443 if entrance == GATEWAY else 80),
            entrance=entrance,
            straight_to=workload(world, self.way) if straight else None,
            resolves_to=self.at,
        )

    def _request(self, port: int) -> Request:
        method, _, rest = self.asked.partition(" ")
        host, slash, path = rest.partition("/")
        return Request(
            host, slash + path, method, dict(self.headers), self.token, self.port or port
        )

    def _sender(self, cluster: Cluster, world: World) -> Workload | Endpoint:
        if self.sender == "user":
            return address(str(cluster.networks.balancers[0][10]))
        if self.sender[0].isdigit():
            return address(self.sender)
        return workload(world, self.sender)


def workload(world: World, place: str) -> Workload:
    """Return a workload by ``<namespace>/<name>``, or by what the tables call a way in."""
    namespace, _, name = NAMES.get(place, place).partition("/")
    return world.workload(namespace, name)


def outcome(call: Call) -> int | str | None:
    """Return what a row expects of a call."""
    return OK if call.allowed else call.status


def claims_seen(call: Call) -> dict[str, str]:
    """Return the claim headers that the application gets, names in small letters."""
    seen = {name.lower(): value for name, value in (call.seen_headers or {}).items()}
    return {name: seen[name] for name in CLAIMS if name in seen}
