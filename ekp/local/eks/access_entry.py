"""Access entries, which let IAM principals into a cluster."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.eks.exceptions import InvalidParameterException

RESERVED_PREFIXES = ("system:", "eks:", "aws:", "amazon:", "iam:")


@dataclass
class AssociatedAccessPolicy:
    """One access policy of an entry, with its scope."""

    policy_arn: str
    access_scope: dict[str, Any]
    associated_at: datetime = field(default_factory=utcnow)
    modified_at: datetime = field(default_factory=utcnow)


@dataclass
class AccessEntry:
    """One principal that a cluster admits."""

    cluster_name: str
    principal_arn: str
    arn: str
    type: str
    username: str
    kubernetes_groups: list[str]
    tags: dict[str, str]
    created_at: datetime = field(default_factory=utcnow)
    modified_at: datetime = field(default_factory=utcnow)
    policies: dict[str, AssociatedAccessPolicy] = field(default_factory=dict)


def check_names(groups: list[str] | None, username: str | None) -> None:
    """Refuse names that Kubernetes and AWS keep for themselves."""
    for group in groups or []:
        if group.startswith("system:"):
            raise InvalidParameterException(
                message=f"The kubernetes group name {group} is invalid, "
                "it cannot start with system:"
            )
    if username and username.startswith(RESERVED_PREFIXES):
        raise InvalidParameterException(
            message=f"The username {username} cannot start with one of {RESERVED_PREFIXES}"
        )
