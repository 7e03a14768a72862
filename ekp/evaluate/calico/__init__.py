"""What Calico lets through between two ends of a connection, worked out from policies alone."""
