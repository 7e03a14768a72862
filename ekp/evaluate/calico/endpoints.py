"""The two ends of a connection as Calico sees them: a pod's labels, or an address alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from ..request import Workload

NAMESPACE = "projectcalico.org/namespace"
SERVICE_ACCOUNT = "projectcalico.org/serviceaccount"
ORCHESTRATOR = "projectcalico.org/orchestrator"
NAME = "projectcalico.org/name"
# What a pod inherits from its namespace and its service account, told apart by a prefix.
# Source: projectcalico/calico, libcalico-go/lib/backend/k8s/conversion/constants.go.
OF_NAMESPACE = "pcns."
OF_SERVICE_ACCOUNT = "pcsa."
# A longer name of a service account does not become a label.
_LABEL_LENGTH = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One end of a connection."""

    name: str
    """What messages call it."""
    labels: Mapping[str, str] | None = None
    """What selectors see, inherited labels included; None: it is no pod of the cluster."""
    addresses: IPv4Network | None = None
    """Where its address lies; one address is a network of its own. None: nobody knows."""
    own_node: bool = False
    """Whether it is the node of the pod at the other end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What is opened: from where to where, on the port of the pod itself."""

    source: Endpoint
    target: Endpoint
    port: int
    """The pod's: Calico sees a packet once the Service's address is gone from it."""
    protocol: str = "TCP"
    """``TCP``, ``UDP`` or ``SCTP``."""

    def __str__(self) -> str:
        """Return what messages call it."""
        return f"{self.protocol} {self.port} from {self.source.name} to {self.target.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """Labels that a pod has beside its own."""

    namespace: Mapping[str, str] = field(default_factory=dict)
    service_account: Mapping[str, str] = field(default_factory=dict)


NOTHING = Inherited()


def pod(
    workload: Workload, inherited: Inherited = NOTHING, addresses: IPv4Network | None = None
) -> Endpoint:
    """Return a pod of a workload.

    Source: projectcalico/calico, libcalico-go/lib/backend/k8s/conversion, conversion.go
    (NamespaceToProfile, ServiceAccountToProfile) and workload_endpoint_default.go.

    Args:
        workload: Whose pod it is.
        inherited: The labels of its namespace's and its service account's objects.
        addresses: One address as a network of its own, or the network in which it lies.
    """
    namespace = {
        **inherited.namespace,
        "kubernetes.io/metadata.name": workload.namespace,
        NAME: workload.namespace,
    }
    account = {**inherited.service_account, NAME: workload.service_account}
    labels = {
        # A pod cannot claim what only its namespace may say: Calico drops such labels
        # (syncersv1/updateprocessors/workloadendpointprocessor.go).
        **{
            key: value
            for key, value in workload.labels.items()
            if not key.startswith((OF_NAMESPACE, OF_SERVICE_ACCOUNT))
        },
        **{OF_NAMESPACE + key: value for key, value in namespace.items()},
        **{OF_SERVICE_ACCOUNT + key: value for key, value in account.items()},
        NAMESPACE: workload.namespace,
        ORCHESTRATOR: "k8s",
    }
    if workload.service_account and len(workload.service_account) < _LABEL_LENGTH:
        labels[SERVICE_ACCOUNT] = workload.service_account
    return Endpoint(
        name=f"pod {workload.namespace}/{workload.name}", labels=labels, addresses=addresses
    )


def address(network: str) -> Endpoint:
    """Return an address, or any address of a network, that is no pod's."""
    found = IPv4Network(network)
    return Endpoint(name=f"address {network}", addresses=found)


def own_node(network: str | None = None) -> Endpoint:
    """Return the node that the pod at the other end runs on: its kubelet."""
    return Endpoint(
        name="the pod's own node",
        addresses=IPv4Network(network) if network else None,
        own_node=True,
    )
