"""The environments fit together, and what does not is refused with every error at once."""

from datetime import date
from ipaddress import IPv4Network
from itertools import combinations

from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.aws.node_group import NodeGroupConfig
from modules.core.config import deferred_validation

import pytest

from environments import SettingsError, load, validate
from environments.schema import EdgeConfig, Environment
from tests.support.settings import written

TODAY = date(2026, 11, 21)
OTHER = {"cidr": IPv4Network("10.1.0.0/16")}
DEV = "dev.regions[eu-west-1]"


def problems(*environments: Environment, today: date = TODAY) -> tuple[str, ...]:
    """Return what is wrong with the environments."""
    with pytest.raises(SettingsError) as raised:
        validate(environments, today)
    assert str(raised.value) == "\n".join(raised.value.problems)
    return raised.value.problems


@pytest.mark.requirement("R32")
def test_dev_qa_production_and_management_are_all_valid_today() -> None:
    environments, warnings = load(TODAY)

    assert list(environments) == ["dev", "qa", "prod", "management"]
    assert warnings == ()
    assert {name: list(e.regions) for name, e in environments.items()} == {
        "dev": ["eu-west-1"],
        "qa": ["eu-west-1"],
        "prod": ["eu-west-1", "us-east-1"],
        "management": ["eu-west-1"],
    }


def test_each_environment_has_an_account_and_a_domain_of_its_own() -> None:
    environments = load(TODAY)[0].values()

    assert len({e.account_id for e in environments}) == 4
    assert len({e.edge.domain for e in environments}) == 4


def test_no_two_regions_share_an_address() -> None:
    networks = [
        settings.network.vpc.cidr
        for environment in load(TODAY)[0].values()
        for settings in environment.regions.values()
    ]

    assert len(networks) == 5
    assert not [(a, b) for a, b in combinations(networks, 2) if a.overlaps(b)]


def test_all_state_is_in_one_bucket_so_that_the_hub_can_read_contracts() -> None:
    environments = load(TODAY)[0]

    buckets = {e.state.bucket for e in environments.values()}

    assert buckets == {f"ekp-tfstate-{environments['management'].account_id}"}


@pytest.mark.requirement("R41")
@pytest.mark.parametrize("name", ["qa", "prod", "management"])
def test_people_sign_in_to_the_shared_clusters_through_entra_id(name: str) -> None:
    for settings in load(TODAY)[0][name].regions.values():
        provider = settings.cluster.eks.identity_provider

        assert provider is not None
        assert provider.issuer_url.startswith("https://login.microsoftonline.com/")


def test_networks_that_overlap_are_refused_by_both_paths() -> None:
    prod = written("prod", vpc={"cidr": IPv4Network("10.0.128.0/17")})

    assert problems(written(), prod) == (
        (
            "prod.regions[eu-west-1].network.vpc.cidr = 10.0.128.0/17: overlaps "
            f"{DEV}.network.vpc.cidr = 10.0.0.0/16; give each region a block of its own"
        ),
    )


def test_a_domain_of_two_environments_is_refused() -> None:
    with deferred_validation():
        same = EdgeConfig(domain="dev.ekp.example")
    prod = written("prod", vpc=OTHER, edge=same)

    assert problems(written(), prod) == (
        "prod.edge.domain = 'dev.ekp.example': dev has the same; give each environment its own",
    )


def test_a_name_of_two_environments_is_refused() -> None:
    (message, _) = problems(written(), written(vpc=OTHER))

    assert message == "dev.name = 'dev': dev has the same; give each environment its own"


@pytest.mark.parametrize("zone", ["use1-az2", "eu-west-1", "eu-west-12", "eu-west-1ab"])
def test_a_zone_of_another_region_is_refused(zone: str) -> None:
    assert problems(written(vpc={"zones": ("euw1-az1", zone)})) == (
        (
            f"{DEV}.network.vpc.zones names {zone}, which is not a zone of eu-west-1; "
            "use euw1-az1, euw1-az2 and so on"
        ),
    )


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {
            "deploy": AccessEntry(
                principal_arn="arn:aws:iam::333333333333:role/ekp-deploy", policy=AccessPolicy.EDIT
            )
        },
        {
            "someone": AccessEntry(
                principal_arn="arn:aws:iam::333333333333:role/someone",
                policy=AccessPolicy.CLUSTER_ADMIN,
            )
        },
    ],
    ids=["no entry", "not as admin", "another principal"],
)
def test_settings_that_would_lock_the_deploying_role_out_are_refused(
    entries: dict[str, AccessEntry],
) -> None:
    (message,) = problems(written(eks={"access_entries": entries}))

    assert message.startswith(
        f"{DEV}.cluster.eks.access_entries has no cluster administrator entry for the deploying "
        "role arn:aws:iam::333333333333:role/ekp-deploy"
    )
    assert message.endswith("add one with policy AmazonEKSClusterAdminPolicy")


