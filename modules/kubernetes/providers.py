"""The helm provider of a cluster, from its contract alone."""

from cdktf import Fn
from cdktf_cdktf_provider_helm.provider import (
    HelmProvider,
    HelmProviderKubernetes,
    HelmProviderKubernetesExec,
)
from constructs import Construct

from ..core.context import Context


def helm_provider(
    scope: Construct, *, ctx: Context, cluster_name: str, endpoint: str, certificate_authority: str
) -> HelmProvider:
    """Make the provider, which signs in as the deploying role whenever it needs to.

    A token lives 15 minutes and a deploy may take longer, so the AWS CLI makes one on each call.
    The arguments come from another layer's contract: a provider made from a resource of its own
    state would meet no cluster when that resource changes (terraform-provider-helm#400).
    """
    return HelmProvider(
        scope,
        "helm",
        kubernetes=HelmProviderKubernetes(
            host=endpoint,
            cluster_ca_certificate=Fn.base64decode(certificate_authority),
            exec=HelmProviderKubernetesExec(
                api_version="client.authentication.k8s.io/v1beta1",
                command="aws",
                args=[
                    "eks",
                    "get-token",
                    "--cluster-name",
                    cluster_name,
                    "--region",
                    ctx.region,
                    "--role-arn",
                    ctx.deploy_role_arn,
                    "--output",
                    "json",
                ],
            ),
        ),
    )
