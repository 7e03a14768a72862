"""What a run may be asked for, what may be done to it, and what its plan counts."""

import json
from collections.abc import Mapping
from typing import Any

from .store import Record

WAITS = ("planned", "planned_and_saved")
ENDED = ("applied", "planned_and_finished", "errored", "discarded", "canceled")
SETTINGS: Mapping[str, Any] = {
    "allow-empty-apply": False,
    "auto-apply": False,
    "is-destroy": False,
    "message": "",
    "plan-only": False,
    "refresh": True,
    "refresh-only": False,
    "replace-addrs": None,
    "save-plan": False,
    "target-addrs": None,
    "variables": [],
}


def actions(status: str) -> dict[str, bool]:
    """What may be done to a run."""
    return {
        "is-cancelable": status == "pending",
        "is-confirmable": status in WAITS,
        "is-discardable": status in WAITS,
        "is-force-cancelable": False,
    }


def options(run: Record) -> list[str]:
    """What a run asks of `terraform plan`."""
    asked = run.attributes
    return [
        *(["-destroy"] if asked["is-destroy"] else []),
        *(["-refresh-only"] if asked["refresh-only"] else []),
        *([] if asked["refresh"] else ["-refresh=false"]),
        *(f"-target={one}" for one in asked["target-addrs"] or ()),
        *(f"-replace={one}" for one in asked["replace-addrs"] or ()),
        *(f"-var={one['key']}={_literal(one['value'])}" for one in asked["variables"] or ()),
    ]


def counts(plan: Mapping[str, Any]) -> dict[str, int]:
    """How many resources a plan, as JSON, makes, changes and destroys."""
    changes = [one["change"]["actions"] for one in plan.get("resource_changes", ())]
    return {
        "resource-additions": sum("create" in one for one in changes),
        "resource-changes": sum("update" in one for one in changes),
        "resource-destructions": sum("delete" in one for one in changes),
    }


def _literal(expression: str) -> str:
    """Return a run's variable, an expression, as the option wants it: text without quotes."""
    return str(json.loads(expression)) if expression.startswith('"') else expression
