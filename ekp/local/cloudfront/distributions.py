"""Distributions, which come back as they were sent."""

from datetime import datetime
from typing import Any

from moto.cloudfront.exceptions import DistributionAlreadyExists, NoSuchDistribution
from moto.cloudfront.models import Distribution as MotoDistribution
from moto.cloudfront.models import Invalidation, random_id
from moto.core.utils import utcnow
from moto.moto_api._internal.managed_state_model import ManagedState

from .checks import Checks
from .defaults import NO_SIGNERS, filled
from .errors import check_version, items_of, refuse


class Distribution(MotoDistribution):
    """One distribution; its settings stay in the API's own shape."""

    distribution_config: dict[str, Any]  # type: ignore[assignment] # moto makes objects that lose settings

    def __init__(self, arn: str, id_: str, config: dict[str, Any]) -> None:
        # moto's constructor reads the settings into objects.
        ManagedState.__init__(
            self, "cloudfront::distribution", transitions=[("InProgress", "Deployed")]
        )
        self.id = self.distribution_id = id_
        self.arn = arn
        self.domain_name = f"{random_id(uppercase=False)}.cloudfront.net".lower()
        self.settle(config)

    def settle(self, config: dict[str, Any]) -> None:
        """Take new settings, which makes a new version that has to be deployed."""
        self.distribution_config = config
        self.etag = random_id()
        self.modified: datetime = utcnow()
        self.status = "InProgress"

    def described(self) -> dict[str, Any]:
        """Give it in the API's shape."""
        config = self.distribution_config
        return {
            "Id": self.id,
            "ARN": self.arn,
            "Status": self.status,
            "LastModifiedTime": self.modified,
            "InProgressInvalidationBatches": 0,
            "DomainName": self.domain_name,
            "ActiveTrustedSigners": NO_SIGNERS,
            "ActiveTrustedKeyGroups": NO_SIGNERS,
            "DistributionConfig": config,
            "AliasICPRecordals": [
                {"CNAME": alias, "ICPRecordalStatus": "APPROVED"}
                for alias in items_of(config["Aliases"])
            ],
        }

    def summary(self) -> dict[str, Any]:
        """Give it as the list of distributions has it."""
        described = self.described()
        return {**described, **described["DistributionConfig"]}


class Distributions(Checks):
    """What can be done with distributions."""

    distributions: dict[str, Distribution]  # type: ignore[assignment] # with settings in the API's shape

    def distribution(self, distribution_id: str) -> Distribution:
        """Give a distribution; one that was being deployed has come a step further."""
        found = self.distributions.get(distribution_id)
        if found is None:
            raise NoSuchDistribution
        found.advance()
        return found

    def new_distribution(self, sent: dict[str, Any], tags: list[dict[str, str]]) -> Distribution:
        """Make a distribution."""
        for other_id, other in self.configs():
            if other["CallerReference"] == sent["CallerReference"]:
                raise DistributionAlreadyExists(other_id)
        config = filled(sent)
        self.check(config)
        id_ = f"E{random_id()}"
        made = Distribution(self.arn("distribution", id_), id_, config)
        self.distributions[id_] = made
        self.tagger.tag_resource(made.arn, tags)
        return made

    def change_distribution(
        self, distribution_id: str, sent: dict[str, Any], if_match: str | None
    ) -> Distribution:
        """Replace all settings of a distribution."""
        found = self.distribution(distribution_id)
        check_version(if_match, found.etag)
        config = filled(sent)
        if config["CallerReference"] != found.distribution_config["CallerReference"]:
            raise refuse("IllegalUpdate", "The caller reference cannot be changed.")
        self.check(config, distribution_id)
        found.settle(config)
        return found

    def remove_distribution(self, distribution_id: str, if_match: str | None) -> None:
        """Delete a distribution that was disabled before."""
        found = self.distribution(distribution_id)
        check_version(if_match, found.etag)
        if found.distribution_config["Enabled"] or found.status == "InProgress":
            raise refuse(
                "DistributionNotDisabled",
                "The distribution you are trying to delete has not been disabled.",
            )
        del self.distributions[distribution_id]
        self.invalidations.pop(distribution_id, None)
        self.tagger.delete_all_tags_for_resource(found.arn)

    def create_invalidation(self, dist_id: str, paths: list[str], caller_ref: str) -> Invalidation:
        """Take paths out of the caches."""
        invalidation = Invalidation(self.distribution(dist_id), paths, caller_ref)
        self.invalidations.setdefault(dist_id, []).append(invalidation)
        return invalidation
