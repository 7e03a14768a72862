"""Roles that pods have in AWS, and how long what they get by them lives."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ekp.configured.reading import Resource, document
from ekp.evaluate.iam.policies import listed

from .credential import HOUR

TOKEN_SECONDS = 24 * HOUR
"""So long lives the token of a pod by which it asks for a session.

Source: aws/amazon-eks-pod-identity-webhook, README, token expiration; aws/eks-pod-identity-agent
issue 171.
"""
# What a session of a role lives where its role says nothing. Source: IAM user guide, "Methods to
# assume a role", maximum session duration.
_SESSION = HOUR
# What Pod Identity gives, whatever the role says. Source: external-secrets/external-secrets pull
# request 6595.
_POD_SESSION = 6 * HOUR
_PODS = "pods.eks.amazonaws.com"


def workload(role: Resource) -> str:
    """Return how pods get a role, or nothing where they do not."""
    for one in _statements(role):
        principal = one.get("Principal") or {}
        if not isinstance(principal, Mapping):
            continue
        if "Federated" in principal:
            return "IRSA"
        if _PODS in listed(principal.get("Service", ())):
            return "Pod Identity"
    return ""


def session(role: Resource) -> int:
    """Return how long a session of a role lives, in seconds."""
    if workload(role) == "Pod Identity":
        return _POD_SESSION
    return int(role.body.get("max_session_duration") or _SESSION)


def bound(role: Resource) -> bool:
    """Tell whether a role's trust names the service account."""
    return all(
        any(
            key.endswith((":sub", "/kubernetes-service-account"))
            for key in (one.get("Condition") or {}).get("StringEquals", {})
        )
        for one in _statements(role)
    )


def _statements(role: Resource) -> Iterable[Mapping[str, Any]]:
    try:
        found = document(role.body.get("assume_role_policy")).get("Statement", ())
    except json.JSONDecodeError:
        return ()
    return [found] if isinstance(found, Mapping) else found
