"""Upgrades of Kubernetes: which step is legal, what stands in its way, and in which order."""
