"""Layer tenants: the guardrails of a cluster, around its services and around itself.

    mesh defaults, default deny, admission -> gateway, shards -> tools
                                           -> a bundle a tenant

What guards comes first, and on destroy goes last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cdktf import Fn, ITerraformDependable, Token
from constructs import Construct

from ..addons import vault_configuration
from ..addons.argo_cd import NAMESPACE as ARGO_CD
from ..addons.cert_manager import INTERNAL_ISSUER
from ..addons.rancher_agent import RancherAgent
from ..addons.vault_configuration import VaultConfiguration
from ..aws.workload_identity import Mechanism
from ..core.context import Context
from ..core.entra import Directory
from ..core.fleet import Delivered, Hub
from ..core.hosts import AdminTool
from ..core.layer import Layer, Sample
from ..core.mesh import (
    GATEWAY,
    GATEWAY_NAMESPACE,
    MESH_ROOT,
    NGINX_NAMESPACE,
    shard_release,
    shard_service,
)
from ..core.tenants import Tenancy
from ..kubernetes.admission import service_admission
from ..kubernetes.apply import Manifests
from ..kubernetes.calico.default_deny import default_deny
from ..kubernetes.istio.admin_hosts import exposed, trusted
from ..kubernetes.istio.gateway import gateway_certificate, gateway_port
from ..kubernetes.istio.mesh import mesh_defaults, nginx_scope
from ..kubernetes.istio.overage import refuse_group_overage
from ..kubernetes.istio.rate_limits import per_client
from ..kubernetes.istio.telemetry import mesh_telemetry
from ..kubernetes.istio.tokens import verify_at_gateway
from ..kubernetes.manifest import Manifest
from ..kubernetes.people import platform_people
from ..kubernetes.target_groups import registered
from .cluster import ClusterStack
from .ingress import IngressContract, IngressStack
from .platform_config import PlatformConfig
from .signed_in import signed_in
from .tenant_bundles import Surroundings, deliveries, tenant_bundle, tenant_roles


@dataclass(frozen=True, slots=True)
class TenantsContract:
    """What people and later layers read."""

    namespaces: Annotated[Sequence[str], Sample(("shop",))]
    """Of the tenants, in the order of their names."""


class TenantsStack(Layer[TenantsContract]):
    """Mesh and network policies, the ways in, and the namespaces of services."""

    layer = "tenants"
    contract = TenantsContract

    def __init__(
        self,
        scope: Construct,
        ctx: Context,
        *,
        around: Surroundings,
        directory: Directory | None,
        tenancies: Sequence[Tenancy],
        installed: PlatformConfig,
        identity: Mechanism,
        hub: Hub | None = None,
        delivered: Sequence[Delivered] = (),
        cluster: ClusterStack,
        ingress: IngressStack,
        charts: Layer[Any],
    ) -> None:
        """Write the guardrails down.

        Args:
            scope: the app.
            ctx: where the layer lives.
            around: the ways into the environment, and the addresses of the region.
            directory: who runs the platform; None: nobody is given rights.
            tenancies: the tenants of this region.
            installed: the platform's settings: its hosts, and how much the mesh traces.
            identity: how pods of the platform get their AWS roles.
            hub: who looks after this cluster; None: nobody, or it is the hub itself.
            delivered: on the hub, the environments whose services it brings from Git.
            cluster: whose contract leads into the cluster.
            ingress: whose target groups the gateway and the shards are registered in.
            charts: the last layer of charts, which bring the kinds of these objects.
        """
        super().__init__(scope, ctx)
        # The kinds of this layer's objects are brought by that one.
        self.add_dependency(charts)
        pods = signed_in(self, cluster)
        self._site = site = around.site
        mesh = self._bundle(
            "mesh",
            MESH_ROOT,
            [
                *mesh_defaults(),
                *refuse_group_overage(site),
                *([nginx_scope()] if site.shards else []),
                *mesh_telemetry(sampling_percent=installed.mesh.trace_sampling),
            ],
        )
        guarded = [
            mesh,
            self._bundle("default-deny", "kube-system", default_deny()),
            self._bundle("admission", "kube-system", service_admission(site.domain)),
        ]
        if directory is not None:
            self._bundle("people", "kube-system", platform_people(directory))
        entrances = self._entrances(ingress.read_by(self), guarded)
        tools = [
            manifest
            for tool, host in sorted(installed.admin_hosts.items())
            for manifest in (*trusted(tool, INTERNAL_ISSUER), *exposed(tool, host, site))
        ]
        if tools:
            self._bundle("admin-hosts", GATEWAY_NAMESPACE, tools, entrances)
        self._vault(tenancies, installed, directory, guarded)
        roles = tenant_roles(self, tenancies, pods)
        for one in tenancies:
            # Pods get credentials of roles that are bound when they start.
            first = [*guarded, *(roles[one.name].ready if one.name in roles else ())]
            own = tenant_bundle(one, around, region=ctx.region)
            self._bundle(f"tenant-{one.name}", "kube-system", own, first)
        if hub is not None and around.registered is not None:
            RancherAgent(
                self,
                "rancher-agent",
                ctx=ctx,
                cluster=pods,
                identity=identity,
                hub=hub,
                registered=around.registered,
                after=guarded,
            )
        for tenant, told in deliveries(delivered).items():
            self._bundle(f"delivery-{tenant}", ARGO_CD.name, told)
        if delivered:
            # Who destroys one of them finds the Argo CD by it that would heal what is taken away.
            brought = sorted(one.environment for one in delivered)
            self.add_override("//.ekp.delivers", brought)
        spaces = sorted(space for one in tenancies for space in one.namespaces)
        self.publish(TenantsContract(namespaces=spaces))

    def _vault(
        self,
        tenancies: Sequence[Tenancy],
        installed: PlatformConfig,
        directory: Directory | None,
        guarded: Sequence[ITerraformDependable],
    ) -> None:
        """Make Vault what the tenants say, and name the Secret that people make for it."""
        entra = directory.vault(self.ctx.environment) if directory else None
        VaultConfiguration(
            self,
            "vault",
            tenancies=tenancies,
            host=installed.admin_hosts.get(AdminTool.VAULT),
            entra=entra,
            after=guarded,
        )
        self.needs_secrets(vault_configuration.bootstrap_secrets(entra))

    def _entrances(
        self, balancer: IngressContract, guarded: Sequence[ITerraformDependable]
    ) -> list[ITerraformDependable]:
        """Bind the gateway and the shards to their target groups, behind what guards them."""
        site = self._site
        gateway = self._bundle(
            "gateway",
            GATEWAY_NAMESPACE,
            [
                *verify_at_gateway(site),
                *per_client(site),
                *gateway_certificate(site, INTERNAL_ISSUER),
                registered(
                    "gateway",
                    namespace=GATEWAY_NAMESPACE,
                    service=GATEWAY,
                    port=gateway_port(site),
                    target_group_arn=balancer.gateway_target_group_arn,
                ),
            ],
            guarded,
        )
        for number, shard in enumerate(site.shards):
            arn = Fn.element(list(balancer.shard_target_group_arns), number)
            self._bundle(
                f"shard-{shard}",
                NGINX_NAMESPACE,
                [
                    registered(
                        shard_release(shard),
                        namespace=NGINX_NAMESPACE,
                        service=shard_service(shard),
                        port=80,
                        target_group_arn=Token.as_string(arn),
                    )
                ],
                guarded,
            )
        return [gateway]

    def _bundle(
        self,
        id_: str,
        namespace: str,
        manifests: Sequence[Manifest],
        after: Sequence[ITerraformDependable] = (),
    ) -> ITerraformDependable:
        """Apply objects as one release, called as its construct is."""
        release = Manifests(
            self, id_, name=id_, namespace=namespace, manifests=manifests, after=after
        )
        return release.resource
