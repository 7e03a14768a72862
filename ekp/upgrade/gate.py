"""Whether the policy gate lets a Kubernetes minor pass: checkov has a list of its own."""

from collections.abc import Collection
from datetime import date
from pathlib import Path

from ekp.gate import exceptions
from ekp.gate.findings import Finding as GateFinding
from ekp.gate.findings import Seen, Severity, Subject

from .cluster import Cluster
from .findings import Finding, Weight

CHECK = "CKV_AWS_339"


def known_minors() -> Collection[str] | None:
    """Return the minors that checkov's check lets pass; None: checkov is not installed here."""
    try:
        # Loading checkov takes a second, and it is an extra.
        from checkov.terraform.checks.resource.aws import (  # noqa: PLC0415 - as said above
            EKSPlatformVersion,
        )
    except ImportError:
        return None
    return [str(minor) for minor in EKSPlatformVersion.check.get_expected_values()]


def gate_finding(
    cluster: Cluster, target: str, *, known: Collection[str] | None, file: Path, today: date
) -> Finding | None:
    """Return why the gate would stop the deploy of a minor; None: it would not, or who knows.

    Args:
        cluster: what is upgraded.
        target: the minor.
        known: what checkov lets pass; None: nobody asked it.
        file: the exceptions of the gate.
        today: the day for which these must hold.

    Raises:
        GateError: the exceptions cannot be read.
    """
    if known is None or target in known:
        return None
    stack = f"{cluster.environment}-{cluster.region}-cluster"
    path = f"{stack}/eks/Resource"
    subject = Subject(path, cluster.environment, cluster.region, "cluster", stack, "")
    here = GateFinding(CHECK, "", Severity.MEDIUM, subject, (Seen.SYNTHESIZED,))
    if exceptions.explain([here], exceptions.load(file), today)[0].exemption:
        return None
    return Finding(
        Weight.WARNS,
        f"policy gate, {CHECK}",
        f"The pinned checkov knows minors up to {max(known)}: the gate would stop the deploy.",
        "checkov, EKSPlatformVersion",
        f"Pin a newer checkov, or enter {CHECK} at {path} in policies/exceptions.yaml.",
    )
