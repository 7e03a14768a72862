"""Kubecost of the hub: the costs of all clusters, beside what AWS bills."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field, model_validator

from ..aws.athena import AthenaOutputs
from ..aws.bucket import BucketOutputs, may_keep_objects
from ..aws.eks import EksOutputs
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.availability import Availability
from ..core.bootstrap_secrets import BootstrapSecret
from ..core.config import Config
from ..core.context import Context
from ..core.entra import EntraApplication
from ..core.hosts import Domain
from ..core.iam import document
from ..core.tenants import COST_CENTER_LABEL, TENANT_LABEL
from ..kubernetes.helm import HelmRelease
from ..kubernetes.scheduling import PRIORITY_CLASS, spread
from .charts import KUBECOST
from .identity import service_account_annotations
from .kubecost import NAMESPACE, KubecostAgentConfig, agent, agent_identity
from .kubecost_sign_in import SIGN_IN_KEY, SIGN_IN_SECRET, oidc
from .kubecost_store import federated_storage

# The chart names it after the release; the aggregator and the cloud cost pod share it.
AGGREGATOR = ServiceAccount(namespace=NAMESPACE.name, name="kubecost")
FRONTEND_PODS = {"app.kubernetes.io/instance": KUBECOST.name, "app": "cost-analyzer"}
LICENCE_SECRET = "kubecost-licence"  # noqa: S105 - a Secret's name, not its value
LICENCE_KEY = "productkey.json"
MAIL_SECRET = "kubecost-smtp"  # noqa: S105 - as above
MAIL_KEY = "smtp.json"
INSTALL_SECONDS = 900
PRIORITY: Mapping[str, Any] = {"priority": {"enabled": True, "name": PRIORITY_CLASS}}


class KubecostConfig(Config):
    """Settings of Kubecost on the hub."""

    agent: KubecostAgentConfig = KubecostAgentConfig()
    """The agent of the hub's own cluster."""
    licensed: bool = False
    """Whether the Secret ``kubecost-licence`` holds an Enterprise licence; without one Kubecost
    shows 15 days of at most 250 cores."""
    sign_in: EntraApplication | None = None
    """None: Kubecost asks nobody who they are, so it has no host and is met by a port-forward."""
    mail_server: bool = False
    """Whether the Secret ``kubecost-smtp`` says by which server Kubecost sends mail; owners of
    tenants hear of their budgets then. Without it nothing is sent: it would go over its maker's."""
    database_gib: int = Field(default=128, ge=8)
    """Volume of ClickHouse; fixed at creation, to grow it see docs/platform.md."""
    memory_gib: int = Field(default=8, ge=3)
    """Limit of the aggregator; the chart asks for 3 GiB at least."""
    retention_days: int = Field(default=91, ge=1)
    """Days that can be asked about; the store keeps more."""

    @model_validator(mode="after")
    def people_need_a_licence(self) -> Self:
        """Refuse a sign-in that Kubecost would quietly not ask for."""
        if self.sign_in is not None and not self.licensed:
            raise ValueError(
                "sign_in is set and licensed is not, Kubecost signs people in with an Enterprise "
                "licence alone; set licensed, or remove sign_in"
            )
        return self


def check_host(config: KubecostConfig, host: Domain | None) -> None:
    """Refuse a host where nobody is asked who they are, and a sign-in that leads nowhere.

    Raises:
        ValueError: the two do not go together.
    """
    if host is not None and config.sign_in is None:
        raise ValueError(
            f"Kubecost has the host {host} and no sign_in, so it would ask nobody who they are; "
            "set licensed and sign_in, or take the host away and use a port-forward"
        )
    if host is None and config.sign_in is not None:
        raise ValueError(
            "Kubecost has a sign_in and no host for people to come back to; give it an admin "
            "host, or remove sign_in"
        )


