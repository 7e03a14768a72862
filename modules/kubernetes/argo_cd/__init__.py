"""What the hub's Argo CD is told: what a tenant may bring, and how it gets into each cluster."""

NAMESPACE = "argocd"
"""Where the hub's Argo CD looks for its own objects."""
API_VERSION = "argoproj.io/v1alpha1"


def name(environment: str, of: str) -> str:
    """Return the name of a tenant's project, or of a namespace's application set."""
    return f"{environment}-{of}"
