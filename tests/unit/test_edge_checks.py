"""Settings of edge and ingress that a plan would pass and an apply, or users, would not."""

from datetime import date
from ipaddress import IPv4Network
from typing import Any

from modules.aws.alb import AlbConfig
from modules.aws.zone import ParentZone, ZoneConfig
from modules.core.config import deferred_validation
from modules.core.hosts import Shard
from modules.core.origin_records import Policy, Share
from modules.core.rates import Key, Rate, Rates
from modules.core.waf_groups import ManagedGroup
from modules.core.waf_rules import ALL_GROUPS, Group, Mode, NetworkRule, PathRate, WebAclConfig
from modules.stacks.edge import EdgeConfig, Front
from modules.stacks.ingress import IngressConfig

import pytest

from environments import SettingsError, load, validate
from environments.edge_checks import check_edges
from environments.schema import Environment, RegionSettings
from tests.support.settings import written

TODAY = date(2026, 11, 21)
IRELAND = "prod.regions[eu-west-1].ingress"


def environment(
    ingress: dict[str, dict[str, Any]] | None = None,
    *,
    name: str = "prod",
    account: str = "333333333333",
    **edge: Any,
) -> Environment:
    """Return an environment as it is written down, with settings of ingress region by region."""
    regions: dict[str, RegionSettings] = {}
    for number, (region, changes) in enumerate((ingress or {"eu-west-1": {}}).items()):
        cidr = IPv4Network(f"10.{number}.0.0/16")
        one = written(name, account=account, region=region, vpc={"cidr": cidr}).regions[region]
        with deferred_validation():
            regions[region] = RegionSettings(
                network=one.network, cluster=one.cluster, ingress=IngressConfig(**changes)
            )
    with deferred_validation():
        settings = EdgeConfig(**{"domain": f"{name}.ekp.example"} | edge)
    return written(name, account=account, regions=regions, edge=settings)


def problems(*environments: Environment) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        validate(environments, TODAY)
    return raised.value.problems


def other(**edge: Any) -> Environment:
    """Return an environment of another account that overlaps prod in nothing."""
    found = environment(name="dev", account="111111111111", **edge)
    settings = found.regions["eu-west-1"]
    vpc = settings.network.vpc.model_copy(update={"cidr": IPv4Network("10.99.0.0/16")})
    network = settings.network.model_copy(update={"vpc": vpc})
    region = settings.model_copy(update={"network": network})
    return found.model_copy(update={"regions": {"eu-west-1": region}})


def test_every_environment_s_edge_is_fit_to_be_deployed() -> None:
    assert check_edges(list(load(TODAY)[0].values())) == []


def test_the_management_environment_is_open_to_listed_networks_alone() -> None:
    management = load(TODAY)[0]["management"]

    assert management.edge.front is Front.DIRECT
    assert [r.ingress.alb.open_to != {} for r in management.regions.values()] == [True]


def test_an_alias_under_another_account_s_wildcard_is_refused() -> None:
    (message,) = problems(environment(domain="ekp.example"), other())

    assert message == (
        "dev.edge.domain = 'dev.ekp.example': its alias dev.ekp.example overlaps *.ekp.example of "
        "prod in another account, which CloudFront refuses; give both domains of which neither is "
        "right above the other"
    )


def test_the_same_alias_of_two_distributions_is_refused() -> None:
    (message,) = problems(environment(), other(domain="prod.ekp.example"))

    assert message.startswith("dev.edge.domain = 'prod.ekp.example': prod has the same")


def test_a_domain_outside_the_zone_that_delegates_is_refused() -> None:
    parent = ParentZone(name="other.example", zone_id="Z0123456789")

    assert problems(environment(zone=ZoneConfig(parent=parent))) == (
        (
            "prod.edge.zone.parent.name = 'other.example': prod.ekp.example is not under it, so it "
            "cannot delegate; name the zone above, or change edge.domain"
        ),
    )


