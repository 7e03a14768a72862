"""What the organisation has once: the bucket of all states, and the DNS zone above all domains."""

from modules.aws.zone import ParentZone
from modules.core.context import StateConfig

STATE = StateConfig(bucket="ekp-tfstate-444444444444", region="eu-west-1")
PARENT_ZONE = ParentZone(
    name="ekp.example",
    zone_id="Z0EKPEXAMPLEPARENT",
    role_arn="arn:aws:iam::444444444444:role/ekp-dns",
)
