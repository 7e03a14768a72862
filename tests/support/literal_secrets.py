"""Secrets that stand in a value as they are: what `ekp drill secret-leak` looks for."""

from ekp.evaluate.literal_secrets import secrets

__all__ = ["secrets"]
