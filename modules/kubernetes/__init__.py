"""Kubernetes objects as values, and the constructs that bring them and charts into a cluster."""
