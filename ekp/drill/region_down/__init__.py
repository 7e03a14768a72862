"""A region is lost: DNS leaves it, the others carry its users, and what was in it alone is told."""
