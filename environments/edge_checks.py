"""Checks across settings of edge and ingress: what a plan passes and an apply, or users, do not.

Each part of an environment is judged once it is valid by itself; what is not has its error already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from modules.aws.alb import NAME_LIMIT as ALB_NAME_LIMIT
from modules.aws.alb_rules import shard_rules
from modules.aws.target_group import NAME_LIMIT, istio_gateway
from modules.core.cloudfront import CLIENT_ADDRESS_HEADER, NO_LOG_BUCKETS, ORIGIN_FACING
from modules.core.context import Context
from modules.core.kubernetes_versions import Finding, Level
from modules.core.origin_records import Policy, faults
from modules.core.rates import Rate
from modules.core.waf_groups import JUDGE_THE_CONNECTION
from modules.core.waf_rules import Mode, WebAclConfig, capacity, groups_of, rules
from modules.core.waf_statements import BASIC_CAPACITY, MAX_CAPACITY
from modules.core.wildcards import overlap
from modules.stacks.edge import EdgeConfig, Front
from modules.stacks.ingress import IngressConfig

from pydantic import ValidationError

from .schema import Environment
from .validity import valid

# Source: VPC quotas, "Inbound or outbound rules per security group".
GROUP_RULES = 60
# Source: Application Load Balancers quotas, "Rules per Application Load Balancer"; adjustable.
LISTENER_RULES = 100


@dataclass(frozen=True)
class _Place:
    """One environment, as far as its parts are valid."""

    name: str
    account: str
    edge: EdgeConfig
    regions: Mapping[str, IngressConfig]
    contexts: Mapping[str, Context]

    def at(self, region: str) -> str:
        """Return the path of a region's settings of ingress."""
        return f"{self.name}.regions[{region}].ingress"


def check_edges(environments: Sequence[Environment]) -> list[Finding]:
    """Return everything wrong or worth a warning, each with the path of the setting."""
    places = [place for e in environments if (place := _place(e))]
    return [
        *_overlapping_aliases(places),
        *(finding for place in places for finding in _outside_the_parent(place)),
        *(finding for place in places for finding in _fronts(place)),
        *(finding for place in places for finding in _listener_rules(place)),
        *(finding for place in places for finding in _shares(place)),
        *(finding for place in places for finding in _web_acls(place)),
        *(finding for place in places for finding in _long_names(place)),
    ]


def _error(message: str) -> Finding:
    return Finding(Level.ERROR, message)


def _overlapping_aliases(places: Sequence[_Place]) -> Iterator[Finding]:
    # CloudFront gives a name to one distribution, and a wildcard's names to one account.
    served = [place for place in places if place.edge.front is not Front.DIRECT]
    for one, other in combinations(served, 2):
        if one.account == other.account or one.edge.domain == other.edge.domain:
            continue
        for mine in one.edge.hosts.aliases:
            for theirs in other.edge.hosts.aliases:
                if overlap(mine, theirs):
                    yield _error(
                        f"{other.name}.edge.domain = {other.edge.domain!r}: its alias {theirs} "
                        f"overlaps {mine} of {one.name} in another account, which CloudFront "
                        "refuses; give both domains of which neither is right above the other"
                    )


def _outside_the_parent(place: _Place) -> Iterator[Finding]:
    parent = place.edge.zone.parent
    if parent and not place.edge.domain.endswith(f".{parent.name}"):
        yield _error(
            f"{place.name}.edge.zone.parent.name = {parent.name!r}: {place.edge.domain} is not "
            "under it, so it cannot delegate; name the zone above, or change edge.domain"
        )


def _fronts(place: _Place) -> Iterator[Finding]:
    front = place.edge.front
    if front is Front.VPC_ORIGIN and len(place.regions) > 1:
        yield _error(
            f"{place.name}.edge.front = 'vpc-origin': names one load balancer, the environment has "
            f"{len(place.regions)} regions ({', '.join(place.regions)}); use front cloudfront"
        )
    if front is Front.VPC_ORIGIN and place.edge.policy is not Policy.LATENCY:
        yield _error(
            f"{place.name}.edge.policy = {place.edge.policy.value!r}: a VPC origin is found "
            "without DNS, so no policy acts; remove policy, or use front cloudfront"
        )
    if front is Front.DIRECT and place.edge.policy is Policy.TREE:
        yield _error(
            f"{place.name}.edge.policy = 'tree': its branches are names under the one that users "
            "ask for, and edge.front direct has a wildcard among those; use another policy, or "
            "front cloudfront"
        )
    for region, ingress in place.regions.items():
        if front is Front.VPC_ORIGIN and region in NO_LOG_BUCKETS:
            yield _error(
                f"{place.name}.edge.front = 'vpc-origin': keeps the distribution's log bucket in "
                f"{region}, where CloudFront delivers none; use front cloudfront"
            )
        open_to = ingress.alb.open_to
        path = f"{place.at(region)}.alb"
        if front is Front.DIRECT and not open_to:
            yield _error(
                f"{path}.open_to: edge.front is direct, so nobody could call; list the networks "
                "of people and clusters that may"
            )
        if front is not Front.DIRECT and open_to:
            yield _error(
                f"{path}.open_to names {', '.join(open_to)}: edge.front is {front}, whose load "
                "balancers take CloudFront alone; remove it, or use front direct"
            )
        if len(open_to) > GROUP_RULES:
            yield _error(
                f"{path}.open_to: {len(open_to)} networks, a security group holds {GROUP_RULES} "
                "rules; list larger networks"
            )
        known = ingress.alb.origin_prefix_list_id or ORIGIN_FACING.get(region)
        if front is not Front.DIRECT and not known:
            yield _error(
                f"{path}.origin_prefix_list_id: CloudFront's prefix list in {region} is not known "
                "here; set it to the id that `aws ec2 describe-managed-prefix-lists` names "
                "com.amazonaws.global.cloudfront.origin-facing"
            )


