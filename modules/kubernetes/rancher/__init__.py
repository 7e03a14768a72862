"""Rancher: how the hub's clusters, and their tenants, become known to it."""
