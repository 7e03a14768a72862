"""The roles of a stack, as its Terraform JSON says them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..request import Decision, Unsupported
from .conditions import Context
from .policies import Document, Policy, may

_EXPRESSION = re.compile(r"(\$?)\$\{([^}]*)\}")
_REFERENCE = re.compile(r"\$\{(\w+\.[\w-]+)\.\w+\}")
_ROLE, _INLINE, _MANAGED = "aws_iam_role", "aws_iam_role_policy", "aws_iam_policy"
_ATTACHMENT = "aws_iam_role_policy_attachment"
# What gives roles policies in ways that are not read.
_UNREAD = ("aws_iam_policy_attachment", "aws_iam_role_policies_exclusive")
_UNREAD_FIELDS = ("inline_policy", "managed_policy_arns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role with everything that says what it may do, and who may be it."""

    name: str
    address: str
    """Of its resource in the stack."""
    trust: Policy
    policies: tuple[Policy, ...]
    boundary: Policy | None
    boundary_arn: str | None
    """As the stack writes it; None: the role has no boundary."""
    unknown: tuple[str, ...] = ()
    """ARNs of attached policies whose documents were not given."""

    def may(self, action: str, resource: str, context: Context | None = None) -> Decision:
        """Return whether the role may do something.

        Raises:
            Unsupported: a policy that decides was not given, or cannot be judged.
        """
        if self.unknown:
            raise Unsupported(self.name, self.unknown[0], "the document was not given")
        found = may(self.policies, self.boundary, action, resource, context)
        if found.allowed and self.boundary_arn and self.boundary is None:
            raise Unsupported(self.name, self.boundary_arn, "the document was not given")
        return found


def token(expression: str) -> str:
    """Return what stands in the policies of a stack for what Terraform fills in.

    It is compared to the letter: ``{aws_kms_key.vault.arn}`` is that key's ARN and no other.
    """
    return f"{{{expression}}}"


def roles_of(
    stack: Mapping[str, Any], managed: Mapping[str, Document] | None = None
) -> Mapping[str, Role]:
    """Return the roles of a stack, by their names.

    Args:
        stack: its ``cdk.tf.json``.
        managed: documents of managed policies that other stacks or AWS make, by ARN.

    Raises:
        Unsupported: a policy is not understood.
    """
    resources: Mapping[str, Any] = stack.get("resource", {})
    if unread := [kind for kind in _UNREAD if kind in resources]:
        raise Unsupported("stack", unread[0], "is not understood")
    policies = {
        **{arn: Policy.of(found, arn) for arn, found in (managed or {}).items()},
        **{
            f"{_MANAGED}.{key}": _read(found["policy"], found.get("name", key))
            for key, found in resources.get(_MANAGED, {}).items()
        },
    }
    inline: dict[str, list[Policy]] = {}
    for key, found in resources.get(_INLINE, {}).items():
        owner = _address(found["role"])
        inline.setdefault(owner, []).append(_read(found["policy"], f"{owner} {key}"))
    attached: dict[str, list[str]] = {}
    for found in resources.get(_ATTACHMENT, {}).values():
        attached.setdefault(_address(found["role"]), []).append(_address(found["policy_arn"]))
    roles = (
        _role(f"{_ROLE}.{key}", found, policies, inline, attached)
        for key, found in resources.get(_ROLE, {}).items()
    )
    return {one.name: one for one in roles}


def _role(
    address: str,
    found: Mapping[str, Any],
    policies: Mapping[str, Policy],
    inline: Mapping[str, list[Policy]],
    attached: Mapping[str, list[str]],
) -> Role:
    name = str(found.get("name", address))
    if unread := [one for one in _UNREAD_FIELDS if one in found]:
        raise Unsupported(name, unread[0], "is not understood")
    arns = attached.get(address, [])
    bound = found.get("permissions_boundary")
    return Role(
        name=name,
        address=address,
        trust=_read(found["assume_role_policy"], f"{name} trust"),
        policies=(
            *inline.get(address, ()),
            *(policies[arn] for arn in arns if arn in policies),
        ),
        boundary=policies.get(_address(bound)) if bound else None,
        boundary_arn=bound,
        unknown=tuple(arn for arn in arns if arn not in policies),
    )


def _address(text: str) -> str:
    """Return the address of the resource that an expression names; other text as it is."""
    found = _REFERENCE.fullmatch(text)
    return found[1] if found else text


def _read(text: str, name: str) -> Policy:
    try:
        document = json.loads(_EXPRESSION.sub(_plain, text))
    except ValueError as error:
        raise Unsupported(name, "policy", "is no document that can be read") from error
    if not isinstance(document, Mapping):
        raise Unsupported(name, "policy", "is no document")
    return Policy.of(document, name)


def _plain(found: re.Match[str]) -> str:
    escaped, inside = found.groups()
    # Terraform reads the quotes of an expression before anybody reads JSON.
    return f"${{{inside}}}" if escaped else token(inside.replace('"', "'"))
