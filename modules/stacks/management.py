"""Layer management: the hub's own services, which look after every cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..addons import argo_cd, kubecost_aggregator, rancher
from ..addons.argo_cd import ArgoCd, ArgoCdConfig
from ..addons.cluster_registrar import ClusterRegistrar
from ..addons.kubecost_aggregator import AGGREGATOR, BilledCosts, Kubecost, KubecostConfig
from ..addons.kubecost_store import KubecostStore, KubecostStoreConfig
from ..addons.rancher import Rancher, RancherConfig
from ..addons.rancher_registration import RancherRegistration
from ..aws.access_logs import AccessLogsOutputs
from ..aws.athena import Athena, AthenaConfig
from ..aws.cost_report import HOME, CostReport, CostReportConfig
from ..aws.workload_identity import Mechanism
from ..core.availability import Availability
from ..core.config import Config
from ..core.context import Context
from ..core.fleet import ALONE, Fleet
from ..core.hosts import AdminTool, Domain
from ..core.layer import Layer, Sample
from ..kubernetes.apply import Manifests
from ..kubernetes.argo_cd.repositories import repository_secrets
from ..kubernetes.rancher.registered import registered
from ..kubernetes.tenancy.budgets import budgets
from .cluster import ClusterStack
from .platform import PlatformStack
from .signed_in import signed_in

NAMESPACES = (argo_cd.NAMESPACE, rancher.NAMESPACE)


class ManagementConfig(Config):
    """Settings of the layer."""

    argo_cd: ArgoCdConfig
    """What brings services from Git."""
    rancher: RancherConfig = Field(default_factory=RancherConfig)
    """What shows all clusters at one place."""
    kubecost: KubecostConfig = Field(default_factory=KubecostConfig)
    """What shows costs of all clusters."""
    store: KubecostStoreConfig = Field(default_factory=KubecostStoreConfig)
    """The bucket in which every cluster's costs come together."""
    cost_report: CostReportConfig | None = None
    """None: costs are worked out from list prices, not from what AWS bills."""
    athena: AthenaConfig = Field(default_factory=AthenaConfig)
    """How the bill's report is queried, where there is ``cost_report``."""


@dataclass(frozen=True, slots=True)
class ManagementContract:
    """What later layers and people read; empty where there is none."""

    argo_cd_role_arn: Annotated[
        str, Sample("arn:aws:iam::111122223333:role/ekp-sample-euw1-argocd-application-controller")
    ]
    """Role that the roles of other clusters trust."""
    cost_store_bucket: Annotated[str, Sample("ekp-sample-euw1-111122223333-kubecost")]


class ManagementStack(Layer[ManagementContract]):
    """Argo CD, Rancher and Kubecost, on the management cluster's own platform."""

    layer = "management"
    contract = ManagementContract

    def __init__(
        self,
        scope: Construct,
        ctx: Context,
        config: ManagementConfig,
        *,
        availability: Availability,
        identity: Mechanism,
        admin_hosts: Mapping[AdminTool, Domain],
        cluster: ClusterStack,
        platform: PlatformStack,
        fleet: Fleet = ALONE,
    ) -> None:
        super().__init__(scope, ctx)
        # Charts of this layer need the classes, the definitions and the mesh of that one, too.
        access_logs = AccessLogsOutputs(platform.read_by(self).access_logs_bucket)
        pods = signed_in(self, cluster)
        namespaces = Manifests(
            self,
            "namespaces",
            name="management-namespaces",
            namespace="kube-system",
            manifests=[namespace.manifest() for namespace in NAMESPACES],
        )
        store = KubecostStore(
            self, "kubecost-store", ctx=ctx, config=config.store, access_logs=access_logs
        )
        report = config.cost_report
        costs = self._billed(ctx, report, config.athena, access_logs) if report else None
        after: list[ITerraformDependable] = [namespaces.resource]
        deployer = ArgoCd(
            self,
            "argo-cd",
            ctx=ctx,
            config=config.argo_cd,
            availability=availability,
            cluster=pods,
            identity=identity,
            host=admin_hosts[AdminTool.ARGO_CD],
            clusters=[target.cluster for target in fleet.targets],
            after=after,
        )
        if fleet.targets:
            ClusterRegistrar(
                self,
                "cluster-registrar",
                ctx=ctx,
                targets=fleet.targets,
                cluster=pods,
                identity=identity,
                after=deployer.ready,
            )
        seen = Rancher(
            self,
            "rancher",
            config=config.rancher,
            availability=availability,
            host=admin_hosts[AdminTool.RANCHER],
            after=after,
        )
        RancherRegistration(
            self,
            "rancher-registration",
            ctx=ctx,
            cluster=pods,
            identity=identity,
            host=admin_hosts[AdminTool.RANCHER],
            application=config.rancher.sign_in,
            clusters=registered(fleet),
            after=seen.ready,
        )
        Kubecost(
            self,
            "kubecost",
            ctx=ctx,
            config=config.kubecost,
            availability=availability,
            cluster=pods,
            identity=identity,
            host=admin_hosts.get(AdminTool.KUBECOST),
            store=store.outputs,
            costs=costs,
            budgets=budgets(fleet.delivered, mailed=config.kubecost.mail_server),
            after=[*after, *store.ready],
        )
        self.needs_secrets(
            [
                *argo_cd.bootstrap_secrets(config.argo_cd),
                *repository_secrets(fleet.delivered),
                *rancher.bootstrap_secrets(config.rancher),
                *kubecost_aggregator.bootstrap_secrets(config.kubecost),
            ]
        )
        agents = {cluster.account_id for cluster in fleet.clusters}
        writers = {arn.split(":")[4] for arn in config.store.writer_role_arns}
        # The bucket of the cost report is the paying account's, and trusts this one.
        self.promises({"trusted_accounts": sorted({ctx.account_id, *agents, *writers})})
        self.publish(
            ManagementContract(
                argo_cd_role_arn=deployer.role_arns.get("argocd-application-controller", ""),
                cost_store_bucket=store.outputs.name,
            )
        )

    def _billed(
        self,
        ctx: Context,
        config: CostReportConfig,
        athena: AthenaConfig,
        access_logs: AccessLogsOutputs,
    ) -> BilledCosts:
        """Make the paying account's report, and the way to query it."""
        payer = {"account_id": config.payer_account_id, "role_arn": config.payer_role_arn}
        reader = f"arn:{ctx.partition}:iam::{ctx.account_id}:role/{ctx.name(AGGREGATOR.name)}"
        report = CostReport(
            self,
            "cost-report",
            ctx=ctx,
            config=config,
            readers=[reader],
            payer=self.aws_provider("aws-payer", alias="payer", **payer),
            billing=self.aws_provider("aws-billing", alias="billing", region=HOME, **payer),
        )
        queries = Athena(
            self,
            "athena",
            ctx=ctx,
            config=athena,
            report=report.outputs,
            access_logs=access_logs,
        )
        return BilledCosts(queries.outputs, config.payer_account_id)
