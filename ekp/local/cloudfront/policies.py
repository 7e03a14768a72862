"""Cache policies, origin request policies and response headers policies."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.cloudfront.models import random_id
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from . import managed
from .errors import check_version, items_of, missing, page, refuse
from .registry import Registry

# CloudFront's own headers: an origin request policy cannot name them.
REFUSED_ORIGIN_HEADERS = ("authorization", "accept-encoding", "connection")
DAY, YEAR = 86400, 31536000
SECURITY_HEADERS = (
    "content-security-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
)


@dataclass
class Policy:
    """One policy of any kind."""

    config: dict[str, Any]
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    etag: str = field(default_factory=random_id)
    last_modified_time: datetime = field(default_factory=utcnow)


@dataclass(frozen=True)
class Kind:
    """What differs between the kinds of policies."""

    name: str
    words: str
    managed: dict[str, dict[str, Any]]

    @property
    def key(self) -> str:
        """Give the name that a behaviour names a policy by."""
        return f"{self.name}Id"

    def described(self, policy: Policy) -> dict[str, Any]:
        """Give a policy in the API's shape."""
        return {
            "Id": policy.id,
            "LastModifiedTime": policy.last_modified_time,
            f"{self.name}Config": policy.config,
        }


KINDS = {
    kind.name: kind
    for kind in (
        Kind("CachePolicy", "cache policy", managed.CACHE_POLICIES),
        Kind("OriginRequestPolicy", "origin request policy", managed.ORIGIN_REQUEST_POLICIES),
        Kind("ResponseHeadersPolicy", "response headers policy", managed.RESPONSE_HEADERS_POLICIES),
    )
}


class Policies(Registry):
    """What can be done with policies."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.policies: dict[str, dict[str, Policy]] = {name: {} for name in KINDS}

    def policy(self, kind: Kind, policy_id: str) -> Policy:
        """Give a policy, CloudFront's own ones among them."""
        own = self.policies[kind.name].get(policy_id)
        if own:
            return own
        if policy_id in kind.managed:
            return Policy(kind.managed[policy_id], policy_id, "E23ZP02F085DFQ")
        raise missing(f"NoSuch{kind.name}", kind.words)

    def create_policy(self, kind: Kind, config: dict[str, Any]) -> Policy:
        """Make a policy with a name that is not taken."""
        policy = Policy(self._checked(kind, config))
        self.policies[kind.name][policy.id] = policy
        return policy

    def update_policy(
        self, kind: Kind, policy_id: str, config: dict[str, Any], if_match: str | None
    ) -> Policy:
        """Replace all settings of a policy."""
        policy = self._own(kind, policy_id, "IllegalUpdate")
        check_version(if_match, policy.etag)
        policy.config = self._checked(kind, config, policy_id)
        policy.etag, policy.last_modified_time = random_id(), utcnow()
        return policy

    def delete_policy(self, kind: Kind, policy_id: str, if_match: str | None) -> None:
        """Delete a policy that no distribution uses."""
        policy = self._own(kind, policy_id, "IllegalDelete")
        check_version(if_match, policy.etag)
        if self.users_of_policy(kind.key, policy_id):
            raise refuse(
                f"{kind.name}InUse",
                f"The {kind.words} is attached to one or more cache behaviors.",
            )
        del self.policies[kind.name][policy_id]

    def list_policies(
        self, kind: Kind, given: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], str | None]:
        """List policies: CloudFront's, the account's, or both."""
        own = self.policies[kind.name]
        found = [("managed", self.policy(kind, id_)) for id_ in kind.managed]
        found += [("custom", policy) for policy in own.values()]
        wanted = [item for item in found if given.get("Type") in (None, item[0])]
        chosen, marker = page(wanted, lambda item: item[1].id, given)
        return [{"Type": type_, kind.name: kind.described(item)} for type_, item in chosen], marker

    def _own(self, kind: Kind, policy_id: str, illegal: str) -> Policy:
        policy = self.policy(kind, policy_id)
        if policy_id in kind.managed:
            raise refuse(illegal, f"You cannot modify or delete a managed {kind.words}.")
        return policy

    def _checked(
        self, kind: Kind, config: dict[str, Any], policy_id: str | None = None
    ) -> dict[str, Any]:
        for other in self.policies[kind.name].values():
            if other.config["Name"] == config["Name"] and other.id != policy_id:
                raise refuse(
                    f"{kind.name}AlreadyExists", f"A {kind.words} with this name already exists."
                )
        checks = {
            "CachePolicy": _cache,
            "OriginRequestPolicy": _origin_request,
            "ResponseHeadersPolicy": _response_headers,
        }
        return {"Comment": "", **checks[kind.name](config)}


def _cache(config: dict[str, Any]) -> dict[str, Any]:
    """Refuse what makes no sense where nothing is cached."""
    lowest = int(config["MinTTL"])
    ttls = {"DefaultTTL": max(lowest, DAY), "MaxTTL": max(lowest, YEAR)}
    config = {**ttls, **{key: value for key, value in config.items() if value is not None}}
    if any(config[name] for name in ("MinTTL", "DefaultTTL", "MaxTTL")):
        return config
    key = config.get("ParametersInCacheKeyAndForwardedToOrigin") or {}
    wrong = [
        name for name in ("EnableAcceptEncodingGzip", "EnableAcceptEncodingBrotli") if key.get(name)
    ]
    for part, setting in (
        ("HeadersConfig", "HeaderBehavior"),
        ("CookiesConfig", "CookieBehavior"),
        ("QueryStringsConfig", "QueryStringBehavior"),
    ):
        if (key.get(part) or {}).get(setting, "none") != "none":
            wrong.append(setting)
    if wrong:
        raise refuse(
            "InvalidArgument",
            f"The parameter {wrong[0]} is invalid for policy with caching disabled.",
        )
    return config


def _origin_request(config: dict[str, Any]) -> dict[str, Any]:
    headers = config["HeadersConfig"]
    for header in items_of(headers.get("Headers")):
        if headers["HeaderBehavior"] != "allExcept" and header.lower() in REFUSED_ORIGIN_HEADERS:
            raise refuse(
                "InvalidArgument",
                f"The parameter Headers contains {header} that is not allowed.",
            )
    return config


def _response_headers(config: dict[str, Any]) -> dict[str, Any]:
    for item in items_of(config.get("CustomHeadersConfig")):
        if item["Header"].lower() in SECURITY_HEADERS:
            raise refuse(
                "InvalidArgument",
                f"The parameter CustomHeaders contains {item['Header']} that is a security header "
                "and cannot be set as custom header.",
            )
    return config
