"""The CloudFront API over HTTP: what each operation answers."""
# ruff: noqa: D102 - the methods are the operations of the API, one line each

from moto.core.responses import ActionResult, EmptyResult

from .base import LOCATION, Base
from .errors import page
from .origins import VpcOrigin
from .policy_operations import PolicyOperations


class Distributions(Base):
    """The operations on distributions."""

    def _create(self, config: str, tags: str) -> ActionResult:
        made = self.backend.new_distribution(self._get_param(config), self._get_param(tags) or [])
        location = f"{LOCATION}/distribution/{made.id}"
        answer = {"Distribution": made.described(), "ETag": made.etag, "Location": location}
        return ActionResult(answer)

    def create_distribution(self) -> ActionResult:
        return self._create("DistributionConfig", "none")

    def create_distribution_with_tags(self) -> ActionResult:
        wrapper = "DistributionConfigWithTags"
        return self._create(f"{wrapper}.DistributionConfig", f"{wrapper}.Tags.Items")

    def get_distribution(self) -> ActionResult:
        found = self.backend.distribution(self._get_param("Id"))
        return ActionResult({"Distribution": found.described(), "ETag": found.etag})

    def get_distribution_config(self) -> ActionResult:
        found = self.backend.distribution(self._get_param("Id"))
        return ActionResult({"DistributionConfig": found.distribution_config, "ETag": found.etag})

    def update_distribution(self) -> ActionResult:
        found = self.backend.change_distribution(*self.given("Id", "DistributionConfig", "IfMatch"))
        return ActionResult({"Distribution": found.described(), "ETag": found.etag})

    def delete_distribution(self) -> ActionResult:
        self.backend.remove_distribution(*self.given("Id", "IfMatch"))
        return EmptyResult()

    def list_distributions(self) -> ActionResult:
        for found in self.backend.distributions.values():
            found.advance()
        items = [found.summary() for found in self.backend.distributions.values()]
        return self.page_of("DistributionList", *page(items, lambda item: item["Id"], self.params))

    def _users(self, ids: list[str]) -> ActionResult:
        return self.page_of("DistributionIdList", *page(ids, str, self.params))

    def _users_of(self, kind: str) -> ActionResult:
        key = f"{kind}Id"
        return self._users(self.backend.users_of_policy(key, self._get_param(key)))

    def list_distributions_by_cache_policy_id(self) -> ActionResult:
        return self._users_of("CachePolicy")

    def list_distributions_by_origin_request_policy_id(self) -> ActionResult:
        return self._users_of("OriginRequestPolicy")

    def list_distributions_by_response_headers_policy_id(self) -> ActionResult:
        return self._users_of("ResponseHeadersPolicy")

    def list_distributions_by_vpc_origin_id(self) -> ActionResult:
        key = "VpcOriginId"
        return self._users(self.backend.users_of_origin_part(key, self._get_param(key)))


class Functions(Base):
    """The operations on functions."""

    def create_function(self) -> ActionResult:
        name, config, code = self.given("Name", "FunctionConfig", "FunctionCode")
        stage = self.backend.new_function(name, config, code)
        summary = self.backend.summary(name, stage.name)
        location = f"{LOCATION}/function/{name}"
        return ActionResult({"FunctionSummary": summary, "ETag": stage.etag, "Location": location})

    def describe_function(self) -> ActionResult:
        name, stage = self.given("Name", "Stage")
        summary = self.backend.summary(name, stage)
        etag = self.backend.stage(name, stage).etag
        return ActionResult({"FunctionSummary": summary, "ETag": etag})

    def get_function(self) -> ActionResult:
        stage = self.backend.stage(*self.given("Name", "Stage"))
        kind = "application/octet-stream"
        return ActionResult({"FunctionCode": stage.code, "ETag": stage.etag, "ContentType": kind})

    def update_function(self) -> ActionResult:
        given = self.given("Name", "FunctionConfig", "FunctionCode", "IfMatch")
        stage = self.backend.update_function(*given)
        summary = self.backend.summary(given[0], stage.name)
        return ActionResult({"FunctionSummary": summary, "ETag": stage.etag})

    def publish_function(self) -> ActionResult:
        name, if_match = self.given("Name", "IfMatch")
        stage = self.backend.publish_function(name, if_match)
        return ActionResult({"FunctionSummary": self.backend.summary(name, stage.name)})

    def delete_function(self) -> ActionResult:
        self.backend.remove_function(*self.given("Name", "IfMatch"))
        return EmptyResult()

    def list_functions(self) -> ActionResult:
        stage = self._get_param("Stage")
        items = [
            self.backend.summary(name, stage)
            for name, function in self.backend.functions.items()
            if stage in (None, *function.stages)
        ]
        return self.page_of("FunctionList", *page(items, lambda item: item["Name"], self.params))


class Origins(Base):
    """The operations on VPC origins and origin access controls."""

    def _vpc_origin(self, origin: VpcOrigin) -> ActionResult:
        location = f"{LOCATION}/vpc-origin/{origin.id}"
        answer = {"VpcOrigin": origin.described(), "ETag": origin.etag, "Location": location}
        return ActionResult(answer)

    def create_vpc_origin(self) -> ActionResult:
        config, tags = self.given("VpcOriginEndpointConfig", "Tags.Items")
        return self._vpc_origin(self.backend.create_vpc_origin(config, tags or []))

    def get_vpc_origin(self) -> ActionResult:
        return self._vpc_origin(self.backend.describe_vpc_origin(self._get_param("Id")))

    def update_vpc_origin(self) -> ActionResult:
        given = self.given("Id", "VpcOriginEndpointConfig", "IfMatch")
        return self._vpc_origin(self.backend.update_vpc_origin(*given))

    def delete_vpc_origin(self) -> ActionResult:
        return self._vpc_origin(self.backend.delete_vpc_origin(*self.given("Id", "IfMatch")))

    def list_vpc_origins(self) -> ActionResult:
        items = [origin.summary() for origin in self.backend.vpc_origins.values()]
        return self.page_of("VpcOriginList", *page(items, lambda item: item["Id"], self.params))

    def get_origin_access_control_config(self) -> ActionResult:
        control = self.backend.get_origin_access_control(self._get_param("Id"))
        return ActionResult({"OriginAccessControlConfig": control, "ETag": control.etag})

    def update_origin_access_control(self) -> ActionResult:
        given = self.given("Id", "OriginAccessControlConfig", "IfMatch")
        control = self.backend.change_access_control(*given)
        answer = {"Id": control.id, "OriginAccessControlConfig": control}
        return ActionResult({"OriginAccessControl": answer, "ETag": control.etag})

    def delete_origin_access_control(self) -> ActionResult:
        self.backend.remove_access_control(*self.given("Id", "IfMatch"))
        return EmptyResult()


class Responses(Distributions, Functions, Origins, PolicyOperations):
    """All operations."""
