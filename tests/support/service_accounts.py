"""Who may assume a role, as its trust policy says."""

from collections.abc import Mapping
from typing import Any

from .synth import Attributes, document


def trusted(role: Attributes) -> str:
    """Return the one service account that an IRSA role trusts, as ``namespace/name``."""
    (statement,) = document(role["assume_role_policy"])["Statement"]
    conditions: Mapping[str, Any] = statement["Condition"]["StringEquals"]
    (subject,) = (value for key, value in conditions.items() if key.endswith(":sub"))
    _, kind, namespace, name = subject.split(":")
    assert kind == "serviceaccount"
    return f"{namespace}/{name}"
