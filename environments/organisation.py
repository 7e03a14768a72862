"""What the organisation has once: where states, costs and services are kept, who signs in."""

from modules.addons.kubecost_store import KubecostStoreLocation
from modules.aws.eks_access import OidcIdentityProvider
from modules.aws.zone import ParentZone
from modules.core.context import StateConfig
from modules.core.entra import Applications, Directory
from modules.core.gitops import GitRepository
from modules.core.identity import Identity, Issuer

STATE = StateConfig(bucket="ekp-tfstate-444444444444", region="eu-west-1")
PARENT_ZONE = ParentZone(
    name="ekp.example",
    zone_id="Z0EKPEXAMPLEPARENT",
    role_arn="arn:aws:iam::444444444444:role/ekp-dns",
)
COST_STORE = KubecostStoreLocation(
    bucket="ekp-management-euw1-444444444444-kubecost",
    region="eu-west-1",
    account_id="444444444444",
)
# Entra ID (Azure AD): who runs the platform, and through which applications people sign in. Ids of
# groups and applications stand here alone; docs/identity.md tells how to make them.
DIRECTORY = Directory(
    tenant_id="00000000-0000-0000-0000-000000000000",
    admins={"platform-admins": "00000000-0000-0000-0000-0000000000a1"},
    viewers={"platform-viewers": "00000000-0000-0000-0000-0000000000b1"},
    applications=Applications(
        kubernetes="00000000-0000-0000-0000-00000000c1a0",
        argo_cd="00000000-0000-0000-0000-00000000c1a1",
        kubecost="00000000-0000-0000-0000-00000000c1a2",
        rancher="00000000-0000-0000-0000-00000000c1a3",
        grafana={
            "dev": "00000000-0000-0000-0000-00000000c1b1",
            "qa": "00000000-0000-0000-0000-00000000c1b2",
            "management": "00000000-0000-0000-0000-00000000c1b3",
        },
        vault={
            "dev": "00000000-0000-0000-0000-00000000c1e1",
            "qa": "00000000-0000-0000-0000-00000000c1e2",
            "prod": "00000000-0000-0000-0000-00000000c1e3",
            "management": "00000000-0000-0000-0000-00000000c1e4",
        },
    ),
)
# How people sign in to every cluster's Kubernetes API.
CLUSTER_SIGN_IN = OidcIdentityProvider(
    issuer_url=DIRECTORY.issuer, client_id=DIRECTORY.applications.kubernetes
)
# Users of the services; the audience is the API's own app registration.
IDENTITY = Identity(
    issuers={
        "entra": Issuer(
            issuer=DIRECTORY.issuer,
            jwks_uri=DIRECTORY.jwks_uri,
            audiences=("00000000-0000-0000-0000-00000000c1d0",),
        ),
    },
)
# The repository of this project on GitHub, whose workflows deploy.
PLATFORM_REPOSITORY = "ekp-example/platform"
# Where `ekp services render` writes, and Argo CD reads.
REPOSITORY = GitRepository(
    url="https://git.ekp.example/platform/services.git", revision="main", path="services"
)
