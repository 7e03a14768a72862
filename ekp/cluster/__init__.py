"""A cluster's Kubernetes API: reached before a deploy, drained before a destroy."""
