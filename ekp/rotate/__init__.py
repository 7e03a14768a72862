"""Rotating secrets of the way in, in moves between which no request is refused."""
