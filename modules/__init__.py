"""The library: constructs, Kubernetes objects and shared facts of the platform."""

from .core import bindings

bindings.install()
