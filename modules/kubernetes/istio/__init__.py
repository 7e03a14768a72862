"""Istio's objects: what the mesh asks of every call, and how services are reached in it."""
