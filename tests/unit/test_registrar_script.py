"""The registrar's script, run for real between APIs over HTTPS and a stand-in of the AWS CLI."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from modules.core.fleet import Target, WorkloadCluster

import pytest

from tests.cluster.double import certificate
from tests.support.registrar_world import HUB_TOKEN, World
from tests.support.registrar_world import world as served


def target(environment: str, account: str, *namespaces: str) -> Target:
    prefix = f"ekp-{environment}-euw1"
    return Target(
        cluster=WorkloadCluster(
            environment=environment,
            region="eu-west-1",
            account_id=account,
            partition="aws",
            prefix=prefix,
            cluster_name=f"{prefix}-eks",
        ),
        namespaces=namespaces,
    )


DEV = target("dev", "111111111111", "shop")
PROD = target("prod", "333333333333", "billing", "shop")
BOTH = {"cluster-dev-eu-west-1", "cluster-prod-eu-west-1"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with served(tmp_path, [DEV, PROD]) as found:
        yield found


@pytest.mark.requirement("R37")
def test_a_cluster_that_is_there_becomes_a_secret_as_argo_cd_reads_it(world: World) -> None:
    world.deploy(PROD)

    done = world.run()

    assert done.returncode == 0
    ((path, written),) = world.hub.patched
    assert path == (
        "/api/v1/namespaces/argocd/secrets/cluster-prod-eu-west-1"
        "?fieldManager=cluster-registrar&force=true"
    )
    assert written["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "cluster"}
    found = world.registered()["cluster-prod-eu-west-1"]
    assert found["name"] == "prod-eu-west-1"
    assert found["server"] == world.clusters["ekp-prod-euw1-eks"].url
    assert found["namespaces"] == "billing,shop"
    assert json.loads(found["config"]) == {
        "awsAuthConfig": {
            "clusterName": "ekp-prod-euw1-eks",
            "roleARN": "arn:aws:iam::333333333333:role/ekp-prod-euw1-hub",
        },
        "tlsClientConfig": {"insecure": False, "caData": world.authority},
    }


def test_clusters_that_are_not_there_yet_are_told_and_hold_nobody_up(world: World) -> None:
    world.trust(DEV)
    world.deploy(PROD)

    done = world.run()

    assert done.returncode == 0
    assert "dev-eu-west-1: EKS knows no ekp-dev-euw1-eks yet" in done.stderr
    assert {*world.registered()} == {"cluster-prod-eu-west-1"}


def test_an_account_without_the_role_is_not_there_yet_either(world: World) -> None:
    done = world.run()

    assert done.returncode == 0
    assert "dev-eu-west-1: is not there yet, or arn:aws:iam::111111111111:role/" in done.stderr
    assert world.hub.patched == []


def test_a_cluster_that_eks_still_makes_waits_for_its_address(world: World) -> None:
    world.deploy(PROD)
    world.write("eks-ekp-prod-euw1-eks", "None\tNone\n")

    done = world.run()

    assert done.returncode == 0
    assert "EKS still makes ekp-prod-euw1-eks" in done.stderr
    assert world.hub.patched == []


def test_a_namespace_is_named_once_the_role_may_deliver_there(world: World) -> None:
    world.deploy(PROD, taking=["shop"])

    done = world.run()

    assert done.returncode == 0
    assert "namespace billing takes nothing yet" in done.stderr
    assert world.registered()["cluster-prod-eu-west-1"]["namespaces"] == "shop"
    api = world.clusters["ekp-prod-euw1-eks"]
    assert {one["namespace"] for one in api.reviewed} == {"billing", "shop"}
    assert {(one["verb"], one["group"], one["resource"]) for one in api.reviewed} == {
        ("list", "argoproj.io", "rollouts")
    }


def test_a_cluster_without_a_namespace_that_takes_services_is_not_opened_as_a_whole(
    world: World,
) -> None:
    # Without namespaces Argo CD would look at all of it.
    world.deploy(PROD, taking=[])

    done = world.run()

    assert done.returncode == 0
    assert world.hub.patched == []


def test_a_cluster_that_is_made_anew_is_found_at_its_new_address(world: World) -> None:
    world.deploy(PROD)
    world.run()
    world.clusters["ekp-prod-euw1-eks"].url = world.clusters["ekp-dev-euw1-eks"].url
    world.clusters["ekp-dev-euw1-eks"].token = "token-of-ekp-prod-euw1-eks"
    world.clusters["ekp-dev-euw1-eks"].open = {"shop"}
    world.deploy(PROD)

    world.run()

    assert world.registered()["cluster-prod-eu-west-1"]["server"] == (
        world.clusters["ekp-dev-euw1-eks"].url
    )


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        ("assume", "cannot assume arn:aws:iam::333333333333:role/ekp-prod-euw1-hub"),
        ("describe", "EKS does not say where ekp-prod-euw1-eks is"),
        ("token", "no token for ekp-prod-euw1-eks"),
    ],
)
def test_what_fails_otherwise_is_an_error_with_the_reason(
    world: World, failing: str, told: str
) -> None:
    world.deploy(PROD)
    world.write(f"fail-{failing}", "Could not connect to\nthe endpoint URL")

    done = world.run()

    assert done.returncode == 1
    assert told in done.stderr
    assert "Could not connect to the endpoint URL" in done.stderr
    assert world.hub.patched == []


def test_one_that_fails_does_not_keep_the_others_back(world: World) -> None:
    world.deploy(DEV)
    world.deploy(PROD)
    world.clusters["ekp-dev-euw1-eks"].status = 503

    done = world.run()

    assert done.returncode == 1
    assert "dev-eu-west-1: its API at https://127.0.0.1" in done.stderr
    assert {*world.registered()} == {"cluster-prod-eu-west-1"}


def test_a_hub_whose_api_refuses_the_secret_is_an_error(world: World) -> None:
    world.deploy(DEV)
    world.hub.status = 403

    done = world.run()

    assert done.returncode == 1
    assert "cannot write the Secret cluster-dev-eu-west-1" in done.stderr


def test_an_api_with_another_certificate_than_eks_names_gets_no_token(
    world: World, tmp_path: Path
) -> None:
    world.deploy(PROD)
    (tmp_path / "other").mkdir()
    other = base64.b64encode(certificate(tmp_path / "other").encode()).decode()
    url = world.clusters["ekp-prod-euw1-eks"].url
    world.write("eks-ekp-prod-euw1-eks", f"{url}\t{other}\n")

    done = world.run()

    assert done.returncode == 1
    assert "certificate" in done.stderr
    assert world.clusters["ekp-prod-euw1-eks"].reviewed == []


def test_each_cluster_is_asked_with_the_keys_of_its_own_role(world: World) -> None:
    world.deploy(DEV)
    world.deploy(PROD)

    done = world.run()

    # The stand-in knows a cluster only with its role's keys.
    assert done.returncode == 0
    assert {*world.registered()} == BOTH


def test_no_secret_is_printed_passed_as_an_argument_or_left_behind(
    world: World, tmp_path: Path
) -> None:
    world.deploy(DEV)
    world.deploy(PROD)
    before = {*tmp_path.iterdir()}

    done = world.run()

    assert "curl" in world.calls
    for secret in (HUB_TOKEN, "secret-key-77", "session-88", "token-of-ekp-prod-euw1-eks"):
        assert secret not in done.stdout + done.stderr + world.calls
    assert {*tmp_path.iterdir()} == before


def test_a_second_run_writes_the_same(world: World) -> None:
    world.deploy(PROD)

    world.run()
    world.run()

    first, second = world.hub.patched
    assert first == second
