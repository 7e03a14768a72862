"""Checks of our own for checkov, one a file, each named for what it makes certain."""
