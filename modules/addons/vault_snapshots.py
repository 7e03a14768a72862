"""Vault's snapshots: an encrypted bucket, and what writes there and cannot read."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.access_logs import AccessLogsOutputs
from ..aws.bucket import BucketConfig
from ..aws.eks import EksOutputs
from ..aws.encrypted_bucket import encrypted_bucket
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.context import Context
from ..core.iam import allow, document
from ..kubernetes.apply import Manifests
from ..kubernetes.vault import SNAPSHOT, snapshots
from ..kubernetes.vault_config import NAMESPACE
from .identity import service_account_annotations


class VaultSnapshots(Construct):
    """A cron job that saves Vault in a bucket.

    Vault knows its service account by a role that may take a snapshot and no more; on AWS it may
    add objects, not read, change or delete them. A snapshot is encrypted by Vault's own key
    besides, so that it is of use beside the key ``vault-unseal`` alone.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        bucket: BucketConfig,
        schedule: str,
        image: str,
        cluster: EksOutputs,
        identity: Mechanism,
        access_logs: AccessLogsOutputs,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        kept = encrypted_bucket(
            self,
            ctx=ctx,
            name="vault-snapshots",
            config=bucket,
            description=f"Snapshots of Vault of {cluster.cluster_name}",
            access_logs=access_logs,
        )
        writer = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=ServiceAccount(namespace=NAMESPACE, name=SNAPSHOT),
            name=SNAPSHOT,
            policy=document(
                allow(
                    "Add", ["s3:PutObject", "s3:AbortMultipartUpload"], [f"{kept.outputs.arn}/*"]
                ),
                # An upload in parts decrypts its parts. Source: S3 user guide, "Using SSE-KMS".
                allow(
                    "Encrypt", ["kms:GenerateDataKey", "kms:Decrypt"], [str(kept.outputs.key_arn)]
                ),
            ),
        )
        job = Manifests(
            self,
            "job",
            name=SNAPSHOT,
            namespace=NAMESPACE,
            manifests=snapshots(
                image=image,
                bucket=kept.outputs.name,
                region=ctx.region,
                schedule=schedule,
                annotations=service_account_annotations(writer.outputs),
            ),
            after=[*after, *kept.ready, *writer.ready],
        )
        self.ready = [job.resource]
