"""The environments fit together, and what does not is refused with every error at once."""

from datetime import date
from ipaddress import IPv4Network
from itertools import combinations

from modules.aws.eks_access import AccessEntry, AccessPolicy
from modules.aws.node_group import NodeGroupConfig
from modules.core.config import deferred_validation
from modules.core.eks_addons import Addon
from modules.core.hosts import AdminTool
from modules.core.kubernetes_versions import SUPPORT
from modules.stacks.bootstrap_config import BootstrapConfig

import pytest

from environments import SettingsError, load, validate
from environments.schema import EdgeConfig, Environment
from tests.support.settings import ZONES, written

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


def test_the_sample_tenant_is_in_every_environment_for_services() -> None:
    found = {name: one.tenants for name, one in load(TODAY)[0].items()}

    assert {name: [tenant.name for tenant in tenants] for name, tenants in found.items()} == {
        "dev": ["shop"],
        "qa": ["shop"],
        "prod": ["shop"],
        "management": [],
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


def test_vault_has_no_host_while_nobody_can_sign_in_to_its_pages() -> None:
    hosts = {
        tool
        for environment in load(TODAY)[0].values()
        for settings in environment.regions.values()
        for tool in settings.platform.admin_hosts
    }

    assert AdminTool.GRAFANA in hosts
    assert AdminTool.VAULT not in hosts


def test_all_state_is_in_one_bucket_so_that_the_hub_can_read_contracts() -> None:
    environments = load(TODAY)[0]

    buckets = {getattr(e.state, "bucket", None) for e in environments.values()}

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


def test_services_that_overlap_a_network_of_any_region_are_refused_by_both_paths() -> None:
    services = IPv4Network("10.1.64.0/18")

    assert problems(written(eks={"service_cidr": services}), written("prod", vpc=OTHER)) == (
        (
            f"{DEV}.cluster.eks.service_cidr = 10.1.64.0/18: overlaps "
            "prod.regions[eu-west-1].network.vpc.cidr = 10.1.0.0/16; use a block that no network "
            "has"
        ),
    )


def test_a_network_that_overlaps_the_services_nobody_chose_is_refused_too() -> None:
    (message,) = problems(written(vpc={"cidr": IPv4Network("172.20.0.0/16")}))

    assert message == (
        f"{DEV}.cluster.eks.service_cidr = 172.20.0.0/16: overlaps {DEV}.network.vpc.cidr = "
        "172.20.0.0/16; use a block that no network has"
    )


def test_a_control_plane_in_more_zones_than_the_vpc_has_is_refused() -> None:
    assert problems(written(eks={"control_plane_zones": 3})) == (
        (
            f"{DEV}.cluster.eks.control_plane_zones = 3: the VPC has 2 zones; add zones or ask "
            "for fewer"
        ),
    )


def test_a_control_plane_may_stand_in_every_zone_of_the_vpc() -> None:
    three = written(vpc={"zones": ZONES}, eks={"control_plane_zones": 3})

    environments, warnings = validate((three,), TODAY)

    assert environments["dev"].regions["eu-west-1"].cluster.eks.control_plane_zones == 3
    assert warnings == ()


def test_the_name_of_a_zone_is_refused_once_with_how_to_find_its_id() -> None:
    (message,) = problems(written(vpc={"zones": ("euw1-az1", "euw1-az2", "eu-west-1c")}))

    assert message == (
        f"{DEV}.network.vpc.zones[2]: 'eu-west-1c' is not a zone id: names such as eu-west-1a "
        "differ between accounts; write the id, such as euw1-az1 (aws ec2 "
        "describe-availability-zones)"
    )


@pytest.mark.parametrize("zone", ["use1-az2", "euw2-az1", "euc1-az1"])
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


def test_administrators_of_another_account_are_refused() -> None:
    # The state bucket would admit them as roles of an account that they are not in.
    administrators = ("arn:aws:iam::999999999999:role/administrators",)

    (message,) = problems(written(bootstrap=BootstrapConfig(administrators=administrators)))

    assert message == (
        f"dev.bootstrap.administrators = '{administrators[0]}': is in account 999999999999, the "
        "environment in 333333333333; name a role of the environment's own account"
    )


def test_a_permissions_boundary_is_a_policy() -> None:
    role = "arn:aws:iam::333333333333:role/ekp-boundary"

    (message,) = problems(written(permissions_boundary_arn=role))

    assert message.startswith(f"dev.permissions_boundary_arn = '{role}': ")
    assert message.endswith("; write it in that form")


def test_a_text_that_aws_takes_as_no_tag_is_refused() -> None:
    (message,) = problems(written(cost_center="cc-1001 (shared)"))

    assert message.startswith("dev.cost_center = 'cc-1001 (shared)': ")
    assert message.endswith("; write it in that form")


def test_an_environment_without_an_owner_is_refused() -> None:
    (message,) = problems(written(owner=""))

    assert message.startswith("dev.owner = '': ")
    assert message.endswith("; write it down")


def test_a_name_that_would_end_in_a_construct_id_has_a_form() -> None:
    networks = {"Head Office": IPv4Network("10.9.0.0/16")}

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
    environments, warnings = validate((written(eks={"version": "1.33"}),), TODAY)

    assert list(environments) == ["dev"]
    assert warnings[0].startswith(
        f"{DEV}.cluster.eks.version = '1.33': Kubernetes 1.33 left standard support on 2026-07-29"
    )


@pytest.mark.parametrize("version", sorted({*SUPPORT} - {"1.35"}))
def test_a_minor_without_pinned_addons_is_taken_with_a_warning(version: str) -> None:
    warnings = validate((written(eks={"version": version}),), TODAY)[1]

    assert [w for w in warnings if ".addons.versions" in w] == [
        (
            f"{DEV}.cluster.addons.versions: no add-on versions are known for Kubernetes "
            f"{version}, so EKS keeps what runs or takes its default; pin them here (aws eks "
            f"describe-addon-versions --kubernetes-version {version})"
        )
    ]


def test_the_minor_whose_addons_are_pinned_gives_no_warning() -> None:
    assert validate((written(eks={"version": "1.35"}),), TODAY)[1] == ()


def test_pins_of_ones_own_end_the_warning_and_an_addon_beside_the_proxy_does_not() -> None:
    proxy = {"versions": {Addon.KUBE_PROXY: "v1.36.0-eksbuild.1"}}
    network = {"versions": {Addon.VPC_CNI: "v1.21.1-eksbuild.1"}}

    pinned = validate((written(eks={"version": "1.36"}, addons=proxy),), TODAY)[1]
    unpinned = validate((written(eks={"version": "1.36"}, addons=network),), TODAY)[1]

    assert pinned == ()
    assert len(unpinned) == 1


def test_pins_for_a_minor_nobody_knows_leave_that_to_its_own_error() -> None:
    pins = {"versions": {Addon.VPC_CNI: "v1.21.1-eksbuild.1"}}

    (message,) = problems(written(eks={"version": "1.99"}, addons=pins))

    assert message.startswith(f"{DEV}.cluster.eks.version = '1.99': ")


def test_a_name_too_long_for_aws_is_refused_before_anything_is_synthesized() -> None:
    with deferred_validation():
        group = NodeGroupConfig(instance_types=("m7i.large",), min_size=2, max_size=4)
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
        cost_center="cc-1001 (shared)",
        vpc={"zones": ("euw1-az1", "use1-az2"), "nat": "sometimes"},
        eks={
            "version": "1.99",
            "public_access_cidrs": (IPv4Network("0.0.0.0/0"),),
            "service_cidr": IPv4Network("10.0.0.0/16"),
            "control_plane_zones": 3,
        },
        addons={"versions": {Addon.VPC_CNI: "v1.21.1-eksbuild.1"}},
    )
    prod = written(
        "prod",
        edge=same,
        owner=7,
        permissions_boundary_arn="arn:aws:iam::999999999999:policy/ekp-boundary",
        eks={"access_entries": {}, "log_retention_days": 31},
    )

    found = problems(dev, prod)

    assert [message.split(": ")[0].split(" names")[0].split(" has")[0] for message in found] == [
        "dev.cost_center = 'cc-1001 (shared)'",
        f"{DEV}.network.vpc.nat = 'sometimes'",
        f"{DEV}.cluster.eks.public_access_cidrs[0]",
        "dev.ownr = 'platform'",
        "prod.owner = 7",
        "prod.regions[eu-west-1].cluster.eks.log_retention_days",
        "prod.regions[eu-west-1].network.vpc.cidr = 10.0.0.0/16",
        # Of both networks that have these addresses.
        f"{DEV}.cluster.eks.service_cidr = 10.0.0.0/16",
        f"{DEV}.cluster.eks.service_cidr = 10.0.0.0/16",
        "prod.edge.domain = 'dev.ekp.example'",
        "dev.deploy_role_arn = 'arn:aws:iam::333333333333:role/ekp-deploy'",
        "prod.permissions_boundary_arn = 'arn:aws:iam::999999999999:policy/ekp-boundary'",
        f"{DEV}.network.vpc.zones",
        f"{DEV}.cluster.eks.control_plane_zones = 3",
        "prod.regions[eu-west-1].cluster.eks.access_entries",
        f"{DEV}.cluster.eks.version = '1.99'",
    ]


def test_a_setting_left_out_is_judged_by_its_default_even_beside_another_error() -> None:
    services = {"cidr": IPv4Network("172.20.0.0/16")}

    typed, overlap = problems(written(ownr="x", vpc=services))

    assert typed.startswith("dev.ownr = 'x'")
    assert overlap.startswith(f"{DEV}.cluster.eks.service_cidr = 172.20.0.0/16: overlaps")


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