def test_a_permissions_boundary_of_another_account_is_refused() -> None:
    boundary = "arn:aws:iam::999999999999:policy/ekp-boundary"

    (message,) = problems(written(permissions_boundary_arn=boundary))

    assert message == (
        f"dev.permissions_boundary_arn = '{boundary}': is in account 999999999999, the "
        "environment in 333333333333; name a policy of the environment's own account"
    )


def test_an_environment_without_an_owner_is_refused() -> None:
    (message,) = problems(written(owner=""))

    assert message.startswith("dev.owner = '': ")
    assert message.endswith("; write it down")


def test_a_name_that_would_end_in_a_construct_id_has_a_form() -> None:
    networks = {"Head Office": IPv4Network("192.0.2.0/24")}

    (message,) = problems(written(eks={"api_access": networks}))

    assert "api_access[Head Office]" in message
    assert "'^[a-z][a-z0-9-]{0,62}$'; write it in that form" in message


def test_a_deploy_role_of_another_account_is_refused() -> None:
    (message,) = problems(written(account_id="999999999999"))

    assert message == (
        "dev.deploy_role_arn = 'arn:aws:iam::333333333333:role/ekp-deploy': is in account "
        "333333333333, the environment in 999999999999; name a role of the environment's own "
        "account"
    )


@pytest.mark.parametrize(
    "cidrs",
    [("0.0.0.0/0",), ("0.0.0.0/1", "128.0.0.0/1")],
    ids=["the world", "the world in two halves"],
)
def test_an_api_open_to_the_world_is_refused(cidrs: tuple[str, ...]) -> None:
    networks = tuple(IPv4Network(cidr) for cidr in cidrs)

    found = problems(written(eks={"public_access_cidrs": networks}))

    assert len(found) == len(cidrs)
    assert found[0].startswith(f"{DEV}.cluster.eks.public_access_cidrs[0]: {cidrs[0]} is too much")


def test_an_unknown_version_is_refused_by_its_path() -> None:
    (message,) = problems(written(eks={"version": "1.99"}))

    assert message.startswith(f"{DEV}.cluster.eks.version = '1.99': Kubernetes 1.99 is not in the")


def test_a_version_past_extended_support_is_refused() -> None:
    (message,) = problems(written(eks={"version": "1.31"}), today=date(2026, 11, 27))

    assert "Kubernetes 1.31 left extended support on 2026-11-26" in message


def test_a_version_past_standard_support_is_taken_with_a_warning() -> None:
    environments, (warning,) = validate((written(eks={"version": "1.33"}),), TODAY)

    assert list(environments) == ["dev"]
    assert warning.startswith(
        f"{DEV}.cluster.eks.version = '1.33': Kubernetes 1.33 left standard support on 2026-07-29"
    )


def test_a_name_too_long_for_aws_is_refused_before_anything_is_synthesized() -> None:
    with deferred_validation():
        group = NodeGroupConfig(instance_types=("m7i.large",), min_size=1, max_size=2)
    environment = written("management", node_groups={"a" * 20: group, "general": group})

    assert problems(environment) == (
        (
            f"management.regions[eu-west-1].cluster.node_groups.{'a' * 20}: the name "
            f"'ekp-management-euw1-{'a' * 20}' has 40 characters, the service allows 36; shorten "
            "the project, the environment or the setting it is made from"
        ),
    )


def test_no_error_hides_another() -> None:
    with deferred_validation():
        same = EdgeConfig(domain="dev.ekp.example")
    dev = written(
        ownr="platform",
        account_id="999999999999",
        vpc={"zones": ("euw1-az1", "use1-az2"), "nat": "sometimes"},
        eks={"version": "1.99", "public_access_cidrs": (IPv4Network("0.0.0.0/0"),)},
    )
    prod = written("prod", edge=same, owner=7, eks={"access_entries": {}, "log_retention_days": 31})

    found = problems(dev, prod)

    assert [message.split(": ")[0].split(" names")[0].split(" has")[0] for message in found] == [
        f"{DEV}.network.vpc.nat = 'sometimes'",
        f"{DEV}.cluster.eks.public_access_cidrs[0]",
        "dev.ownr = 'platform'",
        "prod.owner = 7",
        "prod.regions[eu-west-1].cluster.eks.log_retention_days",
        "prod.regions[eu-west-1].network.vpc.cidr = 10.0.0.0/16",
        "prod.edge.domain = 'dev.ekp.example'",
        "dev.deploy_role_arn = 'arn:aws:iam::333333333333:role/ekp-deploy'",
        f"{DEV}.network.vpc.zones",
        "prod.regions[eu-west-1].cluster.eks.access_entries",
        f"{DEV}.cluster.eks.version = '1.99'",
    ]


def test_every_error_says_what_to_do() -> None:
    found = problems(written(ownr="x", cost_center=1, regions={}, account_id="1"))

    assert len(found) == 4
    assert [message for message in found if ";" not in message] == []


def test_settings_that_say_nothing_are_told_what_is_required() -> None:
    with deferred_validation():
        empty = Environment()  # type: ignore[call-arg]  # the very mistake under test

    found = problems(empty)

    assert "environment.name: this setting is required; add it" in found
    assert "environment.regions: this setting is required; add it" in found
