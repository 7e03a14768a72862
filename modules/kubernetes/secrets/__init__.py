"""Secrets of services: brought from Vault by the Vault Secrets Operator, and mounted as files."""

from .guardrails import vault_guardrails
from .synced import synced_secrets

__all__ = ["synced_secrets", "vault_guardrails"]
