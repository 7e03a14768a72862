"""What an origin of a distribution can name: VPC origins and origin access controls."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.cloudfront.exceptions import NoSuchOriginAccessControl
from moto.cloudfront.models import OriginAccessControl, random_id
from moto.core.utils import utcnow
from moto.elbv2.models import elbv2_backends

from .errors import check_version, missing, refuse
from .registry import Registry


@dataclass
class VpcOrigin:
    """A way from CloudFront to a load balancer or an instance inside a VPC."""

    id: str
    arn: str
    config: dict[str, Any]
    status: str = "Deploying"
    etag: str = field(default_factory=random_id)
    created_time: datetime = field(default_factory=utcnow)
    last_modified_time: datetime = field(default_factory=utcnow)

    def described(self) -> dict[str, Any]:
        """Give it in the API's shape."""
        return {
            "Id": self.id,
            "Arn": self.arn,
            "Status": self.status,
            "CreatedTime": self.created_time,
            "LastModifiedTime": self.last_modified_time,
            "VpcOriginEndpointConfig": self.config,
        }

    def summary(self) -> dict[str, Any]:
        """Give it as the list has it."""
        short = {key: value for key, value in self.described().items() if "Config" not in key}
        return {**short, "Name": self.config["Name"], "OriginEndpointArn": self.config["Arn"]}


class VpcOrigins(Registry):
    """What can be done with VPC origins."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._vpc_origins: dict[str, VpcOrigin] = {}

    @property
    def vpc_origins(self) -> dict[str, VpcOrigin]:
        """Give the VPC origins by id."""
        return self._vpc_origins

    def vpc_origin(self, origin_id: str) -> VpcOrigin:
        """Give a VPC origin."""
        origin = self._vpc_origins.get(origin_id)
        if origin is None:
            raise missing("EntityNotFound", "VPC origin")
        return origin

    def describe_vpc_origin(self, origin_id: str) -> VpcOrigin:
        """Look at a VPC origin; one that was deploying is ready now."""
        origin = self.vpc_origin(origin_id)
        origin.status = "Deployed"
        return origin

    def create_vpc_origin(self, config: dict[str, Any], tags: list[dict[str, str]]) -> VpcOrigin:
        """Make a VPC origin for a load balancer that exists."""
        if any(item.config["Name"] == config["Name"] for item in self._vpc_origins.values()):
            raise refuse("EntityAlreadyExists", "A VPC origin with this name already exists.")
        self._check_endpoint(config["Arn"])
        origin_id = f"vo_{random_id(length=22)}"
        origin = VpcOrigin(origin_id, self.arn("vpcorigin", origin_id), config)
        self._vpc_origins[origin_id] = origin
        self.tagger.tag_resource(origin.arn, tags)
        return origin

    def update_vpc_origin(
        self, origin_id: str, config: dict[str, Any], if_match: str | None
    ) -> VpcOrigin:
        """Replace all settings of a VPC origin."""
        origin = self.vpc_origin(origin_id)
        check_version(if_match, origin.etag)
        self._check_endpoint(config["Arn"])
        origin.config, origin.status = config, "Deploying"
        origin.etag, origin.last_modified_time = random_id(), utcnow()
        return origin

    def delete_vpc_origin(self, origin_id: str, if_match: str | None) -> VpcOrigin:
        """Delete a VPC origin that no distribution uses."""
        origin = self.vpc_origin(origin_id)
        check_version(if_match, origin.etag)
        if self.users_of_origin_part("VpcOriginId", origin_id):
            raise refuse(
                "CannotDeleteEntityWhileInUse",
                "The VPC origin is associated with one or more distributions.",
            )
        del self._vpc_origins[origin_id]
        self.tagger.delete_all_tags_for_resource(origin.arn)
        return origin

    def _check_endpoint(self, arn: str) -> None:
        service, region, account = arn.split(":")[2:5]
        if service != "elasticloadbalancing":
            return
        if arn not in elbv2_backends[account][region].load_balancers:
            raise refuse("InvalidArgument", f"The VPC origin endpoint {arn} does not exist.")


class AccessControls(Registry):
    """Origin access controls, with versions and a refusal to delete what is used."""

    def create_origin_access_control(self, config_dict: dict[str, str]) -> OriginAccessControl:
        """Make an origin access control with a name that is not taken."""
        self._check_name(config_dict["Name"])
        return super().create_origin_access_control({"Description": "", **config_dict})

    def change_access_control(
        self, control_id: str, config: dict[str, str], if_match: str | None
    ) -> OriginAccessControl:
        """Change an origin access control."""
        control = self.get_origin_access_control(control_id)
        check_version(if_match, control.etag)
        self._check_name(config["Name"], control_id)
        control.update({"Description": "", **config})
        control.etag = random_id()
        return control

    def remove_access_control(self, control_id: str, if_match: str | None) -> None:
        """Delete an origin access control that no distribution uses."""
        if control_id not in self.origin_access_controls:
            raise NoSuchOriginAccessControl
        check_version(if_match, self.origin_access_controls[control_id].etag)
        if self.users_of_origin_part("OriginAccessControlId", control_id):
            raise refuse(
                "OriginAccessControlInUse",
                "Cannot delete the origin access control because it's in use by one or more "
                "distributions.",
            )
        del self.origin_access_controls[control_id]

    def _check_name(self, name: str, control_id: str | None = None) -> None:
        for other in self.origin_access_controls.values():
            if other.name == name and other.id != control_id:
                raise refuse(
                    "OriginAccessControlAlreadyExists",
                    "An origin access control with this name already exists.",
                )
