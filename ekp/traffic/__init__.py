"""Who serves what: the way from a public host to a region's targets, read from the stacks."""
