"""EKP_INGRESS_1: what lets requests in says which way in it is meant for.

Without a class, an Ingress is the default class's, if there is one, and an object of NGINX every
shard's; a Gateway of Istio without a selector opens its port at each proxy of the mesh.
"""

from policies.checks import Entity, Everything, Verdict, cluster_check

ISTIO = "networking.istio.io/"
NGINX = "k8s.nginx.org/"
# A shard of NGINX brings its class with its chart; that there is one, its target group says.
SHARD = "nginx-ingress-"
SHARD_CLASS = "nginx-"


@cluster_check(
    "EKP_INGRESS_1",
    "Ensure objects that let requests in name their class",
    "Ingress",
    "VirtualServer",
    "VirtualServerRoute",
    "TransportServer",
    "Policy",
    "Gateway",
)
def ingress_names_its_class(one: Entity, everything: Everything) -> Verdict:
    """Fail an object without a class, or with one that its cluster does not have.

    An annotation does not count: Kubernetes gave it up for the field, and no quota or rule reads
    it.
    """
    spec = one.body.get("spec") or {}
    version = str(one.body.get("apiVersion"))
    if one.kind == "Policy" and not version.startswith(NGINX):
        return None
    if one.kind == "Gateway":
        return bool(spec.get("selector" if version.startswith(ISTIO) else "gatewayClassName"))
    named = spec.get("ingressClassName")
    if not named:
        return False
    known = _classes(everything)
    return known is None or named in known


def _classes(everything: Everything) -> set[str] | None:
    """Return the classes of a cluster; None where its objects do not tell."""
    told = everything.of("IngressClass", "TargetGroupBinding")
    return {_class(one) for one in told} if told else None


def _class(one: Entity) -> str:
    if one.kind == "TargetGroupBinding" and one.name.startswith(SHARD):
        return SHARD_CLASS + one.name.removeprefix(SHARD)
    return one.name
