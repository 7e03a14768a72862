"""Secrets by which clusters join Rancher: each is read by one role of one cluster's account."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from constructs import Construct

from ..aws.kms import Key, KeyConfig
from ..core.context import Context
from ..core.fleet import Hub, WorkloadCluster
from ..core.iam import Statement, allow, allow_principal, document
from ..kubernetes.rancher.names import REGISTRAR, registration_secret

# A registration is made anew by the hub's job, so a deleted one is worth nothing and its name is
# free at once for a cluster that comes back.
RECOVERY_DAYS = 0


class RegistrationSecrets(Construct):
    """The secrets ``<prefix>-rancher-<cluster>-registration``, and the key that encrypts them.

    Another account's role needs a resource policy, a key of one's own with its policy, and rights
    of its own. The role is named by a condition, since a policy that names a role as principal is
    refused until that role exists.
    Source: Secrets Manager user guide, "Permissions for users in a different account".
    """

    arns: dict[str, str]
    """By the cluster's name."""
    key_arn: str
    ready: list[ITerraformDependable]

    def __init__(
        self, scope: Construct, id_: str, *, ctx: Context, clusters: Sequence[WorkloadCluster]
    ) -> None:
        super().__init__(scope, id_)
        key = Key(
            self,
            "key",
            ctx=ctx,
            name=REGISTRAR,
            config=KeyConfig(description="Registrations by which clusters join Rancher"),
            statements=[_decrypts(ctx, clusters)],
        )
        self.key_arn = key.outputs.arn
        self.arns = {}
        self.ready = []
        for cluster in clusters:
            name = ctx.name(registration_secret(cluster.name))
            secret = SecretsmanagerSecret(
                self,
                cluster.name,
                name=name,
                description=f"By this {cluster.cluster_name} joins Rancher",
                kms_key_id=key.outputs.arn,
                recovery_window_in_days=RECOVERY_DAYS,
                tags={"Name": name},
            )
            self.arns[cluster.name] = secret.arn
            self.ready.append(
                SecretsmanagerSecretPolicy(
                    self,
                    f"{cluster.name}-policy",
                    secret_arn=secret.arn,
                    policy=document(_reads(cluster)),
                    block_public_policy=True,
                )
            )

    def may_put(self) -> str:
        """Return the policy of the job that writes them and cannot read them.

        Source: Secrets Manager API, PutSecretValue: of the key it needs both actions.
        """
        return document(
            allow(
                "Secrets",
                ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"],
                [*self.arns.values()],
            ),
            allow("SecretsKey", ["kms:Decrypt", "kms:GenerateDataKey"], [self.key_arn]),
        )


def registration_arn(hub: Hub, cluster: str) -> str:
    """Return what a cluster calls its secret: a partial ARN, since AWS makes up the end of one."""
    name = f"{hub.prefix}-{registration_secret(cluster)}"
    return f"arn:{hub.partition}:secretsmanager:{hub.region}:{hub.account_id}:secret:{name}"


def may_read(hub: Hub, cluster: str) -> str:
    """Return the policy of a cluster's job: its own secret, and the key for that secret alone.

    Six characters end an ARN, so no longer name is among them. The key's id is the hub's to know.
    Source: Secrets Manager user guide, "Encryption context"; KMS developer guide, kms:ViaService.
    """
    secret = f"{registration_arn(hub, cluster)}-??????"
    service = f"secretsmanager.{hub.region}.amazonaws.com"
    return document(
        allow("Registration", ["secretsmanager:GetSecretValue"], [secret]),
        allow(
            "RegistrationKey",
            ["kms:Decrypt"],
            [f"arn:{hub.partition}:kms:{hub.region}:{hub.account_id}:key/*"],
            conditions={
                "StringEquals": {"kms:ViaService": service},
                "StringLike": {"kms:EncryptionContext:SecretARN": secret},
            },
        ),
    )


def _reads(cluster: WorkloadCluster) -> Statement:
    return allow_principal(
        "Agent",
        {"AWS": _account(cluster)},
        ["secretsmanager:GetSecretValue"],
        resources=["*"],
        conditions={"ArnEquals": {"aws:PrincipalArn": cluster.agent_role_arn}},
    )


def _decrypts(ctx: Context, clusters: Sequence[WorkloadCluster]) -> Statement:
    return allow_principal(
        "Agents",
        {"AWS": sorted({_account(cluster) for cluster in clusters})},
        ["kms:Decrypt"],
        resources=["*"],
        conditions={
            "StringEquals": {"kms:ViaService": f"secretsmanager.{ctx.region}.amazonaws.com"},
            "ArnEquals": {"aws:PrincipalArn": [cluster.agent_role_arn for cluster in clusters]},
        },
    )


def _account(cluster: WorkloadCluster) -> str:
    return f"arn:{cluster.partition}:iam::{cluster.account_id}:root"