def test_a_host_outside_the_zone_is_refused_by_its_path() -> None:
    (message,) = problems(environment(shards={"api": Shard(hosts=("api.example.org",), slot=1)}))

    assert message.startswith("prod.edge: shard api lists api.example.org, certificates and")


def test_rates_that_do_not_narrow_are_refused_by_their_path() -> None:
    with deferred_validation():
        rates = Rates(gateway=Rate(requests=9000))
    (message,) = problems(environment(rates=rates))

    assert message.startswith("prod.edge.rates: region (2400 requests in 60 s a client")


def test_a_name_of_a_target_group_over_its_limit_is_refused() -> None:
    shard = Shard(hosts=("api.production1.ekp.example",), slot=1)
    found = environment(
        name="production1", shards={"customer-api-shard": shard}, account="333333333333"
    )

    assert problems(found) == (
        (
            "production1.edge.shards.customer-api-shard: the name "
            "'ekp-production1-euw1-customer-api-shard' has 39 characters, the service allows "
            "32; shorten the project, the environment or the setting it is made from"
        ),
    )


def test_a_load_balancer_in_one_zone_is_refused() -> None:
    (message, control_plane) = problems(written("prod", vpc={"zones": ("euw1-az1",)}))

    assert "network.vpc.zones" in message
    assert "at least 2 items" in message
    assert "control_plane_zones = 2: the VPC has 1 zones" in control_plane


@pytest.mark.parametrize(
    "groups",
    [
        {},
        {ManagedGroup.COMMON: Group(mode=Mode.COUNT)},
        {ManagedGroup.COMMON: Group(path="/admin")},
    ],
    ids=["no group", "groups that count", "a group for some paths"],
)
def test_an_environment_on_the_internet_without_a_web_acl_that_blocks_is_refused(
    groups: dict[ManagedGroup, Group],
) -> None:
    (message,) = problems(environment(web_acl=WebAclConfig(groups=groups)))

    assert message == (
        "prod.edge.web_acl.groups: no managed group blocks on all paths, so whoever can call is "
        "let through; add a group with mode block and without path"
    )


def narrow(count: int) -> WebAclConfig:
    """Return a web ACL with so many rules of 33 units on top of its groups."""
    rule = NetworkRule(networks=(IPv4Network("198.51.100.0/24"),), priority=1, path="/admin")
    return WebAclConfig(
        network_rules={f"n{i}": rule.model_copy(update={"priority": i}) for i in range(1, count)}
    )


def test_a_web_acl_over_the_basic_price_is_a_warning() -> None:
    _, warnings = validate((environment(web_acl=narrow(5)),), TODAY)

    assert warnings == (
        (
            "prod.edge.web_acl: its rules take 1559 capacity units, the basic price covers 1500: "
            "every request costs more; remove network_rules or groups"
        ),
    )


def test_a_web_acl_over_what_aws_allows_is_refused() -> None:
    (message,) = problems(environment(web_acl=narrow(110)))

    assert message == (
        "prod.edge.web_acl: its rules take 5024 capacity units, AWS allows 5000; remove "
        "network_rules or groups"
    )


def test_a_load_balancer_nobody_may_call_is_refused() -> None:
    (message,) = problems(environment(front=Front.DIRECT))

    assert message == (
        f"{IRELAND}.alb.open_to: edge.front is direct, so nobody could call; list the networks of "
        "people and clusters that may"
    )


def test_a_way_round_the_distribution_is_refused() -> None:
    alb = AlbConfig(open_to={"office": IPv4Network("198.51.100.0/24")})
    (message,) = problems(environment({"eu-west-1": {"alb": alb}}))

    assert message == (
        f"{IRELAND}.alb.open_to names office: edge.front is cloudfront, whose load balancers take "
        "CloudFront alone; remove it, or use front direct"
    )


