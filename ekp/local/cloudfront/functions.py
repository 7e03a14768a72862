"""CloudFront functions: a stage to develop in and a live one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.cloudfront.exceptions import FunctionAlreadyExists, NoSuchFunctionExists
from moto.cloudfront.models import random_id
from moto.core.utils import utcnow

from .errors import check_version, refuse
from .registry import Registry

MAX_CODE_BYTES = 10 * 1024
DEVELOPMENT, LIVE = "DEVELOPMENT", "LIVE"


@dataclass
class Stage:
    """What a function is in one stage."""

    name: str
    config: dict[str, Any]
    code: bytes
    created_time: datetime
    etag: str = field(default_factory=random_id)
    last_modified_time: datetime = field(default_factory=utcnow)


class Function:
    """One function in its stages."""

    def __init__(self, name: str, arn: str, config: dict[str, Any], code: bytes) -> None:
        self.name = name
        self.arn = arn
        self.stages = {DEVELOPMENT: Stage(DEVELOPMENT, config, code, utcnow())}

    @property
    def published(self) -> bool:
        """Tell whether the live stage holds what the development stage holds."""
        develop, live = self.stages[DEVELOPMENT], self.stages.get(LIVE)
        return live is not None and (live.code, live.config) == (develop.code, develop.config)


class Functions(Registry):
    """What can be done with functions."""

    functions: dict[str, Function]  # type: ignore[assignment] # with stages, which moto's lack

    def function(self, name: str) -> Function:
        """Give a function by name."""
        if name not in self.functions:
            raise NoSuchFunctionExists(name)
        return self.functions[name]

    def stage(self, name: str, stage: str | None) -> Stage:
        """Give a function in a stage; only a published one is live."""
        function = self.function(name)
        found = function.stages.get(stage or DEVELOPMENT)
        if found is None:
            raise NoSuchFunctionExists(name)
        return found

    def summary(self, name: str, stage: str | None) -> dict[str, Any]:
        """Describe a function in a stage."""
        function, found = self.function(name), self.stage(name, stage)
        status = "UNASSOCIATED"
        if not function.published and found.name == DEVELOPMENT:
            status = "UNPUBLISHED"
        elif self.users_of_function(function.arn):
            status = "DEPLOYED"
        return {
            "Name": name,
            "Status": status,
            "FunctionConfig": found.config,
            "FunctionMetadata": {
                "FunctionARN": function.arn,
                "Stage": found.name,
                "CreatedTime": found.created_time,
                "LastModifiedTime": found.last_modified_time,
            },
        }

    def new_function(self, name: str, config: dict[str, Any], code: bytes) -> Stage:
        """Make a function in the development stage."""
        if name in self.functions:
            raise FunctionAlreadyExists(name)
        _check_size(code)
        self.functions[name] = Function(name, self.arn("function", name), config, code)
        return self.stage(name, DEVELOPMENT)

    def update_function(
        self, name: str, config: dict[str, Any], code: bytes, if_match: str | None
    ) -> Stage:
        """Change the development stage; the live one stays as it is."""
        stage = self.stage(name, DEVELOPMENT)
        check_version(if_match, stage.etag)
        _check_size(code)
        stage.config, stage.code = config, code
        stage.etag, stage.last_modified_time = random_id(), utcnow()
        return stage

    def publish_function(self, name: str, if_match: str | None) -> Stage:
        """Copy the development stage to the live one."""
        function, develop = self.function(name), self.stage(name, DEVELOPMENT)
        check_version(if_match, develop.etag)
        function.stages[LIVE] = Stage(LIVE, develop.config, develop.code, utcnow())
        return function.stages[LIVE]

    def remove_function(self, name: str, if_match: str | None) -> None:
        """Delete a function that no distribution runs."""
        function = self.function(name)
        check_version(if_match, function.stages[DEVELOPMENT].etag)
        if self.users_of_function(function.arn):
            raise refuse(
                "FunctionInUse",
                "Cannot delete function, it is in use by one or more distributions.",
            )
        del self.functions[name]


def _check_size(code: bytes) -> None:
    if len(code) > MAX_CODE_BYTES:
        raise refuse(
            "FunctionSizeLimitExceeded",
            f"The function size exceeds the maximum allowed size of {MAX_CODE_BYTES} bytes.",
        )
