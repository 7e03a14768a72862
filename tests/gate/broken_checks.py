"""What is done to checkov in processes of its own, by tests of what the gate makes of it.

Each function is named to the process by its module, so that it finds it again.
"""

import os
import sys
from typing import Any

from ekp.gate import scan
from ekp.gate.scan import Framework, Result

DAY = "2026-11-21"
OBJECT = b'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s", "namespace": "x"}}'


def prepare() -> None:
    """Load checkov with a check that does what an object's name says."""
    scan.prepare(DAY)
    from policies.checks import Entity, Everything, cluster_check  # noqa: PLC0415 - needs checkov

    @cluster_check("EKP_TEST_1", "Ensure nothing", "ConfigMap")
    def check(one: Entity, _: Everything) -> bool:
        if one.name == "raises":
            raise RuntimeError("no such field")
        if one.name == "exits":
            sys.exit(0)
        return one.name != "fails"


def die(*_: Any) -> None:
    """Take the place of ``scan.prepare``: the process is killed in mid-scan."""
    scan._unprepared = ""  # noqa: SLF001 - it is prepared for that
    scan._run = lambda *_: os._exit(9)  # noqa: SLF001 - as above


def scan_without_a_policy(*_: Any) -> Result:
    """Scan in a process in which a policy of ours has a mistake in its first line."""
    original = scan._policies  # noqa: SLF001 - there is no such policy in the repository

    def broken() -> None:
        raise SyntaxError("invalid syntax (own_policy.py, line 1)")

    scan._policies = broken  # noqa: SLF001 - as above
    try:
        scan.prepare(DAY)
        return scan.scan(Framework.KUBERNETES, {"0.json": OBJECT % b"passes"})
    finally:
        scan._policies = original  # noqa: SLF001 - as above
        scan.prepare(DAY)
