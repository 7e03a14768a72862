"""What every part of CloudFront looks up: distributions, their use of other things, and tags."""

from collections.abc import Iterator
from threading import RLock
from typing import Any

from moto.cloudfront.models import CloudFrontBackend

from .errors import items_of, missing


class Registry(CloudFrontBackend):
    """moto's backend, with look-ups that every operation shares."""

    distributions: dict[str, Any]  # `distributions.py` says which class, above this one

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # moto's server answers in threads, and Terraform sends ten requests at once.
        self.lock = RLock()

    def arn(self, kind: str, name: str) -> str:
        """Build the ARN of a resource of this account; CloudFront's have no region."""
        return f"arn:{self.partition}:cloudfront::{self.account_id}:{kind}/{name}"

    def configs(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give the id and the settings of each distribution."""
        for distribution in self.distributions.values():
            yield distribution.id, distribution.distribution_config

    def users_of_policy(self, key: str, policy_id: str) -> list[str]:
        """List the distributions with a behaviour that names a policy."""
        return [
            id_
            for id_, config in self.configs()
            if any(behavior.get(key) == policy_id for behavior in behaviors(config))
        ]

    def users_of_origin_part(self, key: str, wanted: str) -> list[str]:
        """List the distributions with an origin that names an access control or a VPC origin."""
        return [
            id_
            for id_, config in self.configs()
            if any(named_by(origin, key) == wanted for origin in items_of(config["Origins"]))
        ]

    def users_of_function(self, arn: str) -> list[str]:
        """List the distributions that run a function."""
        return [
            id_
            for id_, config in self.configs()
            if arn in (item["FunctionARN"] for item in functions_of(config))
        ]

    def check_resource(self, arn: str) -> None:
        """Refuse to tag what does not exist."""
        holders = (self.distributions, self.vpc_origins, self.functions, self.key_value_stores)
        if not any(item.arn == arn for holder in holders for item in holder.values()):
            raise missing("NoSuchResource", "resource")

    @property
    def vpc_origins(self) -> dict[str, Any]:
        """Give the VPC origins by id."""
        raise NotImplementedError

    def list_tags_for_resource(self, resource: str) -> dict[str, list[dict[str, str]]]:
        """Give the tags of what exists."""
        self.check_resource(resource)
        return super().list_tags_for_resource(resource)

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """Tag what exists."""
        self.check_resource(arn)
        super().tag_resource(arn, tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Take tags from what exists."""
        self.check_resource(arn)
        super().untag_resource(arn, tag_keys)


def behaviors(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the default behaviour and the others of a distribution."""
    return [config["DefaultCacheBehavior"], *items_of(config["CacheBehaviors"])]


def functions_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the function associations of a distribution."""
    return [
        item
        for behavior in behaviors(config)
        for item in items_of(behavior.get("FunctionAssociations"))
    ]


def named_by(origin: dict[str, Any], key: str) -> Any:
    """Give the id that an origin names under a key; VPC origins lie one deeper."""
    if key == "VpcOriginId":
        return (origin.get("VpcOriginConfig") or {}).get(key)
    return origin.get(key)
