"""Who issues a certificate, as cert-manager's objects name it."""


def issued_by(cluster_issuer: str) -> dict[str, str]:
    """Return a Certificate's ``issuerRef`` to a ClusterIssuer."""
    return {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": cluster_issuer}
