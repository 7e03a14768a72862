"""Roles that service accounts of releases carry, and whom those roles trust."""

from collections.abc import Iterator, Mapping
from typing import Any

from .release_rules import Installed, installed
from .synth import Synth, document

ROLE = "eks.amazonaws.com/role-arn"


def strange_roles(plan: Synth, defaults: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return role annotations whose role is not this stack's, or trusts somebody else.

    ``defaults`` are the charts' own values by chart name: who is not told a service account's name
    takes the chart's, or else that of the release.
    """
    resources = plan.resources()
    wrong = []
    for release in installed(plan):
        for arn, name, place in _annotated(release, defaults.get(release.chart or "", {})):
            address = arn.removeprefix("${").removesuffix(".arn}")
            role = resources.get(address)
            who = f"system:serviceaccount:{place}:{name}"
            if role is None:
                wrong.append(f"{release.label}: {arn} is no role of this stack")
            elif who not in _trusted(role):
                wrong.append(f"{release.label}: {address} trusts {_trusted(role)}, not {who}")
    return wrong


def _annotated(release: Installed, defaults: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the role, the name and the namespace of each service account with a role."""
    for made in release.objects:
        annotations = made["metadata"].get("annotations", {})
        if ROLE in annotations:
            yield annotations[ROLE], made["metadata"]["name"], made["metadata"]["namespace"]
    if release.chart:
        for arn, account, default in _accounts(release.values, defaults):
            name = account.get("name") or default.get("name") or release.body["name"]
            yield arn, name, release.namespace


def _accounts(
    value: Any, default: Any
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    if not isinstance(value, dict):
        return
    known = default if isinstance(default, dict) else {}
    annotations = value.get("annotations")
    if isinstance(annotations, dict) and ROLE in annotations:
        yield annotations[ROLE], value, known
    for key, entry in value.items():
        yield from _accounts(entry, known.get(key))


def _trusted(role: Mapping[str, Any]) -> list[str]:
    """Return the service accounts that a role trusts, as IAM's condition writes them."""
    return [
        subject
        for statement in document(role["assume_role_policy"])["Statement"]
        for key, subject in statement.get("Condition", {}).get("StringEquals", {}).items()
        if key.endswith(":sub")
    ]
