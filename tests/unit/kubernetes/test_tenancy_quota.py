"""A tenant takes of a cluster what its quota says, and nothing that costs beside it."""

from pathlib import Path

from modules.core.services import Service
from modules.core.tenants import Quota
from modules.kubernetes.helm import VALUES
from modules.kubernetes.tenancy.quota import defaults, quota
from modules.kubernetes.workload.pods import pod_template

import pytest
import yaml

MOST = Quota(cpu="4", memory="8Gi", pods=20)
CATALOG = Service(name="catalog", namespace="shop", image="registry.example.org/shop/catalog:1.4.2")

DISK = "ephemeral-storage"


def hard(most: Quota = MOST) -> dict[str, str]:
    found: dict[str, str] = quota("shop", most).fields["spec"]["hard"]
    return found


def limits(most: Quota = MOST) -> dict[str, dict[str, str]]:
    (found,) = defaults("shop", most).fields["spec"]["limits"]
    assert found["type"] == "Container"
    return {key: value for key, value in found.items() if key != "type"}


@pytest.mark.requirement("R34")
def test_a_namespace_takes_what_its_quota_says() -> None:
    found = hard()

    assert found["requests.cpu"] == "4"
    assert found["requests.memory"] == found["limits.memory"] == "8Gi"
    assert found["pods"] == "20"


@pytest.mark.requirement("R34")
@pytest.mark.parametrize(
    "resource",
    [
        "persistentvolumeclaims",
        "requests.storage",
        "services.loadbalancers",
        "services.nodeports",
        "count/ingresses.networking.k8s.io",
        "count/targetgroupbindings.elbv2.k8s.aws",
    ],
)
def test_a_namespace_has_none_of_what_services_need_not(resource: str) -> None:
    assert hard()[resource] == "0"


def test_a_container_that_says_nothing_fits_what_a_quota_asks_of_all() -> None:
    found = limits()

    # A quota refuses pods that do not say what it counts.
    counted = {key for key in hard() if key.startswith(("requests.", "limits."))}
    assert counted - {"requests.storage"} == {
        *(f"requests.{name}" for name in found["defaultRequest"] if name != DISK),
        *(f"limits.{name}" for name in found["default"] if name != DISK),
    }


def test_no_pod_fills_the_disk_of_its_node() -> None:
    found = limits()

    assert {key: found[key][DISK] for key in ("defaultRequest", "default", "max")} == {
        "defaultRequest": "64Mi",
        "default": "2Gi",
        "max": "10Gi",
    }
    # What a service may write for a while fits.
    (scratch,) = pod_template(CATALOG)["spec"]["volumes"]
    assert scratch["emptyDir"]["sizeLimit"] == "1Gi"


def test_no_pod_is_slowed_down_by_a_limit_of_cpu() -> None:
    # The most of an amount is the limit of a container without one.
    assert "cpu" not in limits()["default"]
    assert "cpu" not in limits()["max"]
    (container,) = pod_template(CATALOG)["spec"]["containers"]
    assert "cpu" not in container["resources"]["limits"]
    assert "limits.cpu" not in hard()


def test_services_and_the_meshs_proxy_say_what_the_quota_counts() -> None:
    proxy = yaml.safe_load((Path(VALUES) / "istiod.yaml").read_text())["global"]["proxy"]
    (container,) = pod_template(CATALOG)["spec"]["containers"]

    for resources in (proxy["resources"], container["resources"]):
        assert set(resources["requests"]) == {"cpu", "memory"}
        assert "memory" in resources["limits"]


@pytest.mark.parametrize(
    ("most", "unsaid"), [("16Gi", "128Mi"), ("128Mi", "128Mi"), ("100Mi", "100Mi")]
)
def test_what_is_not_said_is_never_over_the_most(most: str, unsaid: str) -> None:
    found = limits(Quota(memory=most))

    assert found["max"]["memory"] == most
    assert found["default"]["memory"] == found["defaultRequest"]["memory"] == unsaid
