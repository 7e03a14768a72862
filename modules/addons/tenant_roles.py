"""The AWS roles of tenants' services, and the most that any of them may do."""

from cdktf import ITerraformDependable
from constructs import Construct

from ..aws.eks import EksOutputs
from ..aws.policy import Policy
from ..aws.workload_identity import Mechanism, ServiceAccount, WorkloadIdentity
from ..core.context import Context
from ..core.tenant_iam import boundary_policy, service_policy, service_role
from ..core.tenants import Tenancy

BOUNDARY = "tenants"


class TenantsBoundary(Construct):
    """The permissions boundary ``<prefix>-tenants``, for an environment that names none."""

    arn: str

    def __init__(self, scope: Construct, id_: str, *, ctx: Context) -> None:
        super().__init__(scope, id_)
        self.arn = Policy(
            self,
            "policy",
            ctx=ctx,
            name=BOUNDARY,
            description="The most that a tenant's service may do",
            policy=boundary_policy(ctx),
        ).arn


class TenantRoles(Construct):
    """A role for each service of a tenant that is granted something, in one region.

    Always through EKS Pod Identity: what Git holds of a service is the same in every region, so its
    service account names no role. Pods get credentials if the association is there when they are
    made, so a tenant's namespaces come after ``ready``.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        cluster: EksOutputs,
        tenancy: Tenancy,
        boundary: str,
    ) -> None:
        """Make the roles.

        Args:
            scope: the construct they belong to.
            id_: its id there.
            ctx: names, account and permissions boundary.
            cluster: whose service accounts get the roles.
            tenancy: the tenant; its services are told apart by their names.
            boundary: ARN of :class:`TenantsBoundary`, or of what the environment names itself.

        Raises:
            ValueError: a role's name or policy is longer than IAM takes.
        """
        super().__init__(scope, id_)
        self.ready = []
        namespaces = {service.name: service.namespace for service in tenancy.services}
        for service in tenancy.settings.grants.services():
            namespace = namespaces[service]
            identity = WorkloadIdentity(
                self,
                service,
                ctx=ctx,
                mechanism=Mechanism.POD_IDENTITY,
                cluster=cluster,
                service_account=ServiceAccount(namespace=namespace, name=service),
                name=service_role(ctx, namespace=namespace, service=service),
                policy=service_policy(ctx, service=service, grants=tenancy.settings.grants),
                boundary=boundary,
            )
            self.ready += identity.ready
