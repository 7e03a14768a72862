"""The WAF backend of one account in one region."""

import json
from collections.abc import Iterator
from typing import Any

from moto.cloudfront.models import cloudfront_backends
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.elbv2.models import elbv2_backends
from moto.logs.models import logs_backends
from moto.wafv2.exceptions import WAFNonexistentItemException, WAFV2DuplicateItemException
from moto.wafv2.models import (
    FakeIPSet,
    FakeLoggingConfiguration,
    FakeWebACL,
    WAFV2Backend,
    wafv2_backends,
)

from .errors import duplicate, in_use, invalid, unavailable

LOG_NAMES = "aws-waf-logs-"
LOGS, LOAD_BALANCING = ":logs:", ":elasticloadbalancing:"


class WafBackend(WAFV2Backend, TaggableResourcesMixin):  # type: ignore[misc] # tags are a list in WAF
    """moto's WAF, with the refusals of the real one and one web ACL for a resource."""

    SERVICE_NAMESPACE = "wafv2"

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Give what has tags to the tagging API; CloudFront's is told in us-east-1."""
        backends: list[WAFV2Backend] = [self]
        if self.region_name == "us-east-1":
            backends.append(wafv2_backends[self.account_id]["global"])
        for backend in backends:
            for arn in (*backend.wacls, *backend.ip_sets, *backend.rule_groups):
                yield TaggedResource(
                    arn=arn,
                    tags=backend.tagging_service.get_tag_dict_for_resource(arn),
                    resource_type=f"wafv2:{arn.split('/')[1]}",
                )

    def create_web_acl(self, *arguments: Any, **settings: Any) -> FakeWebACL:
        """Make a web ACL; moto refuses a second name under a code that WAF does not have."""
        try:
            return super().create_web_acl(*arguments, **settings)
        except WAFV2DuplicateItemException as error:
            raise duplicate() from error

    def update_web_acl(self, name: str, _id: str, *arguments: Any, **settings: Any) -> str:
        """Replace the settings; moto keeps the old rules when the new ones are none."""
        token = super().update_web_acl(name, _id, *arguments, **settings)
        given = dict(zip(("default_action", "rules"), arguments, strict=False)) | settings
        if not given.get("rules"):
            self.get_web_acl(None, name, _id).rules = []
        return token

    def delete_web_acl(self, name: str, scope: str, _id: str, lock_token: str) -> None:
        """Delete a web ACL that protects nothing, with its logging and its tags."""
        acl = self.get_web_acl(None, name, _id)
        if self.resources_of(acl.arn) or acl.arn in self._acls_of_distributions():
            raise in_use()
        super().delete_web_acl(name, scope, _id, lock_token)
        self.tagging_service.delete_all_tags_for_resource(acl.arn)
        for region in (self.region_name, "us-east-1"):
            logged = wafv2_backends[self.account_id][region].logging_configurations
            logged.pop(acl.arn, None)

    def create_ip_set(self, name: str, scope: str, *arguments: Any, **settings: Any) -> FakeIPSet:
        """Make an IP set with a name that is not taken."""
        if any((item.name, item.scope) == (name, scope) for item in self.ip_sets.values()):
            raise duplicate()
        return super().create_ip_set(name, scope, *arguments, **settings)

    def delete_ip_set(self, name: str, scope: str, _id: str, lock_token: str) -> None:
        """Delete an IP set that no rule names."""
        arn = self.get_ip_set(name, scope, _id).arn
        if any(arn in json.dumps(acl.to_dict()["Rules"]) for acl in self.wacls.values()):
            raise in_use()
        super().delete_ip_set(name, scope, _id, lock_token)
        self.tagging_service.delete_all_tags_for_resource(arn)

    def associate_web_acl(self, web_acl_arn: str, resource_arn: str) -> None:
        """Protect a load balancer; moto leaves the former web ACL on it."""
        if web_acl_arn not in self.wacls:
            raise WAFNonexistentItemException
        if not self._exists(resource_arn):
            raise unavailable()
        super().disassociate_web_acl(resource_arn)
        super().associate_web_acl(web_acl_arn, resource_arn)

    def put_logging_configuration(
        self, arn: str, log_destination_configs: list[str], *arguments: Any, **settings: Any
    ) -> FakeLoggingConfiguration:
        """Log to a destination whose name begins as WAF wants it."""
        region = "global" if ":global/" in arn else self.region_name
        if arn not in wafv2_backends[self.account_id][region].wacls:
            raise WAFNonexistentItemException
        for destination in log_destination_configs:
            self._check_destination(destination)
        return super().put_logging_configuration(
            arn, log_destination_configs, *arguments, **settings
        )

    def _check_destination(self, arn: str) -> None:
        name = arn.removesuffix(":*").rpartition(":")[2].rpartition("/")[2]
        missing = LOGS in arn and name not in self._log_groups()
        if missing or not name.startswith(LOG_NAMES):
            raise invalid(
                "The ARN isn't valid. A valid ARN begins with arn: and includes other information "
                "separated by colons or slashes.",
                "LOG_DESTINATION",
                arn,
            )

    def _log_groups(self) -> dict[str, Any]:
        return logs_backends[self.account_id][self.region_name].groups

    def resources_of(self, web_acl_arn: str) -> list[str]:
        """List what a regional web ACL protects; a load balancer that is gone is no more."""
        associated = self.get_web_acl(web_acl_arn, None, None).associated_resources
        return [arn for arn in associated if self._exists(arn)]

    def _exists(self, resource_arn: str) -> bool:
        if LOAD_BALANCING not in resource_arn:
            return True
        return resource_arn in elbv2_backends[self.account_id][self.region_name].load_balancers

    def _acls_of_distributions(self) -> Iterator[str]:
        distributions: dict[str, Any] = cloudfront_backends[self.account_id]["aws"].distributions
        for distribution in distributions.values():
            yield distribution.distribution_config["WebACLId"]


def install() -> None:
    """Put this backend in the place of moto's, before the first request."""
    wafv2_backends.backend = WafBackend
