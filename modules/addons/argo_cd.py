"""Argo CD of the hub: deploys what Git holds into every cluster."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..aws.eks import EksOutputs
from ..aws.hub_access import may_assume
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.availability import Availability
from ..core.bootstrap_secrets import BootstrapSecret
from ..core.config import Config
from ..core.context import Context
from ..core.entra import EntraApplication
from ..core.fleet import ARGO_CD_ACCOUNTS, WorkloadCluster
from ..core.hosts import Domain
from ..kubernetes.helm import HelmRelease
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.scheduling import disruption_budget
from .argo_cd_values import (
    SIGN_IN_KEY,
    SIGN_IN_LABELS,
    SIGN_IN_SECRET,
    SLACK_KEY,
    SLACK_SECRET,
    Slack,
    notifications,
    rights,
    sign_in,
)
from .charts import ARGO_CD
from .identity import service_account_annotations

NAMESPACE = Namespace(name="argocd", pod_security=PodSecurity.RESTRICTED)
# Names of services and of service accounts begin with it.
RELEASE = "argocd"
# The chart's values for the service accounts that talk to the API of other clusters.
CLUSTER_CLIENTS: Mapping[str, str] = dict(
    zip(("controller", "applicationSet", "server"), ARGO_CD_ACCOUNTS, strict=True)
)
# For every cluster. What may not be listed is passed over: by default one kind or one namespace
# stops all Applications of a cluster, and with "strict" a namespace does (v3.4.4,
# gitops-engine/pkg/cache/cluster.go, ``checkPermission``).
CLUSTER_SETTINGS: Mapping[str, str] = {
    "resource.respectRBAC": "normal",
    # Who may sync gets the branch of the settings, and no other revision.
    "application.sync.requireOverridePrivilegeForRevisionSync": "true",
    # Plain files are all that is rendered; a repository's own .argocd-source.yaml could ask for
    # charts and remote bases, which the repository server would fetch.
    "helm.enable": "false",
    "jsonnet.enable": "false",
    "kustomize.enable": "false",
}


class ApplicationSetPolicy(StrEnum):
    """What ApplicationSets may do to their Applications, by Argo CD's own words."""

    SYNC = "sync"
    CREATE_UPDATE = "create-update"
    """A generator that finds less deletes nothing: a wrong branch takes no service away."""
    CREATE_DELETE = "create-delete"
    CREATE_ONLY = "create-only"


class ArgoCdConfig(Config):
    """Settings of Argo CD."""

    sign_in: EntraApplication
    """``admins`` may do everything, ``viewers`` see everything; tenants' groups get their rights
    from their AppProject."""
    application_sets: ApplicationSetPolicy = ApplicationSetPolicy.CREATE_UPDATE
    """What ApplicationSets may do; by default one that finds less deletes nothing."""
    progressive_syncs: bool = False
    """Lets ApplicationSets roll out step by step; those that do lose automated sync."""
    shards: int = Field(default=1, ge=1, le=20)
    """Copies of the application controller; each looks after a part of the clusters."""
    slack: Slack | None = None
    """Where failed syncs are told; None: nowhere."""


def bootstrap_secrets(config: ArgoCdConfig) -> list[BootstrapSecret]:
    """Return the Secrets that people make; until they do, what was deployed goes on."""
    found = [
        BootstrapSecret(
            namespace=NAMESPACE.name,
            name=SIGN_IN_SECRET,
            keys=(SIGN_IN_KEY,),
            purpose="sign-in to Argo CD: the client secret of its application in Entra ID",
            labels=SIGN_IN_LABELS,
            blocks=False,
        )
    ]
    if config.slack is not None:
        found.append(
            BootstrapSecret(
                namespace=NAMESPACE.name,
                name=SLACK_SECRET,
                keys=(SLACK_KEY,),
                purpose="messages of Argo CD: the bot token of its application in Slack",
                blocks=False,
            )
        )
    return found


class ArgoCd(Construct):
    """Argo CD behind the management load balancer, which ends TLS.

    It assumes the hub role of each of the ``clusters`` to deploy there. Until its
    ``bootstrap_secrets`` are there nobody can sign in. It is highly available on three nodes or
    more.
    """

    ready: list[ITerraformDependable]
    role_arns: Mapping[str, str]
    """The role of each service account that talks to other clusters: whom their roles trust."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: ArgoCdConfig,
        availability: Availability,
        cluster: EksOutputs,
        identity: Mechanism,
        host: Domain,
        clusters: Sequence[WorkloadCluster] = (),
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        # Argo CD acts in its own cluster as its service accounts: without others, no roles.
        roles = {
            value: WorkloadIdentity(
                self,
                account,
                ctx=ctx,
                mechanism=identity,
                cluster=cluster,
                service_account=ServiceAccount(namespace=NAMESPACE.name, name=account),
                name=account,
                policy=may_assume(clusters),
            )
            for value, account in CLUSTER_CLIENTS.items()
            if clusters
        }
        self.role_arns = {
            CLUSTER_CLIENTS[value]: role.outputs.role_arn for value, role in roles.items()
        }
        release = HelmRelease(
            self,
            "release",
            chart=ARGO_CD,
            namespace=NAMESPACE.name,
            name=RELEASE,
            overrides={
                "global": {"domain": host},
                "configs": {
                    "cm": {"oidc.config": sign_in(config.sign_in), **CLUSTER_SETTINGS},
                    "rbac": {"policy.csv": rights(config.sign_in)},
                    "params": {
                        "applicationsetcontroller.policy": config.application_sets,
                        "applicationsetcontroller.enable.progressive.syncs": (
                            config.progressive_syncs
                        ),
                    },
                },
                "redis-ha": {"enabled": availability.high},
                "controller": {
                    "replicas": config.shards,
                    "serviceAccount": _annotations(roles, "controller"),
                },
                "server": {
                    **_scaled(availability),
                    "serviceAccount": _annotations(roles, "server"),
                },
                "repoServer": _scaled(availability),
                "applicationSet": {
                    "replicas": availability.replicas(),
                    "pdb": disruption_budget(availability),
                    "serviceAccount": _annotations(roles, "applicationSet"),
                },
                "notifications": notifications(config.slack),
            },
            after=[*(ready for role in roles.values() for ready in role.ready), *after],
        )
        self.ready = [release.resource]


def _annotations(roles: Mapping[str, WorkloadIdentity], value: str) -> dict[str, Any]:
    role = roles.get(value)
    return {"annotations": service_account_annotations(role.outputs) if role else {}}


def _scaled(availability: Availability) -> dict[str, Any]:
    return {
        "autoscaling": {"enabled": availability.high, "minReplicas": availability.replicas()},
        "pdb": disruption_budget(availability),
    }
