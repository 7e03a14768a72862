"""A secret of Secrets Manager whose value a workload writes, and Terraform never sees."""

from dataclasses import dataclass
from typing import Annotated

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct
from pydantic import AfterValidator

from ..core.config import Config
from ..core.context import Context
from ..core.iam import Statement, allow
from .kms import Key, KeyConfig

SHORTEST_RECOVERY = 7
LONGEST_RECOVERY = 30


def _recoverable(days: int) -> int:
    # Source: Secrets Manager API, DeleteSecret; the provider turns 0 into ForceDelete.
    if days and not SHORTEST_RECOVERY <= days <= LONGEST_RECOVERY:
        raise ValueError(
            f"Secrets Manager keeps no deleted secret for {days} days; "
            f"use {SHORTEST_RECOVERY} to {LONGEST_RECOVERY}, or 0 to lose it at once"
        )
    return days


class SecretConfig(Config):
    """Settings of a secret."""

    description: str
    recovery_days: Annotated[int, AfterValidator(_recoverable)] = LONGEST_RECOVERY
    """Days in which a deleted secret can be restored, and its name is taken; 0: gone at once."""


@dataclass(frozen=True, slots=True)
class SecretOutputs:
    """What users of the secret need."""

    name: str
    arn: str
    key_arn: str


class Secret(Construct):
    """The secret ``<prefix>-<name>`` without a value, and a key that encrypts it alone.

    Whoever writes the value is let by :func:`may_put`.
    """

    outputs: SecretOutputs

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, name: str, config: SecretConfig
    ) -> None:
        super().__init__(scope, id_)
        key = Key(self, "key", ctx=ctx, name=name, config=KeyConfig(description=config.description))
        secret = SecretsmanagerSecret(
            self,
            "Resource",
            name=ctx.name(name),
            description=config.description,
            kms_key_id=key.outputs.arn,
            recovery_window_in_days=config.recovery_days,
            tags={"Name": ctx.name(name)},
        )
        self.outputs = SecretOutputs(name=secret.name, arn=secret.arn, key_arn=key.outputs.arn)


def may_put(secret: SecretOutputs) -> tuple[Statement, ...]:
    """Return what lets a workload write the value of one secret, without reading it.

    Source: Secrets Manager API, PutSecretValue: of the key it needs both actions.
    """
    return (
        allow(
            "Secret",
            ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"],
            [secret.arn],
        ),
        allow("SecretKey", ["kms:Decrypt", "kms:GenerateDataKey"], [secret.key_arn]),
    )
