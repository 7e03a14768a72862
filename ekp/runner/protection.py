"""What AWS refuses to destroy: found before anything else of an environment is gone."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from . import imports, state
from .across import PARALLELISM
from .errors import RunnerError, TerraformFailedError
from .run import Run
from .stacks import Stack

# Type -> the attribute that keeps a resource, and its value. A load balancer answers
# OperationNotPermitted, a bucket that holds something BucketNotEmpty.
KEEPING: Mapping[str, tuple[str, Any]] = {
    "aws_lb": ("enable_deletion_protection", True),
    "aws_s3_bucket": ("force_destroy", False),
}


class ProtectedError(RunnerError):
    """Resources are protected from being destroyed."""


def check(run: Run, stacks: Iterable[Stack]) -> None:
    """Look through the states for what AWS would keep.

    Raises:
        ProtectedError: there is some; it names each.
    """
    with ThreadPoolExecutor(PARALLELISM) as pool:
        kept = [
            line for lines in pool.map(lambda one: list(_kept(run, one)), stacks) for line in lines
        ]
    if kept:
        raise ProtectedError(
            "Nothing was destroyed: these are protected.\n" + "\n".join(kept),
            remedy="Set deletion_protection = False and force_destroy = True (what a bucket holds"
            " is lost) in the settings, deploy them, then destroy again.",
        )


def _kept(run: Run, stack: Stack) -> Iterator[str]:
    # A state that cannot be read is reported by the stack's own destroy.
    with suppress(TerraformFailedError):
        found = state.pull(run, stack)
        for address, attributes in (found.resources if found else {}).items():
            attribute, value = KEEPING.get(imports.kind_of(address), ("", None))
            if attribute and attributes.get(attribute) is value:
                path = stack.construct_path(address) or address
                yield f"  {path}: {attribute} is {str(value).lower()}"
