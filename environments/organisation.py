"""What the organisation has once: where states and costs are kept, the DNS zone, who signs in."""

from modules.addons.kubecost_store import KubecostStoreLocation
from modules.aws.zone import ParentZone
from modules.core.context import StateConfig

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
