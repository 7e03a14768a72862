"""Where a cluster's metrics are asked for."""

PROMETHEUS = "http://kube-prometheus-stack-prometheus.observability.svc:9090"
"""The same in every cluster: the release's name and its namespace make it."""
