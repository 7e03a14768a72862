"""The bucket of the hub in which the clusters of all accounts keep what Kubecost finds out."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.bucket import Bucket, BucketConfig, BucketOutputs, may_keep_objects
from ..core.config import Config
from ..core.context import Context, Region, RoleArn
from ..core.iam import Statement, allow_principal
from ..kubernetes.yaml_document import to_yaml


class KubecostStoreLocation(Config):
    """Where the hub's store is, as the agents of other clusters are told."""

    bucket: str
    """``<prefix of the hub>-<account id of the hub>-kubecost``."""
    region: Region


class KubecostStoreConfig(Config):
    """Settings of the store, in the hub's account."""

    bucket: BucketConfig = BucketConfig(retention_days=None)
    """Costs of past months are read again whenever the aggregator's database is made anew."""
    writer_role_arns: tuple[RoleArn, ...] = ()
    """Roles of the agents of other accounts, ``<prefix>-kubecost-agent`` of each cluster."""


class KubecostStore(Construct):
    """The bucket ``<prefix>-<account id>-kubecost``, open to the roles that are named."""

    outputs: BucketOutputs
    ready: list[ITerraformDependable]

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, config: KubecostStoreConfig
    ) -> None:
        super().__init__(scope, id_)
        bucket = Bucket(self, "bucket", ctx=ctx, name="kubecost", config=config.bucket)
        bucket.admit(*_writers(bucket.outputs, config.writer_role_arns))
        self.outputs = bucket.outputs
        self.ready = bucket.ready


def _writers(bucket: BucketOutputs, role_arns: Sequence[str]) -> list[Statement]:
    """Return what the bucket's policy allows roles of other accounts: what their own policy does.

    S3 refuses a policy that names a role which is not there yet, so it names the accounts and, as a
    condition, the roles. Source: IAM user guide, "Policy evaluation", ``aws:PrincipalArn``.
    """
    if not role_arns:
        return []
    accounts = sorted({arn.split(":")[4] for arn in role_arns})
    return [
        allow_principal(
            own["Sid"],
            {"AWS": accounts},
            own["Action"],
            resources=own["Resource"],
            conditions={"ArnEquals": {"aws:PrincipalArn": list(role_arns)}},
        )
        for own in may_keep_objects(bucket, sid="Agents")
    ]


def elsewhere(ctx: Context, location: KubecostStoreLocation) -> BucketOutputs:
    """Return the store as a cluster of another account knows it."""
    return BucketOutputs(
        name=location.bucket,
        arn=f"arn:{ctx.partition}:s3:::{location.bucket}",
        domain_name=f"{location.bucket}.{_endpoint(location.region)}",
    )


def federated_storage(bucket: BucketOutputs, region: str) -> dict[str, str]:
    """Return the chart's ``global.federatedStorage``.

    Pods come in by their roles, so the text has no keys and is no secret.
    """
    place = {"bucket": bucket.name, "endpoint": _endpoint(region), "region": region}
    return {"config": to_yaml({"type": "S3", "config": place})}


def _endpoint(region: str) -> str:
    return f"s3.{region}.amazonaws.com"
