"""How a layer that puts objects into a cluster gets there."""

from dataclasses import asdict
from typing import Any

from ..aws.eks import EksOutputs
from ..core.layer import Layer
from ..kubernetes.providers import helm_provider
from .cluster import ClusterStack


def signed_in(layer: Layer[Any], cluster: ClusterStack) -> EksOutputs:
    """Read the cluster's contract inside the layer, and make its helm provider from it."""
    found = EksOutputs(**asdict(cluster.read_by(layer)))
    helm_provider(
        layer,
        ctx=layer.ctx,
        cluster_name=found.cluster_name,
        endpoint=found.endpoint,
        certificate_authority=found.certificate_authority,
    )
    return found
