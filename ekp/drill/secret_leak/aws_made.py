"""Credentials that AWS takes as a proof: users' keys, sessions of roles, kept secrets, keys."""

from collections.abc import Iterator

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, every

from .aws import asymmetric
from .aws_roles import TOKEN_SECONDS, session, workload
from .credential import Credential, lasting


def credentials(configured: Configured) -> Iterator[Credential]:
    """Yield what AWS takes as a proof, and what protects what it keeps."""
    for one in every(configured.stacks, "aws_iam_user"):
        yield _by_hand(
            "access key of an IAM user",
            one,
            str(one.body.get("name")),
            "people: delete it, make and seal a new one",
        )
    for one in every(configured.stacks, "aws_iam_role"):
        if kind := workload(one):
            yield Credential(
                kind=f"session of a workload's role, by {kind}",
                name=str(one.body.get("name")),
                region=one.stack.region,
                seconds=session(one),
                ends=f"AWS STS; the pod's token that asks for more lives {lasting(TOKEN_SECONDS)}",
                by=one.path,
            )
    for one in every(configured.stacks, "aws_secretsmanager_secret"):
        if not _rotated(configured, one):
            yield _by_hand(
                "secret in Secrets Manager",
                one,
                str(one.body.get("name")),
                "people, by the runbook",
            )
    for one in every(configured.stacks, "aws_kms_key"):
        name = str(one.body.get("description", ""))
        if asymmetric(one):
            yield _by_hand("asymmetric KMS key", one, name, "people: a new key, then its use")


def _rotated(configured: Configured, secret: Resource) -> bool:
    rotations = every([secret.stack], "aws_secretsmanager_secret_rotation")
    return any(
        configured.reader.referred(secret.stack, one.body.get("secret_id")) == secret
        for one in rotations
    )


def _by_hand(kind: str, one: Resource, name: str, ends: str) -> Credential:
    return Credential(
        kind=kind, name=name, region=one.stack.region, seconds=None, ends=ends, by=one.path
    )
