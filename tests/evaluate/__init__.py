"""What the objects allow, worked out without a cluster: small objects that a reader can check."""
