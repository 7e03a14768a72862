"""A new version that fails: what measures it, when it is sent away, and how many met it."""
