"""Statements of AWS WAF: whether a request is what a rule looks for.

An answer has three values: what hangs on a country that nobody told is neither yes nor no, and
stays so under ``not``, ``and`` and ``or`` as long as it matters.
Source: AWS WAF developer guide, "Using rule statements in AWS WAF".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from ..blocks import Block, block, blocks, only
from ..request import Unsupported
from . import fields
from .addresses import callers
from .inspected import Inspected
from .rates import Limit, limit_of

Lookup = Callable[[str], Block | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a statement is asked about."""

    where: str
    """The web ACL and the rule, for messages."""
    request: Inspected
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a statement matches."""

    matches: bool | None
    """None: it hangs on something that is not known."""
    why: str


def answer(statement: Block, asked: Asked) -> Answer:
    """Return whether a statement matches a request.

    Raises:
        HeaderMissingError: AWS WAF leaves out the whole rule.
        Unsupported: the statement, or a part of it, is not understood.
    """
    kind, body = only(statement, asked.where, "statement")
    if kind not in _KINDS:
        raise Unsupported(asked.where, f"statement.{kind}", "it is not evaluated")
    return _KINDS[kind](body, asked)


def referred(arn: object, asked: Asked) -> Block:
    """Return the IP set or the rule group that a statement names.

    Raises:
        Unsupported: nobody knows it.
    """
    found = asked.lookup(str(arn))
    if found is None:
        raise Unsupported(asked.where, "arn", f"{arn} is not configured here")
    return found


def _geo(body: Block, asked: Asked) -> Answer:
    found = callers(block(body, "forwarded_ip_config"), asked.request, asked.where)
    if isinstance(found, bool):
        return _unreadable(found)
    listed, country = body["country_codes"], asked.request.country
    if country is None:
        return Answer(None, f"the client's country is not known; listed: {', '.join(listed)}")
    there = country.upper() in listed
    return Answer(there, f"country {country} is {'' if there else 'not '}listed")


def _ip_set(body: Block, asked: Asked) -> Answer:
    forwarded = block(body, "ip_set_forwarded_ip_config")
    found = callers(forwarded, asked.request, asked.where)
    if isinstance(found, bool):
        return _unreadable(found)
    listed = referred(body["arn"], asked)
    try:
        networks = [ip_network(each) for each in listed["addresses"]]
    except ValueError as error:
        raise Unsupported(asked.where, "addresses", str(error)) from error
    inside = any(each in network for each in found for network in networks)
    told = ", ".join(str(each) for each in found)
    return Answer(inside, f"{told} is {'' if inside else 'not '}in {listed.get('name', 'the set')}")


def _unreadable(fallback: bool) -> Answer:  # noqa: FBT001 - the setting's own value
    counts = "counts" if fallback else "does not count"
    return Answer(fallback, f"the header's address cannot be read, which {counts} as a match")


def _bytes(body: Block, asked: Asked) -> Answer:
    found = fields.bytes_match(body, asked.request, asked.where)
    how = str(body["positional_constraint"]).lower().replace("_", " ")
    what = fields.named(body, asked.where)
    return Answer(found, f"{what}: {how} {body['search_string']!r}: {'yes' if found else 'no'}")


def _size(body: Block, asked: Asked) -> Answer:
    found = fields.size_fits(body, asked.request, asked.where)
    told = f"size {body['comparison_operator']} {body['size']}"
    return Answer(found, f"{fields.named(body, asked.where)}: {told}: {'yes' if found else 'no'}")


def _regex(body: Block, asked: Asked) -> Answer:
    found = fields.pattern_matches(body, asked.request, asked.where)
    what = fields.named(body, asked.where)
    return Answer(found, f"{what} {'has' if found else 'does not have'} a value that is looked for")


def _not(body: Block, asked: Asked) -> Answer:
    found = answer(block(body, "statement") or {}, asked)
    return Answer(None if found.matches is None else not found.matches, found.why)


def _all(body: Block, asked: Asked) -> Answer:
    return _joined(body, asked, decides=False)


def _any(body: Block, asked: Asked) -> Answer:
    return _joined(body, asked, decides=True)


def _joined(body: Block, asked: Asked, *, decides: bool) -> Answer:
    # Every one is asked, for one whose header is missing takes the rule out whatever others say.
    found = [answer(each, asked) for each in blocks(body, "statement")]
    for value in (decides, None):
        if chosen := [each for each in found if each.matches is value]:
            return Answer(value, chosen[0].why)
    return Answer(not decides, "; ".join(each.why for each in found))


def _rate(body: Block, asked: Asked) -> Answer:
    limit = limit_of({"name": "", "priority": 0, "statement": {"rate_based_statement": body}})
    if limit is None or limit.key not in ("IP", "FORWARDED_IP"):
        raise Unsupported(asked.where, "aggregate_key_type", "it counts by something else")
    forwarded = block(body, "forwarded_ip_config") if limit.key == "FORWARDED_IP" else None
    found = callers(forwarded, asked.request, asked.where)
    if isinstance(found, bool):
        return _unreadable(found)
    scope = block(body, "scope_down_statement")
    narrowed = answer(scope, asked) if scope is not None else Answer(True, "")
    if narrowed.matches is False:
        return Answer(False, f"it is not counted: {narrowed.why}")
    over = _over(limit, asked.request.rate)
    return Answer(narrowed.matches if over.matches else False, over.why)


def _over(limit: Limit, rate: float | None) -> Answer:
    if rate is None:
        return Answer(False, f"one request alone, of {limit}")
    sent = rate * limit.window
    told = f"{rate:g} requests a second are {sent:,.0f} in {limit.window} s"
    if sent <= limit.requests:
        return Answer(False, f"{told}, of {limit.requests:,}")
    first = f"from about request {limit.requests + 1:,} of a window on"
    return Answer(True, f"{told}, above {limit.requests:,}: {first}, as AWS WAF notices it late")


_KINDS: Mapping[str, Callable[[Block, Asked], Answer]] = {
    "geo_match_statement": _geo,
    "ip_set_reference_statement": _ip_set,
    "byte_match_statement": _bytes,
    "size_constraint_statement": _size,
    "regex_match_statement": _regex,
    "not_statement": _not,
    "and_statement": _all,
    "or_statement": _any,
    "rate_based_statement": _rate,
}
