"""A request as a web ACL sees it, and what a web ACL says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One request where a web ACL stands."""

    method: str
    host: str
    path: str
    """With the query, if there is one; as it came, for AWS WAF decodes nothing by itself."""
    headers: Mapping[str, str]
    """``${var.x}`` in a value stands for a text that nobody knows but the configuration."""
    address: str
    """Of whoever opened the connection: behind CloudFront, CloudFront's own."""
    country: str | None
    """Of the client, ISO 3166-1 alpha-2; None: not known."""
    rate: float | None
    """Requests of this client per second, kept up; None: this request alone."""
    body_bytes: int = 0

    def header(self, name: str) -> str | None:
        """Return a header whatever case its name is written in, or None."""
        wanted = name.lower()
        found = [value for key, value in self.headers.items() if key.lower() == wanted]
        if not found and wanted == "host":
            return self.host
        return ",".join(found) if found else None


class Effect(StrEnum):
    """What a rule does with a request."""

    NO_MATCH = "no match"
    COUNTS = "counts"
    """It matches, or may, and the evaluation goes on."""
    ALLOWS = "allows"
    BLOCKS = "blocks"
    MAY_BLOCK = "may block"
    """AWS alone knows: its managed rules decide, or a token that it has made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule of a web ACL came to."""

    name: str
    priority: int
    effect: Effect
    why: str
    status: int | None = None
    """The HTTP status of the answer, where it blocks."""

    @property
    def ends(self) -> bool:
        """Whether no later rule is looked at."""
        return self.effect in (Effect.ALLOWS, Effect.BLOCKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a web ACL came to."""

    results: tuple[RuleResult, ...]
    """In the order of the priorities, up to and including the one that ends it."""
    ending: RuleResult | None
    """None: no rule ended it, and what no rule ends is let through."""

    @property
    def passes(self) -> bool:
        """Whether the request goes on, unless AWS's own rules stop it."""
        return self.ending is None or self.ending.effect is Effect.ALLOWS

    @property
    def may_block(self) -> tuple[RuleResult, ...]:
        """What AWS decides by itself."""
        return tuple(one for one in self.results if one.effect is Effect.MAY_BLOCK)
