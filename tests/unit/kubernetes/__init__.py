"""Kubernetes objects as values: no bindings, no Node."""
