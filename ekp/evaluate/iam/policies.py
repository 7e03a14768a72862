"""Policies, and what they let a role do together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from ..request import Decision, Unsupported
from .conditions import Absent, Condition, Context, conditions
from .matching import Matches, matcher

Document = Mapping[str, Any]
"""A policy document as its JSON says it."""
_VERSION = "2012-10-17"
_ELEMENTS = {"Sid", "Effect", "Principal", "Condition"} | {
    f"{no}{element}" for no in ("", "Not") for element in ("Action", "Resource")
}
_DENIED = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy."""

    name: str
    allows: bool
    acts: Matches
    """Whether it speaks of an action, in small letters."""
    reaches: Matches | None
    """Whether it speaks of a resource; None: of the one that the policy belongs to."""
    principal: Any
    conditions: tuple[Condition | Absent, ...]

    def holds(self, context: Context) -> bool:
        """Return whether a request meets its conditions; keys of ``context`` in small letters."""
        return all(one.holds(context) for one in self.conditions)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that is read; made by ``Policy.of``."""

    name: str
    """What messages call it."""
    statements: tuple[Statement, ...]
    _by_action: dict[str, tuple[Statement, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, document: Document, name: str = "policy") -> Self:
        """Return the policy of a document.

        Raises:
            Unsupported: something in it is not understood.
        """
        if document.get("Version") != _VERSION:
            found = document.get("Version")
            raise Unsupported(name, "Version", f"{found!r} is not {_VERSION}")
        written = document.get("Statement") or []
        every = [written] if isinstance(written, Mapping) else written
        return cls(name, tuple(_statement(each, f"{name} [{n}]") for n, each in enumerate(every)))

    def about(self, action: str) -> tuple[Statement, ...]:
        """Return the statements that speak of an action."""
        found = self._by_action.get(action)
        if found is None:
            found = tuple(one for one in self.statements if one.acts(action))
            self._by_action[action] = found
        return found


def may(
    policies: Sequence[Policy],
    boundary: Policy | None,
    action: str,
    resource: str,
    context: Context | None = None,
) -> Decision:
    """Return whether a role may do something to a resource of its account.

    A statement that denies wins over all that allow, and a boundary has to allow what a policy
    allows. Policies of resources, of sessions and of the organisation are not asked.

    Args:
        policies: of the role.
        boundary: its permissions boundary; None: it has none.
        action: such as ``s3:GetObject``.
        resource: its ARN; ``*`` for an action on none.
        context: of the request, by condition key.

    Raises:
        Unsupported: a statement names no resource, or a condition cannot be judged.
    """
    known = {key.lower(): value for key, value in (context or {}).items()}
    allowed = None
    for policy in policies:
        found = _verdict(policy, action, resource, known)
        if found and not found.allows:
            return _denied(found, action, resource)
        allowed = allowed or found
    capped = None
    if boundary is not None:
        capped = _verdict(boundary, action, resource, known)
        if capped and not capped.allows:
            return _denied(capped, action, resource)
    if allowed is None:
        return Decision(False, "no policy", f"nothing allows {action} on {resource}", _DENIED)
    if boundary is not None and capped is None:
        why = f"{allowed.name} allows {action} on {resource}, the boundary does not"
        return Decision(False, boundary.name, why, _DENIED)
    return Decision(True, allowed.name, f"allows {action} on {resource}")


def _verdict(policy: Policy, action: str, resource: str, context: Context) -> Statement | None:
    """Return the statement that decides in one policy; None: none speaks of the request."""
    decides = None
    for one in policy.about(action):
        if one.reaches is None:
            raise Unsupported(one.name, "Resource", "is missing")
        # One that denies takes the place of one that allows, and keeps it.
        if decides and one.allows:
            continue
        if one.reaches(resource) and one.holds(context):
            decides = one
    return decides


def _denied(by: Statement, action: str, resource: str) -> Decision:
    return Decision(False, by.name, f"denies {action} on {resource}", _DENIED)


def _statement(written: Mapping[str, Any], name: str) -> Statement:
    if unknown := sorted(set(written) - _ELEMENTS):
        raise Unsupported(name, unknown[0], "is not understood")
    if (effect := written.get("Effect")) not in ("Allow", "Deny"):
        raise Unsupported(name, "Effect", f"{effect!r} is neither Allow nor Deny")
    acts = _element(written, "Action", name, fold=True)
    if acts is None:
        raise Unsupported(name, "Action", "is missing")
    return Statement(
        name=f"{name} {written['Sid']}" if written.get("Sid") else name,
        allows=effect == "Allow",
        acts=acts,
        reaches=_element(written, "Resource", name),
        principal=written.get("Principal"),
        conditions=conditions(written.get("Condition") or {}, name),
    )


def _element(
    written: Mapping[str, Any], key: str, name: str, *, fold: bool = False
) -> Matches | None:
    if key in written and f"Not{key}" in written:
        raise Unsupported(name, key, f"stands beside Not{key}")
    if key in written:
        return matcher(listed(written[key]), name, key, fold=fold)
    if f"Not{key}" in written:
        excluded = matcher(listed(written[f"Not{key}"]), name, f"Not{key}", fold=fold)
        return lambda text: not excluded(text)
    return None


def listed(value: Any) -> list[str]:
    """Return one or several texts as a list."""
    return [value] if isinstance(value, str) else list(value)
