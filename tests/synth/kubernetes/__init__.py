"""Helm releases and bundles of objects, as a stack emits them."""
