"""AWS regions the platform knows: the short form that names carry."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

SHORT_REGIONS: Mapping[str, str] = {
    "af-south-1": "afs1",
    "ap-northeast-1": "apne1",
    "ap-northeast-2": "apne2",
    "ap-south-1": "aps1",
    "ap-southeast-1": "apse1",
    "ap-southeast-2": "apse2",
    "ca-central-1": "cac1",
    "eu-central-1": "euc1",
    "eu-north-1": "eun1",
    "eu-south-1": "eus1",
    "eu-west-1": "euw1",
    "eu-west-2": "euw2",
    "eu-west-3": "euw3",
    "sa-east-1": "sae1",
    "us-east-1": "use1",
    "us-east-2": "use2",
    "us-west-1": "usw1",
    "us-west-2": "usw2",
}


def known_region(region: str) -> str:
    """Return the region when it is known.

    Raises:
        ValueError: the region has no short form here.
    """
    if region not in SHORT_REGIONS:
        raise ValueError(
            f"{region!r} is not a region known here; use one of {', '.join(SHORT_REGIONS)}, "
            "or add its short form to modules/core/regions.py"
        )
    return region


# EKS makes no control plane's interfaces there. Source: EKS user guide, "View Amazon EKS networking
# requirements for VPC and subnets".
ZONES_WITHOUT_EKS = ("use1-az3", "usw1-az2", "cac1-az3")


ZONE_ID = re.compile(r"[a-z]+\d-az\d")


def _zone_id(zone: str) -> str:
    if not ZONE_ID.fullmatch(zone):
        raise ValueError(
            f"{zone!r} is not a zone id: names such as eu-west-1a differ between accounts; "
            "write the id, such as euw1-az1 (aws ec2 describe-availability-zones)"
        )
    if zone in ZONES_WITHOUT_EKS:
        raise ValueError(f"EKS has no control planes in {zone}; use another zone of the region")
    return zone


ZoneId = Annotated[str, AfterValidator(_zone_id)]
"""Id of an availability zone, the same place in every account."""
