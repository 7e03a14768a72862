"""What an answer of a cluster's API, or none, means to a person."""

import json
import ssl

import urllib3

from .contract import Cluster
from .errors import (
    ClusterError,
    ForbiddenError,
    RefusedError,
    UnauthorizedError,
    UnreachableError,
    UntrustedError,
)

UNAUTHORIZED, FORBIDDEN = 401, 403
SHOWN = 200  # characters of an answer that is none of Kubernetes'


def unanswered(cluster: Cluster, error: Exception) -> ClusterError:
    """Why no answer came."""
    cause = getattr(error, "reason", None) or error
    while isinstance(cause, Exception) and isinstance(cause.__cause__, Exception):
        cause = cause.__cause__
    if isinstance(cause, (ssl.SSLError, urllib3.exceptions.SSLError)):
        return UntrustedError(
            f"What answers at {cluster.endpoint} is not the API of {cluster.name}: {cause}",
            remedy="A proxy that opens TLS stands between, or the cluster was made anew: take the"
            " proxy out of the way (NO_PROXY), or deploy the cluster's stack.",
        )
    return UnreachableError(
        f"The Kubernetes API of {cluster.name} at {cluster.endpoint} cannot be reached from here:"
        f" {cause}",
        remedy="Let this machine's network reach it on TCP 443: name the network in"
        " `cluster.eks.api_access` and deploy the cluster's stack, and have a route to the VPC"
        " (VPN, peering, or an agent that runs in the VPC).",
    )


def refused(cluster: Cluster, status: int, what: str, text: bytes) -> ClusterError:
    """Why an answer is no good."""
    if status == UNAUTHORIZED:
        return UnauthorizedError(
            f"{cluster.name} does not know {cluster.caller}.",
            remedy="Give that role an entry in `cluster.eks.access_entries` and deploy the"
            " cluster's stack.",
        )
    if status == FORBIDDEN:
        return not_allowed(cluster, f"{what}: {_message(text)}")
    return RefusedError(
        f"{cluster.name} answers {what} with {status}: {_message(text)}",
        remedy="Run the command again; if it stays so, look at the cluster in the EKS console.",
    )


def not_allowed(cluster: Cluster, what: str) -> ForbiddenError:
    """The role is known and may not do that."""
    return ForbiddenError(
        f"{cluster.name} does not let {cluster.caller} do that: {what}",
        remedy="Give the role's entry in `cluster.eks.access_entries` the policy"
        " AmazonEKSClusterAdminPolicy for the whole cluster, and deploy the cluster's stack.",
    )


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.decode(errors="replace")[:SHOWN]
