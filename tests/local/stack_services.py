"""A layer with what platform services have in AWS: the project's own modules, as they are."""

from dataclasses import dataclass
from typing import Any

from modules.aws.access_logs import AccessLogs
from modules.aws.athena import Athena, AthenaConfig
from modules.aws.bucket import Bucket, BucketConfig, may_keep_objects
from modules.aws.cost_report import CostReport, CostReportConfig, TimeUnit
from modules.aws.interruption_queue import InterruptionQueue, may_consume
from modules.aws.kms import Key, KeyConfig
from modules.aws.role import Role
from modules.aws.secret import Secret, SecretConfig, may_put
from modules.core.context import Context
from modules.core.iam import document, trust_service
from modules.core.layer import Layer

from cdktf import App

from tests.support import settings

PAYER = "555555555555"
PAYER_ROLE = f"arn:aws:iam::{PAYER}:role/deploy-billing"
EMPTIED = BucketConfig(retention_days=30, force_destroy=True)


@dataclass(frozen=True)
class Nothing:
    """A contract without a field."""


class Services(Layer[Nothing]):
    """A bucket with a key, a queue, a secret, and the costs of the organisation."""

    layer = "services"
    contract = Nothing

    def __init__(self, scope: App, ctx: Context, *, changed: bool) -> None:
        super().__init__(scope, ctx)
        self._logs = AccessLogs(self, "access-logs", ctx=ctx, config=EMPTIED).outputs
        key = Key(self, "key", ctx=ctx, name="store", config=KeyConfig(description="Store"))
        store = Bucket(
            self, "store", ctx=ctx, name="store", config=EMPTIED, key_arn=key.outputs.arn
        )
        store.admit()
        store.log_accesses(self._logs.bucket_name, after=self._logs.ready)
        queue = InterruptionQueue(self, "interruptions", ctx=ctx)
        description = "Recovery keys, changed" if changed else "Recovery keys"
        secret = Secret(
            self,
            "recovery",
            ctx=ctx,
            name="recovery",
            config=SecretConfig(description=description, recovery_days=0),
        )
        statements = (
            *may_keep_objects(store.outputs),
            *may_consume(queue.outputs),
            *may_put(secret.outputs),
            *self._costs(ctx, changed=changed).outputs.statements,
        )
        trust = trust_service("ec2.amazonaws.com")
        Role(self, "role", ctx=ctx, name="user", trust=trust, policy=document(*statements))

    def _costs(self, ctx: Context, *, changed: bool) -> Athena:
        config = CostReportConfig(
            payer_account_id=PAYER,
            payer_role_arn=PAYER_ROLE,
            time_unit=TimeUnit.HOURLY if changed else TimeUnit.DAILY,
            bucket=EMPTIED,
        )
        acting = {"account_id": PAYER, "role_arn": PAYER_ROLE}
        report = CostReport(
            self,
            "costs",
            ctx=ctx,
            config=config,
            readers=[f"arn:aws:iam::{ctx.account_id}:role/{ctx.name('user')}"],
            payer=self.aws_provider("payer", alias="payer", **acting),
            billing=self.aws_provider("billing", alias="billing", region="us-east-1", **acting),
        )
        queries = AthenaConfig(
            gib_scanned_per_query=100 if changed else 50,
            results=EMPTIED,
            tags=("Owner", "CostCenter") if changed else ("Owner",),
        )
        return Athena(
            self,
            "athena",
            ctx=ctx,
            config=queries,
            report=report.outputs,
            access_logs=self._logs,
        )


def services(outdir: str, *, changed: bool) -> dict[str, Any]:
    """Give the stack in Terraform's JSON, its state in the working directory."""
    owner = "platform-two" if changed else "platform"
    ctx = settings.context(owner=owner, permissions_boundary_arn=None)
    found: dict[str, Any] = Services(App(outdir=outdir), ctx, changed=changed).to_terraform()
    del found["terraform"]["backend"]
    return found
