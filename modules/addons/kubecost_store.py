"""The bucket of the hub in which the clusters of all accounts keep what Kubecost finds out."""

from collections.abc import Sequence
from dataclasses import replace

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.access_logs import AccessLogsOutputs
from ..aws.bucket import (
    Bucket,
    BucketConfig,
    BucketOutputs,
    bucket_arn,
    may_keep_objects,
    used_for,
)
from ..aws.kms import Key, KeyConfig
from ..core.config import Config
from ..core.context import AccountId, Context, Region, RoleArn
from ..core.iam import Conditions, Statement, allow_principal
from ..kubernetes.yaml_document import to_yaml

NAME = "kubecost"


class KubecostStoreLocation(Config):
    """Where the hub's store is, as the agents of other clusters are told."""

    bucket: str
    """``<prefix of the hub>-<account id of the hub>-kubecost``."""
    region: Region
    """The hub's region, which has the bucket."""
    account_id: AccountId
    """The hub's account, which has the key of the bucket."""


class KubecostStoreConfig(Config):
    """Settings of the store, in the hub's account."""

    bucket: BucketConfig = BucketConfig(retention_days=None)
    """Costs of past months are read again whenever the aggregator's database is made anew."""
    writer_role_arns: tuple[RoleArn, ...] = ()
    """Roles of the agents of other accounts, ``<prefix>-kubecost-agent`` of each cluster."""


class KubecostStore(Construct):
    """The bucket ``<prefix>-<account id>-kubecost`` and its key, open to the roles that are named.

    Who used it stands in ``access_logs``.
    """

    outputs: BucketOutputs
    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: KubecostStoreConfig,
        access_logs: AccessLogsOutputs,
    ) -> None:
        super().__init__(scope, id_)
        key = Key(
            self,
            "key",
            ctx=ctx,
            name=NAME,
            config=KeyConfig(description=f"Costs of all clusters, of {ctx.prefix}"),
            statements=_key_users(bucket_arn(ctx, NAME), config.writer_role_arns),
        )
        bucket = Bucket(
            self, "bucket", ctx=ctx, name=NAME, config=config.bucket, key_arn=key.outputs.arn
        )
        bucket.admit(*_writers(bucket.outputs, config.writer_role_arns))
        bucket.log_accesses(access_logs.bucket_name, after=access_logs.ready)
        self.outputs = bucket.outputs
        self.ready = bucket.ready


def _writers(bucket: BucketOutputs, role_arns: Sequence[str]) -> list[Statement]:
    """Return what the bucket's policy allows roles of other accounts: what their own policy does.

    S3 refuses a policy that names a role which is not there yet, so it names the accounts and, as a
    condition, the roles. Source: IAM user guide, "Policy evaluation", ``aws:PrincipalArn``.
    """
    if not role_arns:
        return []
    return [
        allow_principal(
            own["Sid"],
            _accounts(role_arns),
            own["Action"],
            resources=own["Resource"],
            conditions=_named(role_arns),
        )
        for own in may_keep_objects(replace(bucket, key_arn=None), sid="Agents")
    ]


def _key_users(arn: str, role_arns: Sequence[str]) -> list[Statement]:
    """Return what the key's policy allows the same roles: the bucket's objects, nothing else."""
    if not role_arns:
        return []
    return [
        allow_principal(
            "Agents",
            _accounts(role_arns),
            ["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],
            conditions={**_named(role_arns), **used_for(arn)},
        )
    ]


def _accounts(role_arns: Sequence[str]) -> dict[str, list[str]]:
    return {"AWS": sorted({arn.split(":")[4] for arn in role_arns})}


def _named(role_arns: Sequence[str]) -> Conditions:
    return {"ArnEquals": {"aws:PrincipalArn": list(role_arns)}}


def elsewhere(ctx: Context, location: KubecostStoreLocation) -> BucketOutputs:
    """Return the store as a cluster of another account knows it.

    AWS makes up the id of the key, so it is any of the hub's that is used for this bucket.
    """
    return BucketOutputs(
        name=location.bucket,
        arn=f"arn:{ctx.partition}:s3:::{location.bucket}",
        domain_name=f"{location.bucket}.{_endpoint(location.region)}",
        key_arn=f"arn:{ctx.partition}:kms:{location.region}:{location.account_id}:key/*",
    )


def federated_storage(bucket: BucketOutputs, region: str) -> dict[str, str]:
    """Return the chart's ``global.federatedStorage``.

    Pods come in by their roles, so the text has no keys and is no secret.
    """
    place = {"bucket": bucket.name, "endpoint": _endpoint(region), "region": region}
    return {"config": to_yaml({"type": "S3", "config": place})}


def _endpoint(region: str) -> str:
    return f"s3.{region}.amazonaws.com"