def test_a_vpc_origin_over_several_regions_is_refused() -> None:
    (message,) = problems(environment({"eu-west-1": {}, "us-east-1": {}}, front=Front.VPC_ORIGIN))

    assert message == (
        "prod.edge.front = 'vpc-origin': names one load balancer, the environment has 2 regions "
        "(eu-west-1, us-east-1); use front cloudfront"
    )


def test_a_region_whose_prefix_list_is_not_known_asks_for_it() -> None:
    (message,) = problems(environment({"sa-east-1": {}}))

    assert "origin_prefix_list_id: CloudFront's prefix list in sa-east-1 is not known" in message
    known = AlbConfig(origin_prefix_list_id="pl-5da64334")
    assert validate((environment({"sa-east-1": {"alb": known}}),), TODAY)


def test_weights_that_are_all_zero_are_refused() -> None:
    none = {"share": Share(weight=0)}
    (message,) = problems(
        environment({"eu-west-1": none, "us-east-1": none}, policy=Policy.WEIGHTED)
    )

    assert message.startswith("prod.regions[*].ingress.share: eu-west-1, us-east-1 all have weight")


def test_groups_that_judge_addresses_are_refused_behind_cloudfront() -> None:
    web_acl = WebAclConfig(groups=dict(ALL_GROUPS))
    (message,) = problems(environment({"eu-west-1": {"web_acl": web_acl}}))

    assert message.startswith(
        f"{IRELAND}.web_acl.groups has AWSManagedRulesAmazonIpReputationList, AWSManagedRules"
        "AnonymousIpList: behind CloudFront they judge CloudFront's own addresses"
    )


def test_all_errors_of_edge_and_ingress_come_at_once() -> None:
    found = problems(
        environment(
            {"eu-west-1": {"share": Share(serving=False)}},
            front=Front.DIRECT,
            zone=ZoneConfig(parent=ParentZone(name="other.example", zone_id="Z1")),
        )
    )

    assert len(found) == 3


@pytest.mark.parametrize("front", [Front.CLOUDFRONT, Front.DIRECT])
def test_an_incident_needs_one_word_and_no_list_of_groups(front: Front) -> None:
    alb = AlbConfig(open_to={"office": IPv4Network("198.51.100.0/24")})
    ingress: dict[str, Any] = {"web_acl": WebAclConfig(emergency=True)}
    ingress |= {"alb": alb} if front is Front.DIRECT else {}

    found, warnings = validate((environment({"eu-west-1": ingress}, front=front),), TODAY)

    assert found["prod"].regions["eu-west-1"].ingress.web_acl.emergency is True
    assert warnings == ()


def test_a_limit_on_a_path_that_would_never_act_is_refused() -> None:
    login = PathRate(path="/login", rate=Rate(requests=5000), priority=1)
    (message,) = problems(environment(web_acl=WebAclConfig(path_rates={"login": login})))

    assert message == (
        "prod.edge.web_acl.path_rates.login.rate (5000 requests in 60 s a client): is no less than "
        "the limit on all paths (3000 requests in 60 s a client), so it would never act; lower it"
    )


def test_a_tree_of_names_under_a_wildcard_is_refused() -> None:
    alb = AlbConfig(open_to={"office": IPv4Network("198.51.100.0/24")})
    (message,) = problems(
        environment({"eu-west-1": {"alb": alb}}, front=Front.DIRECT, policy=Policy.TREE)
    )

    assert message.startswith("prod.edge.policy = 'tree': its branches are names under the one")


def test_a_distribution_whose_logs_would_go_nowhere_is_refused() -> None:
    known = AlbConfig(origin_prefix_list_id="pl-c0aa4fa9")
    (message,) = problems(environment({"af-south-1": {"alb": known}}, front=Front.VPC_ORIGIN))

    assert message == (
        "prod.edge.front = 'vpc-origin': keeps the distribution's log bucket in af-south-1, where "
        "CloudFront delivers none; use front cloudfront"
    )


