"""A cluster's API: reached, probed and drained, against a double on loopback."""
