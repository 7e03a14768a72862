"""What the platform's own Kubernetes objects allow, worked out from the objects alone."""
