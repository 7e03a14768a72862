"""EKP_STATE_1: the state of a stack is encrypted, and nobody writes it while another does.

It holds every value that Terraform knows, secrets too.
"""

from collections.abc import Mapping
from typing import Any

from policies.checks import Entity, Everything, is_true, stack_check
from policies.links import blocks

# HCP Terraform encrypts and locks every state. Source: its security model, "Data Security".
HOSTED = ("cloud", "remote")


@stack_check(
    "EKP_STATE_1",
    "Ensure the state is kept encrypted and locked, in S3 or in HCP Terraform",
    "stack",
)
def state_is_encrypted(stack: Entity, _: Everything) -> bool:
    """Fail for a state on a disk, which is where Terraform keeps it unless told otherwise."""
    settings = blocks(stack.body.get("terraform"))
    places = [place for one in settings for place in blocks(one.get("backend"))]
    places += [{"cloud": one["cloud"]} for one in settings if "cloud" in one]
    kept = [(kind, how) for place in places for kind, how in place.items()]
    return len(kept) == 1 and all(_safe(kind, how) for kind, how in kept)


def _safe(kind: str, how: Any) -> bool:
    if kind in HOSTED:
        return True
    return kind == "s3" and any(_encrypted_and_locked(one) for one in blocks(how))


def _encrypted_and_locked(settings: Mapping[str, Any]) -> bool:
    locked = is_true(settings.get("use_lockfile")) or bool(settings.get("dynamodb_table"))
    return is_true(settings.get("encrypt")) and locked
