"""Who may get in is said once: settings that say something else are refused with what to write."""

from typing import Any

from modules.addons.argo_cd import ArgoCdConfig
from modules.addons.kubecost_aggregator import KubecostConfig
from modules.addons.kubecost_store import KubecostStoreConfig
from modules.addons.prometheus_stack import PrometheusStackConfig
from modules.aws.break_glass import BreakGlassConfig
from modules.aws.cost_report import CostReportConfig
from modules.aws.eks_access import AccessEntry, AccessPolicy, OidcIdentityProvider
from modules.core.entra import Applications, Directory, EntraApplication
from modules.stacks.management import ManagementConfig
from modules.stacks.platform_config import PlatformConfig

import pytest

from environments.identity_checks import check_identities
from environments.schema import Environment
from tests.support.platform import ADMINS, CLIENT, SIGN_IN, TENANT, VIEWERS
from tests.support.settings import written

OTHER_TENANT = "8a3c1e52-6f0b-4d3e-9a57-0c1f2b7d4eff"
DIRECTORY = Directory(
    tenant_id=TENANT,
    admins={"platform-admins": ADMINS},
    viewers={"platform-viewers": VIEWERS},
    applications=Applications(
        kubernetes="00000000-0000-0000-0000-000000000001",
        argo_cd="00000000-0000-0000-0000-000000000002",
        kubecost="00000000-0000-0000-0000-000000000003",
        rancher="00000000-0000-0000-0000-000000000004",
    ),
)
PROVIDER = OidcIdentityProvider(issuer_url=DIRECTORY.issuer, client_id=CLIENT)
STRANGE = EntraApplication(tenant_id=OTHER_TENANT, client_id=CLIENT, admins=(ADMINS,))
EKS = "dev.regions[eu-west-1].cluster.eks"


def environment(
    provider: OidcIdentityProvider | None = PROVIDER,
    *,
    eks: dict[str, Any] | None = None,
    region: dict[str, Any] | None = None,
    **changes: Any,
) -> Environment:
    found = written(eks={"identity_provider": provider, **(eks or {})})
    settings = found.regions["eu-west-1"].model_copy(update=region or {})
    update = {"directory": DIRECTORY, "regions": {"eu-west-1": settings}, **changes}
    return found.model_copy(update=update)


def messages(found: Environment) -> list[str]:
    return [finding.message for finding in check_identities([found])]


def test_settings_that_agree_are_fine() -> None:
    region = {"platform": PlatformConfig(metrics=PrometheusStackConfig(sign_in=SIGN_IN))}

    assert messages(environment(region=region)) == []


def test_an_environment_without_a_directory_is_not_judged() -> None:
    assert messages(environment(None, directory=None)) == []


@pytest.mark.requirement("R41")
def test_people_of_the_directory_can_sign_in_to_every_cluster() -> None:
    (message,) = messages(environment(None))

    assert message == (
        f"{EKS}.identity_provider: the environment has a directory, and nobody of it can sign in "
        "here; add it"
    )


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        (
            OidcIdentityProvider(issuer_url="https://login.example.org", client_id=CLIENT),
            "issuer_url = 'https://login.example.org': is not the directory's; use "
            + DIRECTORY.issuer,
        ),
        (
            OidcIdentityProvider(issuer_url=DIRECTORY.issuer, client_id=CLIENT, prefix="aad:"),
            "prefix = 'aad:': rights are given to groups with 'entra:' before them; remove it",
        ),
    ],
)
def test_a_cluster_believes_the_directory_alone(
    provider: OidcIdentityProvider, message: str
) -> None:
    assert messages(environment(provider)) == [f"{EKS}.identity_provider.{message}"]


def test_every_tool_takes_people_of_the_directory() -> None:
    hub = ManagementConfig(
        argo_cd=ArgoCdConfig(sign_in=STRANGE),
        kubecost=KubecostConfig(licensed=True, sign_in=STRANGE),
        store=KubecostStoreConfig(),
        cost_report=CostReportConfig(
            payer_account_id="999999999999",
            payer_role_arn="arn:aws:iam::999999999999:role/ekp-billing",
        ),
    )
    metrics = PrometheusStackConfig(sign_in=STRANGE)
    found = environment(region={"platform": PlatformConfig(metrics=metrics), "management": hub})

    assert [message.partition(":")[0] for message in messages(found)] == [
        f"dev.regions[eu-west-1].{tool}.sign_in.tenant_id = '{OTHER_TENANT}'"
        for tool in ("platform.metrics", "management.argo_cd", "management.kubecost")
    ]


def test_the_entry_for_emergencies_is_nobody_s_to_write() -> None:
    by_hand = AccessEntry(
        principal_arn="arn:aws:iam::333333333333:role/mine", policy=AccessPolicy.CLUSTER_ADMIN
    )
    alarm = BreakGlassConfig(alarm_emails={"security": "security@example.org"})
    entries = {"access_entries": {"break-glass": by_hand}}

    (message,) = messages(environment(eks=entries, break_glass=alarm))

    assert message == (
        f"{EKS}.access_entries[break-glass]: is made of the environment's break_glass; remove it "
        "here"
    )
    assert messages(environment(eks=entries)) == []


def test_settings_that_are_wrong_by_themselves_have_their_error_elsewhere() -> None:
    wrong = DIRECTORY.model_copy(update={"tenant_id": "platform"})

    assert messages(environment(None, directory=wrong)) == []
    assert messages(environment(regions=None)) == []
