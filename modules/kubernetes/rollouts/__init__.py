"""How a new version of a service takes over, and what stops it."""
