"""What the hub's Argo CD is told: what a namespace may hold, and how it gets into each cluster."""

NAMESPACE = "argocd"
"""Where the hub's Argo CD looks for its own objects."""
API_VERSION = "argoproj.io/v1alpha1"


def name(environment: str, namespace: str) -> str:
    """Return the name that a namespace's project and application set share."""
    return f"{environment}-{namespace}"
