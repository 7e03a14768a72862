"""What the policies on pods have in common: the parts of the mesh in a pod."""

from .policy import Kinds

PROXY = "istio-proxy"
VALIDATION = "istio-validation"
INIT = "istio-init"
"""The plugin on nodes takes a pod with a container of this name for one that is set up already."""
PROXY_ID = 1337
"""User and group of the proxy, whose own calls are not led into it."""
PODS = Kinds(group="", version="v1", resources=("pods", "pods/ephemeralcontainers"))
METADATA = {
    "labels": "has(object.metadata.labels) ? object.metadata.labels : {}",
    "annotations": "has(object.metadata.annotations) ? object.metadata.annotations : {}",
}
"""Variables by which a pod without labels or annotations is read too."""
