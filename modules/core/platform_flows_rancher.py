"""Flows of Rancher, and of the agents that it puts into every cluster it looks after."""

from collections.abc import Mapping

from .fleet import AGENT_ROLE
from .flows import Flow, Place, Pods, flow
from .platform_flows_callers import to_api
from .platform_flows_pods import GATEWAY, RANCHER, RANCHER_NAMESPACE, run_as

# Rancher fills these namespaces while it runs, and its versions differ in what they put there: so
# flows name a namespace and no labels. They are denied all else like any other namespace.
# Source: rancher/rancher v2.15.0, pkg/controllers/dashboard/systemcharts/controller.go,
# pkg/namespace/namespace_utils.go, pkg/settings/setting.go.
EVERYWHERE = (RANCHER_NAMESPACE, "cattle-fleet-system")
ON_HUB = (
    "cattle-fleet-local-system",
    "cattle-provisioning-capi-system",
    "cattle-capi-system",
    "cattle-turtles-system",
    "cattle-scc-system",
)
# Webhooks of Rancher, and of Cluster API.
WEBHOOKS = (RANCHER_NAMESPACE, *(name for name in ON_HUB if "capi" in name or "turtles" in name))
WEBHOOK_PORT = 9443
# The jobs by which clusters join, by "<namespace>/<service account>" of their roles: the hub's
# REGISTRAR, and the AGENT_JOB of the others, which on the hub no pod is.
REGISTRAR: Mapping[str, Mapping[str, Pods]] = {
    f"{RANCHER_NAMESPACE}/rancher-registrar": {
        "rancher-registrar": run_as(RANCHER_NAMESPACE, "rancher-registrar")
    }
}
AGENT_JOB: Mapping[str, Mapping[str, Pods]] = {
    f"{RANCHER_NAMESPACE}/{AGENT_ROLE}": {AGENT_ROLE: run_as(RANCHER_NAMESPACE, AGENT_ROLE)}
}


def rancher_flows(*, hub: bool) -> tuple[Flow, ...]:
    """Return the flows of Rancher's agents, and on the hub of Rancher itself."""
    namespaces = (*EVERYWHERE, *(ON_HUB if hub else ()))
    return (
        *(flow for name in namespaces for flow in _outwards(name)),
        *(_webhook(name) for name in WEBHOOKS if name in namespaces),
        *(_server(namespaces) if hub else ()),
        *_joining(hub=hub),
    )


def _joining(*, hub: bool) -> tuple[Flow, ...]:
    """Return the flows of the jobs by which clusters join; all pods beside them call the API.

    A flow to the internet leads to Rancher's public host as well.
    """
    stores = "where registrations of clusters are kept"
    return tuple(
        flow(f"{name}-to-{end}", pods, place, port, reason)
        for callers in {**AGENT_JOB, **(REGISTRAR if hub else {})}.values()
        for name, pods in callers.items()
        for end, place, port, reason in (
            (
                "aws-endpoints",
                Place.VPC,
                443,
                f"Signs in to AWS and calls Secrets Manager, {stores}, by the VPC's endpoints.",
            ),
            (
                "aws",
                Place.INTERNET,
                443,
                f"Calls Secrets Manager of the hub's region, {stores}, and Rancher by its host.",
            ),
            (
                "pod-identity",
                Place.POD_IDENTITY,
                80,
                "Gets the credentials of its AWS role from the agent on its node.",
            ),
        )
    )


def _outwards(namespace: str) -> tuple[Flow, ...]:
    pods = Pods(namespace)
    return (
        to_api(namespace, pods, "looks after the cluster for Rancher"),
        Flow(
            name=f"{namespace}-to-internet",
            source=pods,
            target=Place.INTERNET,
            ports=(443,),
            reason="Agents call Rancher by its public host; Rancher calls Entra ID, repositories "
            "of charts and the APIs of clusters.",
        ),
    )


def _webhook(namespace: str) -> Flow:
    return Flow(
        name=f"api-to-{namespace}-webhook",
        source=Place.CONTROL_PLANE,
        target=Pods(namespace),
        ports=(WEBHOOK_PORT,),
        reason="Webhooks that Rancher brings check and convert its objects.",
    )


def _server(namespaces: tuple[str, ...]) -> tuple[Flow, ...]:
    own = Pods(RANCHER_NAMESPACE)
    return (
        Flow(
            name="gateway-to-rancher",
            source=GATEWAY,
            target=RANCHER,
            ports=(80, 443),
            reason="People and agents of other clusters meet Rancher through the gateway.",
        ),
        Flow(
            name="api-to-rancher-extension",
            source=Place.CONTROL_PLANE,
            target=own,
            ports=(6666,),
            reason="Rancher serves a part of the Kubernetes API (ext.cattle.io).",
        ),
        Flow(
            name="rancher-members",
            source=own,
            target=own,
            ports=(80, 443, 444, 5555, 6666),
            reason="Copies of Rancher share their agents' tunnels, and its jobs report to it.",
        ),
        *(
            Flow(
                name=f"{name}-to-rancher",
                source=Pods(name),
                target=RANCHER,
                ports=(80, 443, 444),
                reason="What Rancher runs in the hub's own cluster reports to it.",
            )
            for name in namespaces
            if name != RANCHER_NAMESPACE
        ),
    )
