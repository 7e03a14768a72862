"""Corrections of moto's EC2, each for what Terraform's AWS provider or a test of it sees."""

from typing import Any

from moto.ec2.exceptions import InvalidAvailabilityZoneError
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.ec2.models.subnets import Subnet, SubnetBackend


def install() -> None:
    """Correct launch templates, NAT gateways and subnets; a second call changes nothing."""
    if LaunchTemplate.create_version is _create_version:
        return
    LaunchTemplate.create_version = _create_version  # type: ignore[method-assign] # no other hook
    NatGatewayBackend.delete_nat_gateway = _delete_nat_gateway  # type: ignore[method-assign] # the same
    SubnetBackend.create_subnet = _create_subnet  # type: ignore[method-assign] # the same
    # moto copies the tags when the template is made, so the provider's later tags never show.
    LaunchTemplate.tags = property(  # type: ignore[assignment] # an attribute in moto
        LaunchTemplate.get_tags, lambda _self, _tags: None
    )


_moto_create_version = LaunchTemplate.create_version
_moto_delete_nat_gateway = NatGatewayBackend.delete_nat_gateway
_moto_create_subnet = SubnetBackend.create_subnet


def _create_version(
    self: LaunchTemplate, data: dict[str, Any], description: str
) -> LaunchTemplateVersion:
    # The provider's default tags go to the template; moto gives them back as tags of what the
    # template launches, and the provider then plans to remove them.
    specifications = data.get("TagSpecifications")
    if specifications:
        kept = [item for item in specifications if item.get("ResourceType") != "launch-template"]
        data = {**data, "TagSpecifications": kept}
    return _moto_create_version(self, data, description)


def _delete_nat_gateway(self: NatGatewayBackend, nat_gateway_id: str) -> NatGateway:
    # A gateway takes its network interface with it; moto leaves the interface in the subnet.
    gateway = _moto_delete_nat_gateway(self, nat_gateway_id)
    gateway.ec2_backend.enis.pop(gateway._eni.id, None)  # noqa: SLF001 - moto has no other name for it
    return gateway


def _create_subnet(  # noqa: PLR0917 - moto's own parameters
    self: SubnetBackend,
    vpc_id: str,
    cidr_block: str,
    ipv6_cidr_block: str | None = None,
    availability_zone: str | None = None,
    availability_zone_id: str | None = None,
    ipv6_native: bool = False,  # noqa: FBT001, FBT002 - the same
    tags: dict[str, dict[str, str]] | None = None,
) -> Subnet:
    # moto sorts subnets by the name of their zone: the first one that names an id instead becomes
    # a default subnet with public addresses. It also takes zones of every other region.
    region: str = self.region_name  # type: ignore[attr-defined] # of the whole backend
    names = {zone.zone_id: zone.name for zone in RegionsAndZonesBackend.zones[region]}
    zone = availability_zone or names.get(availability_zone_id or "")
    if zone not in names.values():
        wanted, valid = availability_zone or availability_zone_id, ", ".join(names.values())
        raise InvalidAvailabilityZoneError(wanted, valid)
    return _moto_create_subnet(
        self, vpc_id, cidr_block, ipv6_cidr_block, zone, None, ipv6_native, tags
    )