def bootstrap_secrets(config: KubecostConfig) -> list[BootstrapSecret]:
    """Return the Secrets that people make; the aggregator's pod does not start without them."""
    found = []
    if config.licensed:
        found.append(
            BootstrapSecret(
                namespace=NAMESPACE.name,
                name=LICENCE_SECRET,
                keys=(LICENCE_KEY,),
                purpose='Kubecost\'s Enterprise licence, as the JSON text {"key": "<licence>"}',
                blocks=True,
            )
        )
    if config.sign_in is not None:
        found.append(
            BootstrapSecret(
                namespace=NAMESPACE.name,
                name=SIGN_IN_SECRET,
                keys=(SIGN_IN_KEY,),
                purpose="sign-in to Kubecost: the client secret of its application in Entra ID",
                blocks=True,
            )
        )
    if config.mail_server:
        found.append(
            BootstrapSecret(
                namespace=NAMESPACE.name,
                name=MAIL_SECRET,
                keys=(MAIL_KEY,),
                purpose="mail of Kubecost: its server as JSON (sender_email, host, port, "
                "authentication, username, password, secure)",
                blocks=True,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class BilledCosts:
    """Where the Cost and Usage Report of the paying account can be queried."""

    athena: AthenaOutputs
    payer_account_id: str


class Kubecost(Construct):
    """The aggregator with its database, the pages, and the agent of the hub's own cluster.

    It runs once, whatever the availability: the database is made anew from the store. Its pod does
    not start until its ``bootstrap_secrets`` are there.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: KubecostConfig,
        availability: Availability,
        cluster: EksOutputs,
        identity: Mechanism,
        host: Domain | None,
        store: BucketOutputs,
        costs: BilledCosts | None,
        budgets: Sequence[Mapping[str, Any]] = (),
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        check_host(config, host)
        writer = agent_identity(self, ctx=ctx, cluster=cluster, identity=identity, store=store)
        reader = WorkloadIdentity(
            self,
            "identity",
            ctx=ctx,
            mechanism=identity,
            cluster=cluster,
            service_account=AGGREGATOR,
            name=AGGREGATOR.name,
            policy=document(
                *may_keep_objects(store, sid="Store"), *(costs.athena.statements if costs else ())
            ),
        )
        release = HelmRelease(
            self,
            "release",
            chart=KUBECOST,
            namespace=NAMESPACE.name,
            overrides={
                "global": {
                    "clusterId": ctx.cluster_name,
                    "acknowledged": config.licensed,
                    "federatedStorage": federated_storage(store, ctx.region),
                },
                "serviceAccount": {"annotations": service_account_annotations(reader.outputs)},
                "finopsagent": agent(config.agent, writer),
                "aggregator": _aggregator(config),
                "cloudCost": _cloud_cost(ctx, config, costs),
                "forecasting": {"enabled": True, **PRIORITY},
                "frontend": {
                    "enabled": True,
                    "replicas": availability.replicas(),
                    "topologySpreadConstraints": spread(FRONTEND_PODS),
                    # The chart asks for 55Mi and sets no limit.
                    "resources": {"limits": {"memory": "256Mi"}},
                    **PRIORITY,
                },
                "kubecostProductConfigs": {
                    # Labels of tenants' namespaces, as Kubecost spells them.
                    "labelMappingConfigs": {
                        "team_label": spelled(TENANT_LABEL),
                        "department_label": spelled(COST_CENTER_LABEL),
                    },
                    "productKey": {"enabled": config.licensed, "secretname": LICENCE_SECRET},
                    **({"smtp": {"secretname": MAIL_SECRET}} if config.mail_server else {}),
                    **({"budgets": {"budgetsConfig": list(budgets)}} if budgets else {}),
                },
                "oidc": oidc(config.sign_in, host),
            },
            after=[*writer.ready, *reader.ready, *after],
            timeout_seconds=INSTALL_SECONDS,
        )
        self.ready = [release.resource]


def spelled(label: str) -> str:
    """Return a label's name as Kubecost has it, which knows letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "_", label)


def _aggregator(config: KubecostConfig) -> dict[str, Any]:
    return {
        "enabled": True,
        "retention1d": config.retention_days,
        "aggregatorDbStorage": {"storageRequest": f"{config.database_gib}Gi"},
        "resources": {
            "requests": {"cpu": "500m", "memory": "3Gi"},
            "limits": {"memory": f"{config.memory_gib}Gi"},
        },
        "serviceMonitor": {"enabled": True},
        **PRIORITY,
    }


def _cloud_cost(ctx: Context, config: KubecostConfig, costs: BilledCosts | None) -> dict[str, Any]:
    if costs is None:
        return {"enabled": False}
    source = {
        "bucket": f"s3://{costs.athena.results_bucket}",
        "region": ctx.region,
        "database": costs.athena.database,
        "table": costs.athena.table,
        "workgroup": costs.athena.workgroup,
        "account": costs.payer_account_id,
        # The report's own layout; Kubecost takes its successor's unless told.
        "curVersion": "1.0",
        # The pod's own role: no keys.
        "authorizer": {"authorizerType": "AWSServiceAccount"},
    }
    return {
        "enabled": True,
        "retention1d": config.retention_days,
        "cloudIntegrationJSON": json.dumps({"aws": {"athena": [source]}}),
        "resources": {
            "requests": {"cpu": "100m", "memory": "512Mi"},
            "limits": {"memory": "2Gi"},
        },
    }
