"""Drills: what is broken, what must happen then, and what is observed of the configuration."""
