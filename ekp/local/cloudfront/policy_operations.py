"""The operations on policies, which are the same six for each kind."""

from collections.abc import Callable

from moto.core.responses import ActionResult, EmptyResult

from .base import LOCATION, Base
from .policies import KINDS, Kind, Policy


class PolicyOperations(Base):
    """Holds the operations that are made below."""


def _operations(kind: Kind) -> dict[str, Callable[[Base], ActionResult]]:
    config, path = f"{kind.name}Config", kind.words.replace(" ", "-")

    def answer(policy: Policy) -> ActionResult:
        location = f"{LOCATION}/{path}/{policy.id}"
        described = kind.described(policy)
        return ActionResult({kind.name: described, "ETag": policy.etag, "Location": location})

    def create(self: Base) -> ActionResult:
        return answer(self.backend.create_policy(kind, self._get_param(config)))

    def get(self: Base) -> ActionResult:
        return answer(self.backend.policy(kind, self._get_param("Id")))

    def get_config(self: Base) -> ActionResult:
        policy = self.backend.policy(kind, self._get_param("Id"))
        return ActionResult({config: policy.config, "ETag": policy.etag})

    def update(self: Base) -> ActionResult:
        return answer(self.backend.update_policy(kind, *self.given("Id", config, "IfMatch")))

    def delete(self: Base) -> ActionResult:
        self.backend.delete_policy(kind, *self.given("Id", "IfMatch"))
        return EmptyResult()

    def list_(self: Base) -> ActionResult:
        return self.page_of(f"{kind.name}List", *self.backend.list_policies(kind, self.params))

    word = path.replace("-", "_")
    return {
        f"create_{word}": create,
        f"get_{word}": get,
        f"get_{word}_config": get_config,
        f"update_{word}": update,
        f"delete_{word}": delete,
        f"list_{word[:-1]}ies": list_,
    }


for _kind in KINDS.values():
    for _name, _operation in _operations(_kind).items():
        setattr(PolicyOperations, _name, _operation)
