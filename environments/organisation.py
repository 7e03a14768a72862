"""What the organisation has once: where states, costs and services are kept, who signs in."""

from modules.addons.kubecost_store import KubecostStoreLocation
from modules.aws.zone import ParentZone
from modules.core.context import StateConfig
from modules.core.gitops import GitRepository
from modules.core.identity import Identity, Issuer

STATE = StateConfig(bucket="ekp-tfstate-444444444444", region="eu-west-1")
PARENT_ZONE = ParentZone(
    name="ekp.example",
    zone_id="Z0EKPEXAMPLEPARENT",
    role_arn="arn:aws:iam::444444444444:role/ekp-dns",
)
COST_STORE = KubecostStoreLocation(
    bucket="ekp-management-euw1-444444444444-kubecost", region="eu-west-1"
)
# Entra ID: the tenant, and object ids of the groups that run the platform.
TENANT = "00000000-0000-0000-0000-000000000000"
PLATFORM_ADMINS = "00000000-0000-0000-0000-0000000000a1"
PLATFORM_VIEWERS = "00000000-0000-0000-0000-0000000000b1"
# Users of the services; the audience is the API's own app registration.
IDENTITY = Identity(
    issuers={
        "entra": Issuer(
            issuer=f"https://login.microsoftonline.com/{TENANT}/v2.0",
            jwks_uri=f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys",
            audiences=("00000000-0000-0000-0000-00000000c1d0",),
        ),
    },
)
# Where `ekp services render` writes, and Argo CD reads.
REPOSITORY = GitRepository(
    url="https://git.ekp.example/platform/services.git", revision="main", path="services"
)
