"""What must hold of AWS's own credentials, and of what keeps all others."""

from collections.abc import Iterator, Mapping
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, every
from ekp.drill.report import Check, holds, skipped
from ekp.evaluate.iam.policies import listed
from ekp.gate.reports.wording import number

from .aws_roles import bound, session, workload
from .credential import lasting

KEY_DAYS = 365
"""So often AWS KMS makes new material for a key, at least."""
_LASTING = (
    "aws_iam_access_key",
    "aws_iam_service_specific_credential",
    "aws_iam_signing_certificate",
)
_RIGHTS = (
    "aws_iam_user_policy",
    "aws_iam_user_policy_attachment",
    "aws_iam_user_policies_exclusive",
    "aws_iam_user_policy_attachments_exclusive",
    "aws_iam_user_group_membership",
    "aws_iam_group_membership",
    "aws_iam_policy_attachment",
)
_SYMMETRIC = "SYMMETRIC_DEFAULT"


def checks(configured: Configured) -> Iterator[Check]:
    """Yield what must hold of AWS's own credentials."""
    yield _no_keys(configured)
    yield _workloads(configured)
    yield _keys(configured)
    yield _states(configured)
    yield _etcd(configured)


def _no_keys(configured: Configured) -> Check:
    stacks = configured.stacks
    keys = [one for kind in _LASTING for one in every(stacks, kind)]
    users = every(stacks, "aws_iam_user")
    able = [one for one in users if _rights(configured, one)]
    bad = [one.path for one in (*keys, *able)]
    names = ", ".join(str(one.body.get("name")) for one in users) or "none"
    return holds(
        not bad,
        "Nothing has a long-lived key of AWS: the stacks make no access key, and an IAM user may "
        "do nothing but become a role.",
        f"{number(len(keys), 'access key')} and {number(len(users), 'IAM user')} in "
        f"{number(len(stacks), 'stack')} ({names}); users with rights of their own: {len(able)}.",
        bad or [one.path for one in users],
        remedy="Give a workload a role (`grants` of the service in the tenant's file) and take the "
        "key away.",
    )


def _rights(configured: Configured, user: Resource) -> bool:
    return any(
        _names(configured, one, text, user)
        for kind in _RIGHTS
        for one in every(configured.stacks, kind)
        for key in ("user", "users", "user_name")
        for text in listed(one.body.get(key) or ())
    )


def _names(configured: Configured, one: Resource, text: object, user: Resource) -> bool:
    """Tell whether an argument leads to a user, by a reference or by its name."""
    found = configured.reader.referred(one.stack, text)
    return found == user if found else text == user.body.get("name")


def _workloads(configured: Configured) -> Check:
    must = (
        "Pods have sessions of AWS roles that end by themselves, each for one service account: by "
        "IRSA or Pod Identity."
    )
    roles = [one for one in every(configured.stacks, "aws_iam_role") if workload(one)]
    if not roles:
        return skipped(must, "No pod has a role of AWS.", remedy="Nothing to do.")
    bad = [one.path for one in roles if not bound(one)]
    pods = sum(workload(one) == "Pod Identity" for one in roles)
    longest = max(map(session, roles))
    return holds(
        not bad,
        must,
        f"{len(roles) - pods} roles by IRSA and {pods} by Pod Identity; sessions of at most "
        f"{lasting(longest)}; {len(bad)} name no service account.",
        bad or [one.path for one in roles],
        remedy="The role's trust names service account and cluster: `modules/core/iam.py`.",
    )


def _keys(configured: Configured) -> Check:
    must = f"Symmetric KMS keys get new material every {KEY_DAYS} days or sooner, by AWS KMS."
    keys = every(configured.stacks, "aws_kms_key")
    if not keys:
        return skipped(must, "There is no KMS key.", remedy="Nothing to do.")
    turning = [one for one in keys if not asymmetric(one)]
    bad = [
        one.path
        for one in turning
        if one.body.get("enable_key_rotation") is not True
        or int(one.body.get("rotation_period_in_days") or KEY_DAYS) > KEY_DAYS
    ]
    other = len(keys) - len(turning)
    more = f"; {other} asymmetric, which KMS does not rotate: by hand" if other else ""
    return holds(
        not bad,
        must,
        f"{len(turning) - len(bad)} of {len(turning)} symmetric keys{more}.",
        bad or [one.path for one in turning],
        remedy="Set enable_key_rotation of the key: `modules/aws/kms.py`.",
    )


def _states(configured: Configured) -> Check:
    bad = [stack.id for stack in configured.stacks if not _encrypted(*stack.backend)]
    kinds = sorted({stack.backend[0] for stack in configured.stacks})
    return holds(
        not bad,
        "States, which hold the header's two values, are encrypted where they are kept.",
        f"{len(configured.stacks) - len(bad)} of {len(configured.stacks)} states, kept by "
        f"{', '.join(kinds)}.",
        [f"{id_} terraform.backend" for id_ in bad or [one.id for one in configured.stacks]],
        remedy="`StateConfig` of the environment: a bucket with encrypt, or HCP Terraform.",
    )


def _encrypted(kind: str, settings: Mapping[str, Any]) -> bool:
    # HCP Terraform encrypts states. Source: HCP Terraform documentation, "Security model".
    return kind in ("cloud", "remote") or (kind == "s3" and settings.get("encrypt") is True)


def _etcd(configured: Configured) -> Check:
    must = "Kubernetes Secrets are encrypted in etcd by a KMS key of the cluster's own."
    clusters = every(configured.stacks, "aws_eks_cluster")
    if not clusters:
        return skipped(must, "There is no cluster.", remedy="Nothing to do.")
    bad = [
        one.path
        for one in clusters
        if "secrets" not in ((one.body.get("encryption_config") or {}).get("resources") or ())
    ]
    return holds(
        not bad,
        must,
        f"{len(clusters) - len(bad)} of {len(clusters)} clusters.",
        bad or [one.path for one in clusters],
        remedy="Set encryption_config of the cluster: `modules/aws/eks.py`.",
    )


def asymmetric(key: Resource) -> bool:
    """Tell whether a KMS key has a public half, for which AWS KMS makes no new material."""
    return str(key.body.get("customer_master_key_spec", _SYMMETRIC)) != _SYMMETRIC
