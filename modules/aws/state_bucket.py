"""The bucket that keeps the Terraform state of every environment of an organisation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context, StateConfig
from ..core.iam import Statement, allow_principal
from .bucket import Bucket, BucketConfig

# The backend's `workspace_key_prefix`, which it lists as it is initialised, used or not.
WORKSPACES = "env:/"
ACCESS_LOGS = "state-access-logs"
OBJECT_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
"""What the S3 backend does to a state and to the lock beside it (``use_lockfile``).

Source: Terraform, "Backend Type: s3", "S3 Bucket Permissions".
"""


class StateBucketConfig(Config):
    """Settings of the state bucket; its name, region and key are the environment's ``state``."""

    noncurrent_days: int = Field(default=365, ge=30)
    """Days until a version that was overwritten goes; the state itself never does."""
    access_logs: BucketConfig = Field(default_factory=BucketConfig)
    """The bucket that remembers who used the state bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateUser:
    """Who keeps its state in the bucket: one environment."""

    environment: str
    account_id: str
    partition: str
    deploy_role_arn: str
    administrators: tuple[str, ...]
    """ARNs of the roles that keep the state of the bootstrap stack there."""
    bootstrap_key: str
    """Key of that state."""

    @property
    def root(self) -> str:
        """The account as a principal: a role that is not there yet could be none."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"


def state_bucket(
    scope: Construct,
    id_: str,
    *,
    ctx: Context,
    state: StateConfig,
    config: StateBucketConfig,
    users: Sequence[StateUser],
) -> Bucket:
    """Make the bucket that ``state`` names, closed to all but those who keep their state in it.

    Terraform never destroys it, and no state in it expires. Every version of one is kept for a
    time, and who read or wrote which is written to a bucket of its own.
    """
    bucket = Bucket(
        scope,
        id_,
        ctx=ctx,
        name="state",
        bucket_name=state.bucket,
        config=BucketConfig(retention_days=None),
        key_arn=state.kms_key_arn,
        noncurrent_days=config.noncurrent_days,
        kept=True,
    )
    arn = bucket.outputs.arn
    bucket.admit(*(one for user in users for one in _admitted(arn, user)))
    logs = Bucket(bucket, "access-logs", ctx=ctx, name=ACCESS_LOGS, config=config.access_logs)
    logs.admit(_logs_are_written(ctx, arn, logs.outputs.arn))
    bucket.log_accesses(logs.outputs.name, after=logs.ready)
    return bucket


def _admitted(bucket_arn: str, user: StateUser) -> Iterator[Statement]:
    """Yield what admits an environment: its deploy role to its states, but for the bootstrap's.

    That one is its administrators' alone: it holds the deploy role itself.
    """
    name = user.environment.capitalize()
    every = (
        ("State", (user.deploy_role_arn,), f"{user.environment}/*"),
        ("Bootstrap", user.administrators, f"{user.bootstrap_key}*"),
    )
    for what, callers, keys in every:
        if not callers:
            continue
        who = {"aws:PrincipalArn": list(callers)}
        yield allow_principal(
            f"{name}{what}",
            {"AWS": user.root},
            OBJECT_ACTIONS,
            resources=[f"{bucket_arn}/{keys}"],
            conditions={"ArnEquals": who},
        )
        yield allow_principal(
            f"{name}{what}List",
            {"AWS": user.root},
            ["s3:ListBucket"],
            resources=[bucket_arn],
            conditions={"ArnEquals": who, "StringLike": {"s3:prefix": [WORKSPACES, keys]}},
        )


def _logs_are_written(ctx: Context, bucket_arn: str, logs_arn: str) -> Statement:
    """Let S3 write down who used the bucket.

    Source: S3 user guide, "Enabling Amazon S3 server access logging".
    """
    return allow_principal(
        "AccessesAreWritten",
        {"Service": "logging.s3.amazonaws.com"},
        ["s3:PutObject"],
        resources=[f"{logs_arn}/*"],
        conditions={
            "StringEquals": {"aws:SourceAccount": ctx.account_id},
            "ArnEquals": {"aws:SourceArn": bucket_arn},
        },
    )
