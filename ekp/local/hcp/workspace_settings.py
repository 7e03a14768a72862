"""What a workspace of the served HCP Terraform may be set to."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .documents import invalid
from .store import Record, Store

NAME = re.compile(r"[A-Za-z0-9_-]{1,90}")
MODES = ("remote", "local", "agent")
SETTABLE: Mapping[str, Any] = {
    "allow-destroy-plan": True,
    "assessments-enabled": False,
    "auto-apply": False,
    "auto-apply-run-trigger": False,
    "description": None,
    "execution-mode": "remote",
    "file-triggers-enabled": True,
    "global-remote-state": False,
    "queue-all-runs": False,
    "source-name": None,
    "source-url": None,
    "speculative-enabled": True,
    "structured-run-output-enabled": True,
    "terraform-version": "1.14.0",
    "trigger-patterns": [],
    "trigger-prefixes": [],
    "working-directory": "",
}
PERMITTED = (
    "can-create-state-versions",
    "can-destroy",
    "can-force-unlock",
    "can-lock",
    "can-queue-apply",
    "can-queue-destroy",
    "can-queue-run",
    "can-read-settings",
    "can-read-state-versions",
    "can-read-variable",
    "can-unlock",
    "can-update",
    "can-update-variable",
)


def checked(
    wanted: Mapping[str, Any], own: Record | None, others: Iterable[Record]
) -> dict[str, Any]:
    """Check the attributes that a request wants a workspace (``own``, if there is one) to have."""
    changed = {key: value for key, value in wanted.items() if key in {"name", *SETTABLE}}
    if "name" in changed:
        name = changed["name"]
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise invalid("name", "can only include letters, numbers, -, and _")
        if any(each.attributes["name"] == name for each in others if each is not own):
            raise invalid("name", "has already been taken")
    if "execution-mode" in wanted and "operations" in wanted:
        raise invalid("operations", "must not be specified together with execution-mode")
    if changed.get("execution-mode", "remote") not in MODES:
        raise invalid("execution-mode", "must be one of: remote, local, agent")
    for key, default in SETTABLE.items():
        if isinstance(default, bool) and not isinstance(changed.get(key, default), bool):
            raise invalid(key, "must be true or false")
    return changed


def pool(store: Store, organization: Record, wanted: Mapping[str, Any], mode: str) -> Record | None:
    """Find the agent pool that a request names; it goes with the mode ``agent`` alone."""
    id_ = wanted.get("agent-pool-id")
    if mode != "agent":
        if id_ is not None:
            raise invalid("agent-pool-id", "must be blank unless execution mode is agent")
        return None
    found = store.get("agent-pools", str(id_)) if id_ else None
    if found is None or found.one("organization") is not organization:
        raise invalid("agent-pool-id", "must be an agent pool of the organization")
    return found
