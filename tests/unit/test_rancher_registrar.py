"""The hub's job, run for real beside a Kubernetes API on which Rancher does what it does."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from modules.core.entra import EntraApplication
from modules.core.fleet import WorkloadCluster
from modules.core.tenants import Tenant
from modules.kubernetes.rancher.desired import desired
from modules.kubernetes.rancher.names import REGISTRAR, cluster_id, project_name
from modules.kubernetes.rancher.pods import script
from modules.kubernetes.rancher.registered import Registered

import pytest

from tests.support.platform import SIGN_IN
from tests.support.rancher_api import CLUSTERS, MANAGEMENT, POD_TOKEN, World, world

DEV, PROD = "dev-eu-west-1", "prod-us-east-1"
GROUP_A = "0f8fad5b-d9cb-469f-a165-70867728950e"
GROUP_B = "1f8fad5b-d9cb-469f-a165-70867728950e"


def tenant(name: str = "shop", *viewers: str) -> Tenant:
    return Tenant.model_validate(
        {
            "name": name,
            "owner": f"{name}@example.org",
            "cost_center": "cc-1",
            "groups": {"admin": [GROUP_A], "viewer": list(viewers)},
            "environments": {"dev": {}},
        }
    )


def cluster(name: str, *tenants: Tenant) -> Registered:
    environment, _, region = name.partition("-")
    found = WorkloadCluster(
        environment=environment,
        region=region,
        account_id="111111111111",
        partition="aws",
        prefix=f"ekp-{environment}",
        cluster_name=f"ekp-{environment}-eks",
    )
    return Registered(cluster=found, tenants=tenants)


class Hub:
    """The job, its ConfigMap and what it stores."""

    def __init__(self, found: World, folder: Path) -> None:
        self.world, self.folder = found, folder
        self.api = found.api

    def settings(self, *clusters: Registered, application: EntraApplication | None = None) -> None:
        files = desired(host=self.api.host, application=application, clusters=clusters)
        files["clusters"] = "".join(
            f"{one.cluster.name} arn:aws:secretsmanager:eu-west-1:1:secret:{one.cluster.name}\n"
            for one in clusters
        )
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def run(self, code: int = 0, **changes: str) -> str:
        done = self.world.run(script("registrar"), **{"DESIRED": str(self.folder), **changes})
        assert done.returncode == code, done.stdout
        return done.stdout

    def stored(self, name: str) -> Mapping[str, str]:
        text = self.world.file(f"value.{name}")
        found: Mapping[str, str] = json.loads(text) if text else {}
        return found


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with world(tmp_path, REGISTRAR) as found:
        folder = tmp_path / "desired"
        folder.mkdir()
        made = Hub(found, folder)
        made.settings(cluster(DEV, tenant()))
        yield made


def both(hub: Hub) -> None:
    hub.settings(cluster(DEV, tenant()), cluster(PROD, tenant()))


def puts(hub: Hub) -> int:
    return hub.world.file("calls").count("put-secret-value")


@pytest.mark.requirement("R33")
def test_the_first_run_registers_every_cluster_and_stores_what_it_joins_by(hub: Hub) -> None:
    both(hub)
    hub.run()

    assert hub.api.names("clusters") == {f"{CLUSTERS}/{DEV}", f"{CLUSTERS}/{PROD}"}
    for name in (DEV, PROD):
        found = hub.stored(name)
        token = f"secret{name.replace('-', '')}"
        assert found["manifestUrl"] == (
            f"https://{hub.api.host}/v3/import/{token}_{cluster_id(name)}.yaml"
        )
        assert found["uid"] == hub.api.objects[f"{CLUSTERS}/{name}"]["metadata"]["uid"]


def test_a_cluster_is_one_that_rancher_neither_makes_nor_changes(hub: Hub) -> None:
    hub.run()

    found = hub.api.objects[f"{CLUSTERS}/{DEV}"]
    assert found["spec"] == {}
    assert found["metadata"]["annotations"]["field.cattle.io/no-creator-rbac"] == "true"


def test_a_second_run_changes_nothing(hub: Hub) -> None:
    hub.run()
    hub.api.changes.clear()
    before = puts(hub)

    said = hub.run()

    assert hub.api.changes == []
    assert puts(hub) == before == 1
    assert "nothing to do" in said


def test_a_token_that_rancher_renewed_is_stored_once(hub: Hub) -> None:
    hub.run()
    hub.api.rotate(cluster_id(DEV), "renewed")

    hub.run()
    hub.run()

    assert "/v3/import/renewed_" in hub.stored(DEV)["manifestUrl"]
    assert puts(hub) == 2


@pytest.mark.requirement("R33")
def test_a_tenant_has_a_project_that_its_groups_alone_see(hub: Hub) -> None:
    hub.settings(cluster(DEV, tenant("shop", GROUP_B)))

    hub.run()

    id_, name = cluster_id(DEV), project_name("shop")
    home = hub.api.objects[f"{MANAGEMENT}/namespaces/{id_}/projects/{name}"]
    assert home["spec"]["clusterName"] == id_
    bindings = [hub.api.objects[at] for at in hub.api.names("projectroletemplatebindings")]
    assert {one["groupPrincipalName"] for one in bindings} == {
        f"azuread_group://{GROUP_A}",
        f"azuread_group://{GROUP_B}",
    }
    for one in bindings:
        assert one["projectName"] == f"{id_}:{name}"
        assert one["metadata"]["namespace"] == f"{id_}-{name}"


def test_a_group_that_left_a_tenant_loses_its_binding_and_nobody_else_does(hub: Hub) -> None:
    hub.settings(cluster(DEV, tenant("shop", GROUP_B)), cluster(PROD, tenant("shop", GROUP_B)))
    hub.run()
    by_hand = f"{MANAGEMENT}/namespaces/{cluster_id(DEV)}-ekp-shop/projectroletemplatebindings/me"
    hub.api.objects[by_hand] = {"metadata": {"name": "me", "namespace": "x"}}
    hub.settings(cluster(DEV, tenant("shop")), cluster(PROD, tenant("shop", GROUP_B)))

    hub.run()

    left = hub.api.names("projectroletemplatebindings")
    assert by_hand in left
    groups = [hub.api.objects[at].get("groupPrincipalName", "") for at in sorted(left)]
    assert sum(GROUP_B in group for group in groups) == 1
    assert sum(GROUP_A in group for group in groups) == 2


def test_a_tenant_that_left_a_cluster_is_seen_by_nobody_there_and_its_project_stays(
    hub: Hub,
) -> None:
    both(hub)
    hub.run()
    hub.settings(cluster(DEV), cluster(PROD, tenant()))

    hub.run()

    (left,) = hub.api.names("projectroletemplatebindings")
    assert cluster_id(PROD) in left
    assert len(hub.api.names("projects")) == 2


@pytest.mark.requirement("R41")
def test_people_sign_in_through_entra_id_and_the_admins_group_administers(hub: Hub) -> None:
    hub.settings(cluster(DEV, tenant()), application=SIGN_IN)

    hub.run()

    found = hub.api.objects[f"{MANAGEMENT}/authconfigs/azuread"]
    assert found["enabled"] is True
    assert found["accessMode"] == "required"
    assert f"azuread_group://{GROUP_A}" in found["allowedPrincipalIds"]
    assert found["rancherUrl"] == f"https://{hub.api.host}/verify-auth-azure"
    assert found["applicationSecret"] == "cattle-global-data:azureadconfig-applicationsecret"
    (binding,) = (hub.api.objects[at] for at in hub.api.names("globalrolebindings"))
    assert binding["groupPrincipalName"] == f"azuread_group://{SIGN_IN.admins[0]}"
    assert binding["globalRoleName"] == "admin"


def test_an_admins_group_that_was_replaced_administers_no_longer(hub: Hub) -> None:
    hub.settings(application=SIGN_IN)
    hub.run()
    hub.settings(application=SIGN_IN.model_copy(update={"admins": (GROUP_B,)}))

    hub.run()

    (binding,) = (hub.api.objects[at] for at in hub.api.names("globalrolebindings"))
    assert binding["groupPrincipalName"] == f"azuread_group://{GROUP_B}"


def test_the_platform_s_viewers_see_every_cluster(hub: Hub) -> None:
    hub.settings(cluster(DEV), cluster(PROD), application=SIGN_IN)

    hub.run()

    bindings = [hub.api.objects[at] for at in hub.api.names("clusterroletemplatebindings")]
    assert {one["clusterName"] for one in bindings} == {cluster_id(DEV), cluster_id(PROD)}
    assert {one["roleTemplateName"] for one in bindings} == {"ekp-look"}


def test_before_rancher_runs_the_job_fails_and_an_install_does_not(hub: Hub) -> None:
    hub.api.rancher_runs = False

    assert "the API answers 404" in hub.run(1)
    assert "the cron job tries again" in hub.run(0, TOLERANT="yes")
    assert puts(hub) == 0


def test_a_cluster_that_rancher_has_not_taken_up_yet_does_not_keep_the_others(hub: Hub) -> None:
    both(hub)
    hub.run()
    hub.api.objects[f"{CLUSTERS}/{DEV}"]["status"] = {"ready": False}
    hub.api.rotate(cluster_id(PROD), "renewed")

    said = hub.run(1)

    assert f"{DEV}: Rancher has not taken it up yet" in said
    assert "renewed" in hub.stored(PROD)["manifestUrl"]


@pytest.mark.parametrize("name", [DEV, PROD])
def test_a_secret_that_cannot_be_written_fails_its_own_cluster_alone(hub: Hub, name: str) -> None:
    both(hub)
    (hub.world.folder / f"deny.{name}").touch()

    said = hub.run(1)

    assert f"{name}: cannot look at" in said
    assert hub.stored(name) == {}
    (other,) = {DEV, PROD} - {name}
    assert hub.stored(other)


def test_a_project_that_is_refused_does_not_keep_its_cluster_from_joining(hub: Hub) -> None:
    both(hub)
    hub.api.refuses.add("/projects/")

    said = hub.run(1)

    assert "cannot apply apis/management.cattle.io/v3/namespaces/c-m-" in said
    assert hub.stored(DEV)
    assert hub.stored(PROD)


def test_another_id_than_the_one_asked_for_is_told_and_used(hub: Hub) -> None:
    hub.run()
    hub.api.take_up(DEV, as_id="c-m-12345678")

    said = hub.run(1)

    assert f"{DEV}: Rancher calls it c-m-12345678 and not as it was asked to" in said
    assert hub.stored(DEV)["cluster"] == "c-m-12345678"
    assert f"{MANAGEMENT}/namespaces/c-m-12345678/projects/ekp-shop" in hub.api.objects


def test_an_address_of_another_host_is_not_stored(hub: Hub) -> None:
    hub.run()
    before = puts(hub)
    token = f"{MANAGEMENT}/namespaces/{cluster_id(DEV)}/clusterregistrationtokens/default-token"
    hub.api.objects[token]["status"]["manifestUrl"] = "https://evil.example/v3/import/{token}.yaml"

    said = hub.run(1)

    assert "Rancher gives another address" in said
    assert puts(hub) == before


@pytest.mark.parametrize("token", ["", 'x" }', "$(id)"])
def test_a_token_that_is_none_is_not_stored(hub: Hub, token: str) -> None:
    hub.run()
    hub.api.rotate(cluster_id(DEV), token)
    before = puts(hub)

    assert f"{DEV}: its token is none" in hub.run(1)
    assert puts(hub) == before


def test_no_token_is_printed_or_passed_as_an_argument(hub: Hub) -> None:
    said = hub.run() + hub.run()
    hub.api.refuses |= {"/secrets/", "/projects/"}
    said += hub.run(1)

    for secret in (POD_TOKEN, "secretdeveuwest1", "secretproduseast1"):
        assert secret not in said
        assert secret not in hub.world.file("calls")
