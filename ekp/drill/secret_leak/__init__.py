"""A secret got out: what it opens, how long, and whether replacing it refuses anybody."""
