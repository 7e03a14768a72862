"""Ways from Git that leave a region out, or that no Argo CD would go, are refused."""

from datetime import date
from ipaddress import IPv4Network
from typing import Any

from modules.addons.argo_cd import ArgoCdConfig
from modules.core.config import deferred_validation
from modules.core.gitops import Delivery, GitRepository, Sync
from modules.core.hosts import AdminTool
from modules.stacks.management import ManagementConfig
from modules.stacks.platform_config import PlatformConfig

import pytest

from environments import SettingsError, validate
from environments.schema import Environment, RegionSettings
from tests.support.platform import SIGN_IN
from tests.support.settings import written

TODAY = date(2026, 11, 21)
REPOSITORY = GitRepository(url="https://git.example.org/shop/services.git")


def admits(region: RegionSettings, network: IPv4Network) -> RegionSettings:
    """Return a region whose cluster lets a network in."""
    eks = region.cluster.eks.model_copy(update={"api_access": {"hub": network}})
    return region.model_copy(update={"cluster": region.cluster.model_copy(update={"eks": eks})})


def delivered(*waves: tuple[str, ...], **changes: Any) -> Environment:
    """Return production in two regions, whose services come by these waves."""
    found: dict[str, RegionSettings] = {}
    for number, region in enumerate(("eu-west-1", "us-east-1")):
        vpc = {"cidr": IPv4Network(f"10.{10 + number}.0.0/16")}
        one = written("prod", region=region, vpc=vpc).regions[region]
        found[region] = admits(one, IPv4Network("10.60.0.0/16"))
    with deferred_validation():
        delivery = Delivery(repository=REPOSITORY, sync=Sync.WAVES, waves=waves)
    settings: dict[str, Any] = {"regions": found, "delivery": delivery}
    return written("prod", **settings | changes)


def hub(*, progressive_syncs: bool = True) -> Environment:
    """Return the management environment."""
    account = "444444444444"
    vpc = {"cidr": IPv4Network("10.60.0.0/16")}
    one = written("management", account=account, vpc=vpc).regions["eu-west-1"]
    with deferred_validation():
        region = RegionSettings(
            network=one.network,
            cluster=one.cluster,
            platform=PlatformConfig(
                admin_hosts={
                    AdminTool.ARGO_CD: "argocd.management.ekp.example",
                    AdminTool.RANCHER: "rancher.management.ekp.example",
                }
            ),
            management=ManagementConfig(
                argo_cd=ArgoCdConfig(sign_in=SIGN_IN, progressive_syncs=progressive_syncs)
            ),
        )
    return written("management", account=account, regions={"eu-west-1": region})


def problems(*environments: Environment) -> tuple[str, ...]:
    """Return what is wrong with the environments."""
    with pytest.raises(SettingsError) as raised:
        validate(environments, TODAY)
    return raised.value.problems


@pytest.mark.requirement("R20")
def test_waves_over_all_regions_are_taken_by_a_hub_that_takes_steps() -> None:
    found, warnings = validate((delivered(("us-east-1",), ("eu-west-1",)), hub()), TODAY)

    assert set(found) == {"prod", "management"}
    assert warnings == ()


@pytest.mark.requirement("R20")
def test_a_region_in_no_wave_is_refused() -> None:
    assert problems(delivered(("us-east-1",)), hub()) == (
        (
            "prod.delivery.waves = us-east-1 lacks eu-west-1, which would get no commit; add it to "
            "a wave"
        ),
    )


def test_a_wave_of_a_region_that_is_none_is_refused() -> None:
    waves = (("us-east-1",), ("eu-west-1", "eu-central-1"))

    assert problems(delivered(*waves), hub()) == (
        (
            "prod.delivery.waves = us-east-1, then eu-west-1 and eu-central-1 names eu-central-1, "
            "which is no region of the environment; use eu-west-1, us-east-1"
        ),
    )


@pytest.mark.requirement("R20")
def test_waves_on_a_hub_that_takes_no_steps_would_be_one() -> None:
    found = problems(delivered(("us-east-1",), ("eu-west-1",)), hub(progressive_syncs=False))

    assert found == (
        (
            "prod.delivery.sync = 'waves': management.regions[eu-west-1].management.argo_cd."
            "progressive_syncs is off, and all regions would change at once; set it to True"
        ),
    )


def test_a_delivery_without_steps_asks_the_hub_for_none() -> None:
    with deferred_validation():
        at_once = Delivery(repository=REPOSITORY, sync=Sync.AUTOMATED)

    found = validate((delivered(delivery=at_once), hub(progressive_syncs=False)), TODAY)

    assert found[1] == ()


def test_a_delivery_without_a_hub_is_refused() -> None:
    assert problems(delivered(("us-east-1",), ("eu-west-1",))) == (
        "prod.delivery: no environment has management, so there is no Argo CD; remove it",
    )


def test_a_hub_whose_own_settings_are_wrong_is_a_hub_all_the_same() -> None:
    found = problems(delivered(("us-east-1",)), hub().model_copy(update={"owner": 7}))

    assert [message.partition(":")[0].partition(" lacks")[0] for message in found] == [
        "management.owner = 7",
        "prod.delivery.waves = us-east-1",
    ]


def test_regions_that_are_no_mapping_hide_nothing_else() -> None:
    found = problems(delivered(("us-east-1",)), hub(), written("qa", regions=("eu-west-1",)))

    assert [message.partition(" = ")[0] for message in found] == [
        "qa.regions",
        "prod.delivery.waves",
    ]


@pytest.mark.requirement("R37")
def test_a_cluster_that_does_not_let_the_hubs_network_in_is_refused() -> None:
    waves = (("eu-west-1",), ("us-east-1",))
    found = delivered(*waves)
    narrow = admits(found.regions["us-east-1"], IPv4Network("10.60.0.0/24"))
    regions = {**found.regions, "us-east-1": narrow}

    (told,) = problems(found.model_copy(update={"regions": regions}), hub())

    assert told.startswith("prod.regions[us-east-1].cluster.eks.api_access lets 10.60.0.0/16 in")
    assert "add 'management-vpc': 10.60.0.0/16, and a route" in told