def _listener_rules(place: _Place) -> Iterator[Finding]:
    secrets = 0 if place.edge.front is Front.DIRECT else 2
    # The gateway's own is one more.
    count = 1 + sum(shard_rules(s.hosts, secrets) for s in place.edge.shards.values())
    if count > LISTENER_RULES:
        yield Finding(
            Level.WARNING,
            f"{place.name}.edge.shards: their hosts take {count} listener rules, a load balancer "
            f"has {LISTENER_RULES} until AWS raises the quota; ask for that, or name fewer hosts",
        )


def _shares(place: _Place) -> Iterator[Finding]:
    shares = {region: ingress.share for region, ingress in place.regions.items()}
    if not shares:
        return
    for region, message in faults(place.edge.policy, shares):
        where = f"{place.at(region)}.share" if region else f"{place.name}.regions[*].ingress.share"
        yield _error(f"{where}: {message}")


def _web_acls(place: _Place) -> Iterator[Finding]:
    rates = place.edge.rates
    direct = place.edge.front is Front.DIRECT
    if not direct:
        path = f"{place.name}.edge.web_acl"
        yield from _web_acl(path, place.edge.web_acl, rates.edge, address_header=None)
    for region, ingress in place.regions.items():
        path = f"{place.at(region)}.web_acl"
        header = None if direct else CLIENT_ADDRESS_HEADER
        yield from _web_acl(path, ingress.web_acl, rates.region, address_header=header)
        groups = groups_of(ingress.web_acl, address_header=header)
        blind = [g.value for g in JUDGE_THE_CONNECTION if g in groups]
        if blind and not direct:
            yield _error(
                f"{path}.groups has {', '.join(blind)}: behind CloudFront they judge CloudFront's "
                "own addresses; remove them here, the edge has them"
            )


def _web_acl(
    path: str, config: WebAclConfig, rate: Rate, *, address_header: str | None
) -> Iterator[Finding]:
    groups = groups_of(config, address_header=address_header)
    if not any(group.mode is Mode.BLOCK and group.path is None for group in groups.values()):
        yield _error(
            f"{path}.groups: no managed group blocks on all paths, so whoever can call is let "
            "through; add a group with mode block and without path"
        )
    for name, part in config.path_rates.items():
        if part.rate.per_second >= rate.per_second:
            yield _error(
                f"{path}.path_rates.{name}.rate ({part.rate}): is no less than the limit on all "
                f"paths ({rate}), so it would never act; lower it"
            )
    units = capacity(rules(config, rate, address_header=address_header))
    if units > MAX_CAPACITY:
        yield _error(
            f"{path}: its rules take {units} capacity units, AWS allows {MAX_CAPACITY}; remove "
            "network_rules or groups"
        )
    elif units > BASIC_CAPACITY:
        yield Finding(
            Level.WARNING,
            f"{path}: its rules take {units} capacity units, the basic price covers "
            f"{BASIC_CAPACITY}: every request costs more; remove network_rules or groups",
        )


def _long_names(place: _Place) -> Iterator[Finding]:
    for region, ctx in place.contexts.items():
        tls = place.regions[region].alb.gateway_tls
        names = {
            f"{place.at(region)}.alb": ("alb", ALB_NAME_LIMIT),
            f"{place.at(region)}.alb.gateway_tls": (istio_gateway(tls=tls).name, NAME_LIMIT),
            **{
                f"{place.name}.edge.shards.{shard}": (shard, NAME_LIMIT)
                for shard in place.edge.shards
            },
        }
        for path, (name, limit) in names.items():
            try:
                ctx.name(name, limit=limit)
            except ValueError as error:
                yield _error(f"{path}: {error}")


def _place(environment: Environment) -> _Place | None:
    edge = valid(EdgeConfig, getattr(environment, "edge", None))
    if edge is None:
        return None
    regions: dict[str, IngressConfig] = {}
    contexts: dict[str, Context] = {}
    written = getattr(environment, "regions", None)
    for region, settings in written.items() if isinstance(written, Mapping) else ():
        given = getattr(settings, "ingress", None)
        ingress = IngressConfig() if given is None else valid(IngressConfig, given)
        if ingress is None:
            continue
        regions[str(region)] = ingress
        try:
            contexts[str(region)] = environment.context(str(region))
        except (ValidationError, AttributeError):
            continue
    name = getattr(environment, "name", None) or "environment"
    account = getattr(environment, "account_id", None) or ""
    return _Place(str(name), str(account), edge, regions, contexts)
