"""Every flow that the platform itself needs: what no flow names, default deny refuses."""

from collections.abc import Collection, Sequence

from .flows import Flow, Place, Transport
from .hosts import AdminTool
from .mesh import WEBHOOK_PORT
from .platform_flows_callers import api_flows, aws_flows
from .platform_flows_hub import hub_flows
from .platform_flows_mesh import mesh_flows, ways_in
from .platform_flows_observability import observability_flows
from .platform_flows_pods import (
    CERT_MANAGER_WEBHOOK,
    DNS,
    GATEWAY,
    ISTIOD,
    PROMETHEUS_OPERATOR,
    SECRETS_OPERATOR_MANAGER,
    VAULT,
    VAULT_CONFIGURE,
    VAULT_INIT,
    VAULT_SNAPSHOT,
)
from .platform_flows_rancher import rancher_flows

SYSTEM_NAMESPACES = (
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "calico-system",
    "calico-apiserver",
    "tigera-operator",
)
"""No policy selects their pods: without them nodes, names and the policies themselves fail.

Rancher's own namespaces are none of them: it is no part of what makes a cluster work.
"""


def platform_flows(
    *,
    hub: bool,
    shards: Sequence[str],
    karpenter: bool,
    tools: Collection[AdminTool] = tuple(AdminTool),
    opensearch_ports: Sequence[int] = (),
) -> tuple[Flow, ...]:
    """Return what a cluster's platform needs, in a fixed order.

    Ports are those of pods, which Calico sees once a Service's address has been replaced. Pods on
    their node's network (node exporter, CloudWatch's agent) are none that a policy selects.

    Args:
        hub: whether Argo CD, Rancher and Kubecost's aggregator run here.
        shards: names of the NGINX shards.
        karpenter: whether Karpenter adds nodes; else the cluster autoscaler does.
        tools: what people meet through the gateway.
        opensearch_ports: where Jaeger keeps spans in an OpenSearch of its own; none: it does not.
    """
    flows = (
        *ways_in(shards),
        *_every_pod(),
        *_webhooks(),
        *mesh_flows(shards),
        *api_flows(shards),
        *aws_flows(hub=hub),
        *observability_flows(karpenter=karpenter, opensearch_ports=opensearch_ports),
        *_secrets(),
        *rancher_flows(hub=hub),
        *(hub_flows() if hub else ()),
    )
    closed = {f"gateway-to-{tool.value}" for tool in AdminTool if tool not in tools}
    return tuple(flow for flow in flows if flow.name not in closed)


def _every_pod() -> tuple[Flow, ...]:
    return (
        *(
            Flow(
                name=f"dns-{transport.lower()}",
                source=Place.EVERY_POD,
                target=DNS,
                ports=(53,),
                transport=transport,
                reason="Names are resolved by the cluster's own DNS, over TCP where an answer is "
                "long.",
            )
            for transport in (Transport.UDP, Transport.TCP)
        ),
        Flow(
            name="kubelet-probes",
            source=Place.OWN_NODE,
            target=Place.EVERY_POD,
            ports=(),
            reason="A node's kubelet asks its own pods how they are, and port-forwards end there.",
        ),
    )


def _webhooks() -> tuple[Flow, ...]:
    return (
        Flow(
            name="api-to-istiod-webhook",
            source=Place.CONTROL_PLANE,
            target=ISTIOD,
            ports=(WEBHOOK_PORT,),
            reason="Istio's webhooks put sidecars into pods and check its objects.",
        ),
        Flow(
            name="api-to-cert-manager-webhook",
            source=Place.CONTROL_PLANE,
            target=CERT_MANAGER_WEBHOOK,
            ports=(10250,),
            reason="cert-manager's webhook checks certificates and issuers.",
        ),
        Flow(
            name="api-to-prometheus-operator-webhook",
            source=Place.CONTROL_PLANE,
            target=PROMETHEUS_OPERATOR,
            ports=(10250,),
            reason="The Prometheus operator's webhook checks rules.",
        ),
    )


def _secrets() -> tuple[Flow, ...]:
    callers = {
        "vault-init": (VAULT_INIT, "The job initialises Vault and waits until it is unsealed."),
        "vault-configure": (VAULT_CONFIGURE, "The job makes Vault what the tenants say."),
        "vault-snapshot": (VAULT_SNAPSHOT, "The job asks Vault for a snapshot."),
        "secrets-operator": (
            SECRETS_OPERATOR_MANAGER,
            "The operator brings Vault's secrets into Kubernetes Secrets.",
        ),
        "gateway": (GATEWAY, "People meet Vault's user interface through the gateway."),
    }
    return (
        Flow(
            name="vault-members",
            source=VAULT,
            target=VAULT,
            ports=(8200, 8201),
            reason="Vault's servers join, replicate and forward requests to the one that leads.",
        ),
        *(
            Flow(name=f"{name}-to-vault", source=pods, target=VAULT, ports=(8200,), reason=why)
            for name, (pods, why) in callers.items()
        ),
    )
