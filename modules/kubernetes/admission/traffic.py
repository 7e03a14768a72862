"""Admission of what leads traffic: a namespace's routes begin and end in itself."""

from ...core.mesh import GATEWAY_NAMESPACE
from .policy import Check, Kinds, Policy

# The value of an absent list.
_OWN = "'.' + request.namespace + '.svc.cluster.local'"
_EXPORTED = Check(
    expression="!has(object.spec.exportTo) || object.spec.exportTo.all(to, to in ['.', '*'])",
    message="spec.exportTo names a namespace; leave it out, or write '.' or '*'",
)
# Fields of a Rollout's trafficRouting that hold another router than Istio, each with objects of its
# own that Rollouts would write to. Source: argo-rollouts v1.9.0, RolloutTrafficRouting.
OTHER_ROUTERS = ("alb", "ambassador", "apisix", "appMesh", "nginx", "plugins", "smi", "traefik")


def rollouts() -> Policy:
    """Return what a Rollout may have Argo Rollouts write to.

    A VirtualService ``name.namespace`` is one of another namespace to it, which it writes with its
    own rights. Names of DestinationRules and Services are of the Rollout's own namespace always.
    Source: argo-rollouts v1.9.0, utils/istio/istio.go, GetVirtualServiceNamespaceName.
    """
    others = " && ".join(f"!has(variables.routing.{router})" for router in OTHER_ROUTERS)
    return Policy(
        concern="rollouts",
        kinds=(Kinds(group="argoproj.io", version="v1alpha1", resources=("rollouts",)),),
        only_where=(
            "has(object.spec) && has(object.spec.strategy) && has(object.spec.strategy.canary) "
            "&& has(object.spec.strategy.canary.trafficRouting)"
        ),
        variables={"routing": "object.spec.strategy.canary.trafficRouting"},
        checks=(
            Check(
                expression=(
                    "!has(variables.routing.istio) || ("
                    "(!has(variables.routing.istio.virtualService) "
                    "|| !variables.routing.istio.virtualService.name.contains('.')) && "
                    "(!has(variables.routing.istio.virtualServices) "
                    "|| variables.routing.istio.virtualServices.all(one, !one.name.contains('.'))))"
                ),
                message=(
                    "spec.strategy.canary.trafficRouting.istio names a VirtualService with a dot, "
                    "which is one of another namespace; write the name alone, of one without dots"
                ),
            ),
            Check(
                expression=others,
                message=(
                    "spec.strategy.canary.trafficRouting has another router than istio; "
                    "shift traffic by the service's own VirtualService"
                ),
            ),
        ),
    )


def virtual_services(domain: str) -> Policy:
    """Return what a VirtualService may be asked for, where it is heard and where it leads.

    Args:
        domain: the environment's domain. Without it ``orders.other``, a service of another
            namespace, could not be told from a domain for users.
    """
    return Policy(
        concern="virtual-services",
        kinds=(_istio("virtualservices"),),
        only_where="has(object.spec)",
        variables={"own": _OWN, "http": "has(object.spec.http) ? object.spec.http : []"},
        checks=(
            Check(
                expression=(
                    "!has(object.spec.hosts) || object.spec.hosts.all(host, !host.contains('*') && "
                    f"(host == '{domain}' || host.endsWith('.{domain}') "
                    "|| host.endsWith(variables.own)))"
                ),
                message=(
                    f"spec.hosts names what is not the namespace's; write hosts under {domain} "
                    "without a wildcard, or <service>.<own namespace>.svc.cluster.local"
                ),
            ),
            Check(
                expression=(
                    "!has(object.spec.gateways) || object.spec.gateways.all(one, one == 'mesh' || "
                    f"one.startsWith('{GATEWAY_NAMESPACE}/' + request.namespace + '-'))"
                ),
                message=(
                    f"spec.gateways names another's; write mesh, or {GATEWAY_NAMESPACE}/"
                    "<own namespace>-<service>"
                ),
            ),
            _EXPORTED,
            Check(
                expression=(
                    "variables.http.all(route, !has(route.delegate) "
                    "|| !has(route.delegate.namespace) "
                    "|| route.delegate.namespace in ['', request.namespace])"
                ),
                message=(
                    "spec.http[].delegate.namespace is another's; delegate to a VirtualService of "
                    "the own namespace"
                ),
            ),
            Check(
                expression=(
                    "variables.http.all(route, (!has(route.route) || route.route.all(way, "
                    "way.destination.host.endsWith(variables.own))) && (!has(route.mirror) "
                    "|| route.mirror.host.endsWith(variables.own)) && (!has(route.mirrors) "
                    "|| route.mirrors.all(way, way.destination.host.endsWith(variables.own))))"
                ),
                message=(
                    "spec.http[] leads or mirrors to a host that is not the namespace's; write "
                    "<service>.<own namespace>.svc.cluster.local"
                ),
            ),
            Check(
                expression="!has(object.spec.tcp) && !has(object.spec.tls)",
                message="spec.tcp and spec.tls are not for services here; use spec.http",
            ),
        ),
    )


def destination_rules() -> Policy:
    """Return whose callers a DestinationRule may instruct; none of them without mTLS."""
    # Without a mode a block of TLS settings means none: DISABLE is the mode's first value.
    mutual = "(!has({0}.tls) || (has({0}.tls.mode) && {0}.tls.mode == 'ISTIO_MUTUAL'))"
    return Policy(
        concern="destination-rules",
        kinds=(_istio("destinationrules"),),
        only_where="has(object.spec)",
        variables={
            "own": _OWN,
            "policies": (
                "(has(object.spec.trafficPolicy) ? [dyn(object.spec.trafficPolicy)] : []) + "
                "(has(object.spec.subsets) ? object.spec.subsets.filter(one, "
                "has(one.trafficPolicy)).map(one, dyn(one.trafficPolicy)) : [])"
            ),
        },
        checks=(
            Check(
                expression=(
                    "has(object.spec.host) && !object.spec.host.contains('*') "
                    "&& object.spec.host.endsWith(variables.own)"
                ),
                message=(
                    "spec.host is not the namespace's; write "
                    "<service>.<own namespace>.svc.cluster.local"
                ),
            ),
            _EXPORTED,
            Check(
                expression=(
                    f"variables.policies.all(policy, {mutual.format('policy')} "
                    "&& (!has(policy.portLevelSettings) || policy.portLevelSettings.all(port, "
                    f"{mutual.format('port')})))"
                ),
                message="a trafficPolicy's tls.mode is not ISTIO_MUTUAL; write it, or no tls",
            ),
        ),
    )


def addresses() -> Policy:
    """Return how a Service may be reached: inside the cluster, at an address that it was given."""
    return Policy(
        concern="addresses",
        kinds=(Kinds(group="", version="v1", resources=("services",)),),
        only_where="has(object.spec)",
        checks=(
            Check(
                expression="!has(object.spec.type) || object.spec.type == 'ClusterIP'",
                message="spec.type is not ClusterIP; users come by the service's routes",
            ),
            Check(
                expression="!has(object.spec.externalIPs) || object.spec.externalIPs.size() == 0",
                message="spec.externalIPs takes over addresses of others; leave it out",
            ),
        ),
    )


def _istio(resource: str) -> Kinds:
    return Kinds(group="networking.istio.io", version="v1", resources=(resource,))
