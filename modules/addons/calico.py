"""Network policies, enforced on the nodes beside the VPC CNI."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from ..core.availability import Availability
from ..kubernetes.apply import Manifests
from ..kubernetes.helm import HelmRelease
from ..kubernetes.jobs import wait_for
from ..kubernetes.manifest import Manifest
from ..kubernetes.namespaces import Namespace, PodSecurity
from .calico_crds import OPERATOR, calico_crds
from .charts import TIGERA_OPERATOR

# The operator uses the node's network, so that it can start before any pod has one.
NAMESPACE = Namespace(name="tigera-operator", pod_security=PodSecurity.PRIVILEGED)


class Calico(Construct):
    """The Tigera operator and what it installs, for policies alone: the VPC CNI gives addresses.

    ``ready`` is reached when the operator says that nodes and the API ``projectcalico.org/v3``
    are available. On destroy the chart's own hook removes the installation before the operator
    goes; removed after it, the objects would keep their finalizers
    (aws-ia/terraform-aws-eks-blueprints#934).
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        availability: Availability,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        crds = Manifests(
            self,
            "crds",
            name="calico-crds",
            namespace=NAMESPACE.name,
            manifests=calico_crds(NAMESPACE.name),
            after=after,
        )
        release = HelmRelease(
            self,
            "release",
            chart=TIGERA_OPERATOR,
            namespace=NAMESPACE.name,
            overrides={
                "tigeraOperator": {
                    "registry": OPERATOR.registry,
                    "image": OPERATOR.image,
                    "version": OPERATOR.version,
                },
                "installation": {"controlPlaneReplicas": availability.replicas()},
            },
            after=[crds.resource],
        )
        waiting = Manifests(
            self,
            "status",
            name="calico-status",
            namespace=NAMESPACE.name,
            manifests=_available(),
            after=[release.resource],
            timeout_seconds=900,
        )
        self.ready = [release.resource, waiting.resource]


def _available() -> list[Manifest]:
    return wait_for(
        "wait-for-calico",
        namespace=NAMESPACE.name,
        rules=[
            {
                "apiGroups": ["operator.tigera.io"],
                "resources": ["tigerastatuses"],
                "verbs": ["get", "list", "watch"],
            }
        ],
        arguments=[
            "--for=condition=Available",
            "tigerastatus.operator.tigera.io/calico",
            "tigerastatus.operator.tigera.io/apiserver",
        ],
        seconds=840,
    )
