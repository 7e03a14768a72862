"""Who may assume a role, by the role's trust policy.

Sources: IAM user guide, "AWS JSON policy elements: Principal"; EKS user guide, "Grant pods access
to AWS resources based on tags".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..request import Decision, Unsupported
from .conditions import Context
from .policies import Policy, Statement, listed

_ASSUME = "sts:AssumeRole"
_KINDS = ("AWS", "Federated", "Service")
_DENIED = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks for a role's credentials."""

    kind: str
    """``AWS``, ``Federated`` or ``Service``, as a principal's."""
    name: str
    actions: tuple[str, ...] = (_ASSUME,)
    """All of them have to be allowed."""
    context: Context = field(default_factory=dict)
    """What AWS itself knows of the request, by condition key."""


def pod(*, cluster_arn: str, namespace: str, service_account: str) -> Caller:
    """Return EKS Pod Identity, as it asks for pods of a service account."""
    tags = {
        "eks-cluster-arn": cluster_arn,
        "eks-cluster-name": cluster_arn.rpartition("/")[2],
        "kubernetes-namespace": namespace,
        "kubernetes-service-account": service_account,
    }
    return Caller(
        kind="Service",
        name="pods.eks.amazonaws.com",
        actions=(_ASSUME, "sts:TagSession"),
        context={f"aws:RequestTag/{key}": value for key, value in tags.items()},
    )


def web_identity(*, provider_arn: str, issuer_host: str, subject: str, audience: str) -> Caller:
    """Return whoever holds a token of an OIDC provider; ``issuer_host`` is without ``https://``."""
    return Caller(
        kind="Federated",
        name=provider_arn,
        actions=("sts:AssumeRoleWithWebIdentity",),
        context={f"{issuer_host}:sub": subject, f"{issuer_host}:aud": audience},
    )


def aws_service(name: str, *, source_account: str | None = None) -> Caller:
    """Return a service of AWS, such as ``ec2.amazonaws.com``, and for whose account it acts."""
    context = {"aws:SourceAccount": source_account} if source_account else {}
    return Caller(kind="Service", name=name, context=context)


def role(arn: str) -> Caller:
    """Return another role (or user) that asks by itself, by its ARN."""
    context = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": _account(arn)}
    return Caller(kind="AWS", name=arn, context=context)


def may_assume(trust: Policy, caller: Caller, context: Context | None = None) -> Decision:
    """Return whether a trust policy lets somebody have the role's credentials.

    A caller that is a role also needs a policy of its own that allows it, unless the trust policy
    of its own account names it.

    Args:
        trust: the role's.
        caller: who asks.
        context: more of the request, by condition key.

    Raises:
        Unsupported: a principal or a condition cannot be judged.
    """
    known = {k.lower(): v for k, v in {**caller.context, **(context or {})}.items()}
    decisions = [_decided(trust, caller, action, known) for action in caller.actions]
    return next((one for one in decisions if not one.allowed), decisions[0])


def _decided(trust: Policy, caller: Caller, action: str, context: Context) -> Decision:
    allowed = None
    for one in trust.about(action):
        if not (_names(one, caller) and one.holds(context)):
            continue
        if not one.allows:
            return Decision(False, one.name, f"denies {action} to {caller.name}", _DENIED)
        allowed = one
    if allowed is None:
        why = f"nothing allows {action} to {caller.name}"
        return Decision(False, trust.name, why, _DENIED)
    return Decision(True, allowed.name, f"allows {action} to {caller.name}")


def _names(statement: Statement, caller: Caller) -> bool:
    found = statement.principal
    if found == "*":
        return True
    if not isinstance(found, Mapping) or not found or set(found) - set(_KINDS):
        raise Unsupported(statement.name, "Principal", f"{found!r} is not understood")
    return any(_is(statement, name, caller) for name in listed(found.get(caller.kind, ())))


def _is(statement: Statement, name: str, caller: Caller) -> bool:
    if name == "*" and caller.kind == "AWS":
        return True
    if "*" in name or "?" in name:
        raise Unsupported(statement.name, "Principal", f"{name!r}: IAM takes no part of a name")
    if caller.kind != "AWS":
        return name == caller.name
    account = _account(name) if name.endswith(":root") else name
    return caller.name == name or _account(caller.name) == account


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""  # noqa: PLR2004 - where ARNs have the account