def test_more_listener_rules_than_a_load_balancer_has_are_a_warning() -> None:
    hosts = tuple(f"h{number}.prod.ekp.example" for number in range(297))
    shards = {
        "a": Shard(hosts=hosts, slot=1),
        "b": Shard(hosts=("b.prod.ekp.example",), slot=2),
    }
    (warning,) = validate((environment(shards=shards),), TODAY)[1]

    assert warning == (
        "prod.edge.shards: their hosts take 101 listener rules, a load balancer has 100 until AWS "
        "raises the quota; ask for that, or name fewer hosts"
    )


def test_more_hosts_than_a_shard_s_rules_hold_are_refused() -> None:
    hosts = tuple(f"h{number}.prod.ekp.example" for number in range(298))
    with deferred_validation():
        shard = Shard(hosts=hosts, slot=1)
    (message,) = problems(environment(shards={"a": shard}))

    assert message.startswith("prod.edge.shards.a.hosts")
    assert "at most 297 items" in message


def test_issuers_that_would_keep_our_own_certificates_away_are_refused() -> None:
    with deferred_validation():
        zone = ZoneConfig(delegated=True, caa_issuers=("letsencrypt.org",))
    (message,) = problems(environment(zone=zone))

    assert message == (
        "prod.edge.zone: caa_issuers names letsencrypt.org, so ACM could issue no certificate for "
        "the domain; add amazon.com"
    )


def test_a_path_s_limit_that_counts_something_else_than_clients_is_refused() -> None:
    with deferred_validation():
        login = PathRate(path="/login", rate=Rate(requests=50, key=Key.POD), priority=1)
        web_acl = WebAclConfig(path_rates={"login": login})
    (message,) = problems(environment(web_acl=web_acl))

    assert message == (
        "prod.edge.web_acl: path_rates login counts by pod, a web ACL counts by client; "
        "leave key out"
    )


def test_a_network_that_is_none_is_refused_once_by_its_path() -> None:
    with deferred_validation():
        office = NetworkRule(networks=("198.51.100.1/24",), priority=1)
        web_acl = WebAclConfig(network_rules={"office": office})

    assert problems(environment(web_acl=web_acl)) == (
        (
            "prod.edge.web_acl.network_rules.office.networks[0] = '198.51.100.1/24': value is not "
            "a valid IPv4 or IPv6 network; write it as a network address and prefix, such as "
            "198.51.100.0/24"
        ),
    )


@pytest.mark.parametrize("domain", ["https://prod.ekp.example", "prod.ekp.example.", "Prod.Ekp"])
def test_what_is_no_domain_is_refused_by_its_path(domain: str) -> None:
    (message,) = problems(environment(domain=domain))

    assert message == (
        f"prod.edge.domain: '{domain}' is not a domain name; write it in small letters, without a "
        "scheme, a wildcard or a dot at its end, such as prod.example.org"
    )


def test_a_host_that_stands_twice_in_a_shard_is_refused_once() -> None:
    with deferred_validation():
        shard = Shard(hosts=("api.prod.ekp.example", "api.prod.ekp.example"), slot=1)
    (message,) = problems(environment(shards={"api": shard}))

    assert message == ("prod.edge.shards.api: hosts names api.prod.ekp.example twice; remove one")


def test_a_code_that_is_no_country_s_is_refused_by_its_path() -> None:
    with deferred_validation():
        web_acl = WebAclConfig(blocked_countries=("KP", "UK"))

    assert problems(environment(web_acl=web_acl)) == (
        (
            "prod.edge.web_acl.blocked_countries[1]: 'UK' is no country code; write two capital "
            "letters of ISO 3166, such as GB"
        ),
    )


def test_both_ways_of_delegation_at_once_are_refused() -> None:
    with deferred_validation():
        parent = ParentZone(name="ekp.example", zone_id="Z1")
        zone = ZoneConfig(parent=parent, delegated=True)
    (message,) = problems(environment(zone=zone))

    assert "parent ekp.example delegates by itself; remove delegated" in message
