"""What every platform service is given, as plain text where Terraform would fill it in."""

from modules.aws.access_logs import AccessLogsOutputs
from modules.aws.eks import EksOutputs
from modules.core.entra import EntraApplication

ADMINS = "c0a80101-1111-4222-8333-444455556666"
VIEWERS = "c0a80102-1111-4222-8333-444455556666"
TENANT = "8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4e61"
CLIENT = "3b9f0d14-52c7-4b1a-8e66-d0a9c4f7e210"
ACCESS_LOGS = AccessLogsOutputs("ekp-prod-euw1-333333333333-access-logs")
SIGN_IN = EntraApplication(tenant_id=TENANT, client_id=CLIENT, admins=(ADMINS,), viewers=(VIEWERS,))
CLUSTER = EksOutputs(
    cluster_name="ekp-prod-euw1-eks",
    cluster_arn="arn:aws:eks:eu-west-1:333333333333:cluster/ekp-prod-euw1-eks",
    endpoint="https://example.eks.amazonaws.com",
    certificate_authority="Y2VydGlmaWNhdGU=",
    security_group_id="sg-1",
    oidc_provider_arn="arn:aws:iam::333333333333:oidc-provider/oidc.example/id/1",
    oidc_issuer_host="oidc.example/id/1",
)
